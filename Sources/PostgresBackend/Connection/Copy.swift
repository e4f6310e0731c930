import CVitalsLibPQ
public import SQLDatabase

/// Takes the rows of a COPY … FROM STDIN.
public final class PostgresCopyWriter {
    private static let chunk = 64 * 1024

    private let channel: Channel
    private let exchange: CopyInExchange
    private var buffer: [UInt8] = []

    init(channel: Channel, exchange: CopyInExchange) {
        self.channel = channel
        self.exchange = exchange
        buffer.reserveCapacity(Self.chunk + 4096)
    }

    /// Adds one row, in COPY's text format, which is the default.
    public func write(_ values: [SQLValue]) async throws {
        for (index, value) in values.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: "\t")) }
            CopyText.append(value, to: &buffer)
        }
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.chunk { try await flush() }
    }

    /// Adds bytes that are in the format the statement names already.
    public func write(bytes: some Sequence<UInt8>) async throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.chunk { try await flush() }
    }

    private func flush() async throws {
        swap(&exchange.chunk, &buffer)
        buffer.removeAll(keepingCapacity: true)
        try await channel.proceed(exchange)
    }

    func finish(refusal: String? = nil) async throws {
        if refusal == nil { exchange.chunk = buffer }
        exchange.isLast = true
        exchange.refusal = refusal
        try await channel.proceed(exchange)
    }
}

/// The bytes of a COPY … TO STDOUT, in chunks that end with a row. Read once, by one task.
public struct PostgresCopyChunks: AsyncSequence, Sendable {
    /// Some rows.
    public typealias Element = [UInt8]

    let channel: Channel
    let exchange: CopyOutExchange

    /// Reads the chunks.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(channel: channel, exchange: exchange) }

    /// Reads the chunks.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let channel: Channel
        let exchange: CopyOutExchange

        /// The next chunk; `nil` after the last.
        public mutating func next() async throws -> [UInt8]? {
            while true {
                let bytes = exchange.takeBytes()
                if !bytes.isEmpty { return bytes }
                if exchange.isOver {
                    if let result = exchange.takeResult() { _ = try PostgresResult(consuming: result, shape: nil) }
                    return nil
                }
                try await channel.proceed(exchange)
            }
        }
    }
}

extension PostgresConnection {
    /// Sends rows with COPY, the fastest way in.
    ///
    /// ```swift
    /// let count = try await connection.copyIn("COPY patients (id, name) FROM STDIN") { writer in
    ///     for patient in patients { try await writer.write([patient.id.sqlValue, patient.name.sqlValue]) }
    /// }
    /// ```
    /// - Parameters:
    ///   - statement: `COPY … FROM STDIN`. Text of the program's own, never input.
    ///   - timeout: How long all may take; no limit of the client's own by default.
    ///   - body: Writes the rows. When it throws, nothing is kept.
    /// - Returns: How many rows the server took.
    @discardableResult
    public func copyIn(
        _ statement: String, timeout: Duration? = nil, _ body: (PostgresCopyWriter) async throws -> Void
    ) async throws -> Int {
        let observation = observe(statement)
        do {
            let count = try await sendCopy(statement, timeout: timeout, body)
            observation?.end(rows: count)
            return count
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    private func sendCopy(
        _ statement: String, timeout: Duration?, _ body: (PostgresCopyWriter) async throws -> Void
    ) async throws -> Int {
        let exchange = CopyInExchange(statement)
        if let timeout { exchange.deadline = deadline(timeout) }
        try await channel.perform(exchange)
        if !exchange.isOver {
            let writer = PostgresCopyWriter(channel: channel, exchange: exchange)
            do {
                try await body(writer)
            } catch {
                if !Task.isCancelled { _ = try? await writer.finish(refusal: "the client gave up") }
                if !exchange.isOver { channel.discard(exchange) }
                throw error
            }
            try await writer.finish()
        }
        guard let result = exchange.takeResult() else {
            throw PostgresError(.protocolViolation, "the server sent no result: is it a COPY … FROM STDIN?")
        }
        return try PostgresResult(consuming: result, shape: nil).count
    }

    /// Receives rows with COPY, the fastest way out.
    /// - Parameters:
    ///   - statement: `COPY … TO STDOUT`. Text of the program's own, never input.
    ///   - timeout: How long all may take; no limit of the client's own by default.
    ///   - body: Reads the chunks. When it returns before the last, the statement is cancelled on the server.
    public func copyOut<Result>(
        _ statement: String, timeout: Duration? = nil, _ body: (PostgresCopyChunks) async throws -> Result
    ) async throws -> Result {
        let observation = observe(statement)
        do {
            let exchange = CopyOutExchange(statement)
            if let timeout { exchange.deadline = deadline(timeout) }
            try await channel.perform(exchange)
            defer { if !exchange.isOver { channel.discard(exchange) } }
            let result = try await body(PostgresCopyChunks(channel: channel, exchange: exchange))
            observation?.end(rows: 0)
            return result
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }
}
