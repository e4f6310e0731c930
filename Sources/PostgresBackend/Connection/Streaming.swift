public import SQLDatabase

/// The rows of a statement, as they come from the server. Read once, by one iterator in one task, within the closure that
/// they are lent to; everything else is refused with ``PostgresError/Code/notSupported``.
public struct PostgresRows: AsyncSequence, Sendable {
    /// One row.
    public typealias Element = SQLRow

    let result: LentResult<StreamExchange>

    /// Reads the rows.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(result) }

    /// Reads the rows.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let result: LentResult<StreamExchange>
        private var rows: [SQLRow] = []
        private var position = 0
        private var parts = 0

        init(_ result: LentResult<StreamExchange>) { self.result = result }

        /// The next row; `nil` after the last.
        public mutating func next() async throws -> SQLRow? {
            try result.checkOpen()
            if position == rows.count {
                guard let more = try await result.next(after: &parts) else { return nil }
                rows = more
                position = 0
            }
            defer { position += 1 }
            return rows[position]
        }
    }
}

extension PostgresConnection {
    /// Runs one statement and lends its rows one by one, so that a result of any size takes little memory. The server
    /// waits when the body is slow; no other statement may use this connection until the body has returned.
    ///
    /// ```swift
    /// try await connection.withRows(of: "SELECT * FROM observations") { rows in
    ///     for try await row in rows { … }
    /// }
    /// ```
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: How long all may take, the body included; no limit by default, whatever the configured one.
    ///   - body: Reads the rows. When it returns before the last, a statement that only reads is canceled on the server,
    ///     and what functions that it called may have written is undone; one that writes runs to its end. A transaction
    ///     that is open goes on.
    /// - Throws: What the body throws, and the statement's ``PostgresError``, even if no row is read. When the body throws,
    ///   the statement is canceled; whether one that writes took effect is certain only inside a transaction.
    nonisolated(nonsending) public func withRows<Result>(
        of query: SQLQuery, timeout: Duration? = nil,
        _ body: nonisolated(nonsending) (PostgresRows) async throws -> Result
    ) async throws -> Result {
        if let defect = query.defect { throw defect }
        let observation = observe(query.sql)
        let limit = timeout ?? .unlimited
        let exchange = StreamExchange(query)
        do {
            limits.apply(limit, to: exchange, sql: query.sql)
            exchange.loan = loan
            try await session.perform(exchange)
            let rows = LentResult(exchange, session)
            let result = try await rows.lend { try await body(PostgresRows(result: rows)) }
            observation?.end(rows: exchange.rowsTaken)
            return result
        } catch {
            observation?.end(rows: exchange.rowsTaken, error: error)
            throw error
        }
    }
}
