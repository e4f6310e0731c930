public import SQLDatabase

/// The rows of a statement, as they come from the server. Read once, by one task.
public struct PostgresRows: AsyncSequence, Sendable {
    /// One row.
    public typealias Element = SQLRow

    let session: PostgresSession
    let exchange: StreamExchange

    /// Reads the rows.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(session: session, exchange: exchange) }

    /// Reads the rows.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let session: PostgresSession
        let exchange: StreamExchange
        private var rows: [SQLRow] = []
        private var position = 0

        init(session: PostgresSession, exchange: StreamExchange) {
            self.session = session
            self.exchange = exchange
        }

        /// The next row; `nil` after the last.
        public mutating func next() async throws -> SQLRow? {
            while position == rows.count {
                rows = try exchange.takeRows()
                position = 0
                if !rows.isEmpty { break }
                if exchange.isOver {
                    exchange.hasThrown = exchange.error != nil
                    if let error = exchange.error { throw exchange.thrown(error) }
                    return nil
                }
                try await session.proceed(exchange)
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
        let exchange = StreamExchange(query, timeLimit: limits.serverLimit(limit))
        do {
            exchange.deadline = limits.deadline(limit)
            exchange.loan = loan
            try await session.perform(exchange)
            defer { if !exchange.isOver { session.discard(exchange) } }
            let result = try await body(PostgresRows(session: session, exchange: exchange))
            if !exchange.isOver, exchange.discardRest() {
                while !exchange.isOver { try await session.proceed(exchange) }
            }
            if let error = exchange.error, exchange.isOver, !exchange.hasThrown { throw exchange.thrown(error) }
            observation?.end(rows: exchange.rowsTaken)
            return result
        } catch {
            observation?.end(rows: exchange.rowsTaken, error: error)
            throw error
        }
    }
}
