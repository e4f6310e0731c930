public import SQLDatabase

/// Takes the rows of a COPY … FROM STDIN.
public final class PostgresCopyWriter {
    private static let chunk = 64 * 1024

    private let session: PostgresSession
    private let exchange: CopyInExchange
    private var buffer: [UInt8] = []

    init(session: PostgresSession, exchange: CopyInExchange) {
        self.session = session
        self.exchange = exchange
        buffer.reserveCapacity(Self.chunk + 4096)
    }

    /// Adds one row, in COPY's text format, which is the default.
    nonisolated(nonsending) public func write(_ values: [SQLValue]) async throws {
        let start = buffer.count
        for (index, value) in values.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: "\t")) }
            CopyText.append(value, to: &buffer)
        }
        guard !buffer[start...].contains(0) else {
            buffer.removeSubrange(start...)
            throw PostgresError.nulInText("a value of the row")
        }
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.chunk { try await flush() }
    }

    /// Adds bytes that are in the format the statement names already.
    nonisolated(nonsending) public func write(bytes: some Sequence<UInt8>) async throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.chunk { try await flush() }
    }

    nonisolated(nonsending) private func flush() async throws {
        swap(&exchange.chunk, &buffer)
        buffer.removeAll(keepingCapacity: true)
        try await session.proceed(exchange)
    }

    nonisolated(nonsending) func finish(refusal: String? = nil) async throws {
        if refusal == nil { exchange.chunk = buffer }
        exchange.isLast = true
        exchange.refusal = refusal
        try await session.proceed(exchange)
    }
}

/// The bytes of a COPY … TO STDOUT, in chunks that end with a row. Read once, by one task.
public struct PostgresCopyChunks: AsyncSequence, Sendable {
    /// Some rows.
    public typealias Element = [UInt8]

    let session: PostgresSession
    let exchange: CopyOutExchange

    /// Reads the chunks.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(session: session, exchange: exchange) }

    /// Reads the chunks.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let session: PostgresSession
        let exchange: CopyOutExchange

        /// The next chunk; `nil` after the last.
        public mutating func next() async throws -> [UInt8]? {
            while true {
                let bytes = exchange.takeBytes()
                if !bytes.isEmpty { return bytes }
                if exchange.isOver {
                    exchange.hasThrown = exchange.error != nil
                    if let error = exchange.error { throw exchange.thrown(error) }
                    return nil
                }
                try await session.proceed(exchange)
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
    ///   - timeout: How long all may take; no limit by default, whatever the configured one.
    ///   - body: Writes the rows. When it throws, nothing is kept.
    /// - Returns: How many rows the server took.
    @discardableResult
    nonisolated(nonsending) public func copyIn(
        _ statement: String, timeout: Duration? = nil,
        _ body: nonisolated(nonsending) (PostgresCopyWriter) async throws -> Void
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

    nonisolated(nonsending) private func sendCopy(
        _ statement: String, timeout: Duration?,
        _ body: nonisolated(nonsending) (PostgresCopyWriter) async throws -> Void
    ) async throws -> Int {
        let limit = timeout ?? .unlimited
        let exchange = CopyInExchange(
            statement, timeLimit: limits.serverLimit(limit), savepointName: "vitals_\(session.nextSavepoint())")
        exchange.deadline = limits.deadline(limit)
        exchange.loan = loan
        try await session.perform(exchange)
        if !exchange.isOver {
            let writer = PostgresCopyWriter(session: session, exchange: exchange)
            do {
                try await body(writer)
            } catch {
                if !Task.isCancelled { _ = try? await writer.finish(refusal: "the client gave up") }
                if !exchange.isOver { session.discard(exchange) }
                throw error
            }
            try await writer.finish()
        }
        return try exchange.result().count
    }

    /// Receives rows with COPY, the fastest way out.
    /// - Parameters:
    ///   - statement: `COPY … TO STDOUT`. Text of the program's own, never input.
    ///   - timeout: How long all may take; no limit by default, whatever the configured one.
    ///   - body: Reads the chunks. When it returns before the last, a statement that only reads is canceled on the
    ///     server, and one that writes runs to its end; a transaction that is open goes on.
    /// - Throws: What the body throws, and the statement's ``PostgresError``, read or not.
    nonisolated(nonsending) public func copyOut<Result>(
        _ statement: String, timeout: Duration? = nil,
        _ body: nonisolated(nonsending) (PostgresCopyChunks) async throws -> Result
    ) async throws -> Result {
        let observation = observe(statement)
        do {
            let limit = timeout ?? .unlimited
            let exchange = CopyOutExchange(
                statement, timeLimit: limits.serverLimit(limit), savepointName: "vitals_\(session.nextSavepoint())")
            exchange.deadline = limits.deadline(limit)
            exchange.loan = loan
            try await session.perform(exchange)
            defer { if !exchange.isOver { session.discard(exchange) } }
            let result = try await body(PostgresCopyChunks(session: session, exchange: exchange))
            if !exchange.isOver, exchange.discardRest() {
                while !exchange.isOver { try await session.proceed(exchange) }
            }
            if exchange.isOver, !exchange.hasThrown { _ = try exchange.result() }
            observation?.end(rows: 0)
            return result
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }
}
