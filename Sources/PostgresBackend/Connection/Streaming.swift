public import SQLDatabase

/// The rows of a statement, as they come from the server. Read once, by one task.
public struct PostgresRows: AsyncSequence, Sendable {
    /// One row.
    public typealias Element = SQLRow

    let channel: Channel
    let exchange: StreamExchange

    /// Reads the rows.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(channel: channel, exchange: exchange) }

    /// Reads the rows.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let channel: Channel
        let exchange: StreamExchange
        private var rows: [SQLRow] = []
        private var position = 0

        init(channel: Channel, exchange: StreamExchange) {
            self.channel = channel
            self.exchange = exchange
        }

        /// The next row; `nil` after the last.
        public mutating func next() async throws -> SQLRow? {
            while position == rows.count {
                rows = try exchange.takeRows()
                position = 0
                if !rows.isEmpty { break }
                if exchange.isOver { return nil }
                try await channel.proceed(exchange)
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
    ///   - query: The statement. It runs under the server's `statement_timeout`, which counts the time the server waits
    ///     for a slow body as well.
    ///   - timeout: How long all may take; no limit of the client's own by default.
    ///   - body: Reads the rows. When it returns before the last, the statement is cancelled on the server.
    public func withRows<Result>(
        of query: SQLQuery, timeout: Duration? = nil, _ body: (PostgresRows) async throws -> Result
    ) async throws -> Result {
        let observation = observe(query.sql)
        let exchange = StreamExchange(query, session: session)
        do {
            if let timeout { exchange.deadline = deadline(timeout) }
            try await channel.perform(exchange)
            defer { if !exchange.isOver { channel.discard(exchange) } }
            let result = try await body(PostgresRows(channel: channel, exchange: exchange))
            observation?.end(rows: exchange.rowsTaken)
            return result
        } catch {
            observation?.end(rows: exchange.rowsTaken, error: error)
            throw error
        }
    }
}
