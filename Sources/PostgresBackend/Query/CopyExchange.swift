import CVitalsLibPQ

/// COPY … FROM STDIN: pauses whenever it can take more bytes.
final class CopyInExchange: Exchange, @unchecked Sendable {  // As its superclass.
    private enum Phase { case opening, writing, ending }

    private let sql: String
    private var phase = Phase.opening
    /// What the holder gives next; empty and `isLast` for the end.
    var chunk: [UInt8] = []
    var isLast = false
    /// Why the holder gives up, if so.
    var refusal: String?
    private(set) var result: OpaquePointer?
    private(set) var isOver = false

    init(_ sql: String) { self.sql = sql }

    deinit { if let result { PQclear(result) } }

    /// Hands over the final result, to be cleared.
    func takeResult() -> OpaquePointer? {
        defer { result = nil }
        return result
    }

    override func send(_ wire: OpaquePointer) throws(PostgresError) {
        guard PQsendQuery(wire, sql) == 1 else { throw .lost(wire) }
    }

    override func receive(_ result: OpaquePointer?, _ wire: OpaquePointer) -> Progress {
        guard let result else {
            // Abandoned between two pauses, it has not come to its end: the holder is told why when it goes on.
            if !isAbandoned { isOver = true }
            return .over
        }
        if PQresultStatus(result) == PGRES_COPY_IN {
            PQclear(result)
            phase = .writing
            if isAbandoned {
                close(wire, "cancelled")
                return .more
            }
            return .pause
        }
        if isAbandoned || self.result != nil { PQclear(result) } else { self.result = result }
        return .more
    }

    override func pump(_ wire: OpaquePointer) -> Progress {
        guard phase == .writing, !isAbandoned else { return super.pump(wire) }
        // Bytes that the kernel does not take yet stay with libpq; more are asked for when they are gone.
        return PQflush(wire) == 1 ? .wait : .pause
    }

    override func proceed(_ wire: OpaquePointer) {
        guard phase == .writing else { return }
        if !chunk.isEmpty {
            let sent = chunk.withUnsafeBytes { bytes in
                PQputCopyData(
                    wire, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: bytes.count))
            }
            if sent < 0 { return close(wire, "the connection does not take the data") }
            chunk.removeAll(keepingCapacity: true)
        }
        if isLast || refusal != nil { close(wire, refusal) }
    }

    private func close(_ wire: OpaquePointer, _ reason: String?) {
        _ = PQputCopyEnd(wire, reason)
        phase = .ending
    }

    override func abandon(_ wire: OpaquePointer) -> Abandonment {
        guard phase == .writing else { return .cancel }
        close(wire, "cancelled")
        return .drain
    }
}

/// COPY … TO STDOUT: pauses with what has come.
final class CopyOutExchange: Exchange, @unchecked Sendable {  // As its superclass.
    private static let most = 256 * 1024

    private let sql: String
    private var isCopying = false
    private var bytes: [UInt8] = []
    private var result: OpaquePointer?
    private(set) var isOver = false

    init(_ sql: String) { self.sql = sql }

    deinit { if let result { PQclear(result) } }

    /// Hands over the final result, to be cleared.
    func takeResult() -> OpaquePointer? {
        defer { result = nil }
        return result
    }

    /// The bytes that have come.
    func takeBytes() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    override func send(_ wire: OpaquePointer) throws(PostgresError) {
        guard PQsendQuery(wire, sql) == 1 else { throw .lost(wire) }
    }

    override func pump(_ wire: OpaquePointer) -> Progress {
        while isCopying {
            var row: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(wire, &row, 1)
            if count == 0 { return bytes.isEmpty || isAbandoned ? .wait : .pause }
            if count < 0 {
                isCopying = false
                break
            }
            if !isAbandoned { bytes.append(contentsOf: UnsafeRawBufferPointer(start: row, count: Int(count))) }
            PQfreemem(row)
            if bytes.count >= Self.most { return .pause }
        }
        return super.pump(wire)
    }

    override func receive(_ result: OpaquePointer?, _ wire: OpaquePointer) -> Progress {
        guard let result else {
            // Abandoned between two pauses, it has not come to its end: the holder is told why when it goes on.
            if !isAbandoned { isOver = true }
            return .over
        }
        if PQresultStatus(result) == PGRES_COPY_OUT {
            PQclear(result)
            isCopying = true
            return pump(wire)
        }
        if isAbandoned || self.result != nil { PQclear(result) } else { self.result = result }
        return .more
    }
}
