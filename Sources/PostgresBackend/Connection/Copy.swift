public import SQLDatabase

/// Takes the rows of a COPY … FROM STDIN, within the closure that it is lent to; afterwards it refuses them.
public final class PostgresCopyWriter {
    private static let chunk = 64 * 1024

    private let session: PostgresSession
    private let exchange: CopyInExchange
    private var buffer: [UInt8] = []
    private var isClosed = false

    init(session: PostgresSession, exchange: CopyInExchange) {
        self.session = session
        self.exchange = exchange
        buffer.reserveCapacity(Self.chunk + 4096)
    }

    /// Adds one row, in COPY's text format, which is the default.
    ///
    /// Refused where an option of the statement may change the format, such as `NULL`, `DELIMITER`, `ENCODING` or
    /// `FORMAT csv`: for those use ``write(bytes:)``.
    nonisolated(nonsending) public func write(_ values: [SQLValue]) async throws {
        try checkOpen()
        guard exchange.takesRows else {
            throw PostgresError(
                .notSupported,
                "write takes values for COPY's text format, which an option of the COPY statement may change: leave the "
                    + "option out, or write the bytes of a row with write(bytes:)")
        }
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
        try checkOpen()
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.chunk { try await flush() }
    }

    /// Sends what there is. Throws when the COPY is over, as often as it is asked.
    nonisolated(nonsending) private func flush() async throws {
        if !exchange.isOver {
            swap(&exchange.chunk, &buffer)
            buffer.removeAll(keepingCapacity: true)
            try await session.proceed(exchange)
        }
        guard exchange.isOver else { return }
        buffer.removeAll()
        throw exchange.failure
            ?? PostgresError(.protocolViolation, "the server ended the COPY before its last row", outcome: .unknown)
    }

    private func checkOpen() throws {
        guard isClosed else { return }
        throw PostgresError(
            .notSupported,
            "the writer of a COPY was used after the closure that it was lent to had returned: write within the closure",
            outcome: .notApplied)
    }

    /// Refuses further rows.
    func close() { isClosed = true }

    nonisolated(nonsending) func finish(refusal: String? = nil) async throws {
        if exchange.isOver { return }
        if refusal == nil { exchange.chunk = buffer }
        exchange.isLast = true
        exchange.refusal = refusal
        try await session.proceed(exchange)
    }
}

/// The bytes of a COPY … TO STDOUT, in chunks that end with a row. Read once, by one iterator in one task, within the
/// closure that they are lent to; everything else is refused with ``PostgresError/Code/notSupported``.
public struct PostgresCopyChunks: AsyncSequence, Sendable {
    /// Some rows.
    public typealias Element = [UInt8]

    let result: LentResult<CopyOutExchange>

    /// Reads the chunks.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(result) }

    /// Reads the chunks.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let result: LentResult<CopyOutExchange>
        private var parts = 0

        init(_ result: LentResult<CopyOutExchange>) { self.result = result }

        /// The next chunk; `nil` after the last.
        public mutating func next() async throws -> [UInt8]? { try await result.next(after: &parts) }
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
        let exchange = CopyInExchange(statement, savepointName: "vitals_\(session.nextSavepoint())")
        limits.apply(limit, to: exchange)
        exchange.loan = loan
        try await session.perform(exchange)
        if !exchange.isOver {
            let writer = PostgresCopyWriter(session: session, exchange: exchange)
            do {
                try await body(writer)
                writer.close()
            } catch {
                writer.close()
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
            let exchange = CopyOutExchange(statement, savepointName: "vitals_\(session.nextSavepoint())")
            limits.apply(limit, to: exchange)
            exchange.loan = loan
            try await session.perform(exchange)
            let chunks = LentResult(exchange, session)
            let result = try await chunks.lend { try await body(PostgresCopyChunks(result: chunks)) }
            observation?.end(rows: 0)
            return result
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }
}
