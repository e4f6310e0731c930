public import SQLDatabase

extension PostgresConnection {
    /// Runs statements in one round trip, as one transaction unless one is open already: either all take effect or none.
    ///
    /// ```swift
    /// let results = try await connection.pipeline([
    ///     "DELETE FROM jobs WHERE id = ANY(\(SQLArray(done)))",
    ///     "UPDATE jobs SET state = 'running' WHERE … RETURNING id",
    /// ])
    /// let claimed = results[1].rows
    /// ```
    /// - Parameters:
    ///   - queries: Any number; `BEGIN` and `COMMIT` do not belong among them.
    ///   - timeout: How long all may take together; the configuration's limit when `nil`.
    ///   - prepared: Whether to keep the statements prepared for the next time.
    /// - Returns: A result for each statement, in their order.
    /// - Throws: The first statement's ``PostgresError``.
    public func pipeline(
        _ queries: [SQLQuery], timeout: Duration? = nil, prepared: Bool = true
    ) async throws -> [PostgresResult] {
        guard let first = queries.first else { return [] }
        let observation = observe(first.sql, statements: queries.count)
        do {
            var mayRepeat = transactionStatus == .idle
            while true {
                let exchange = try await exchange(queries, timeout: timeout, prepared: prepared, syncsEach: false)
                if mayRepeat, exchange.hasStalePart {
                    mayRepeat = false
                    continue
                }
                let results = try queries.indices.map { index throws(PostgresError) in try take(index, of: exchange) }
                observation?.end(rows: results.reduce(0) { $0 + $1.count })
                return results
            }
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    /// Runs statements in one round trip, each for itself: one that fails leaves the others alone.
    /// - Parameters:
    ///   - queries: Any number.
    ///   - timeout: How long all may take together; the configuration's limit when `nil`.
    ///   - prepared: Whether to keep the statements prepared for the next time.
    /// - Returns: A result or an error for each statement, in their order.
    public func batch(
        _ queries: [SQLQuery], timeout: Duration? = nil, prepared: Bool = true
    ) async throws -> [Result<PostgresResult, PostgresError>] {
        guard let first = queries.first else { return [] }
        let observation = observe(first.sql, statements: queries.count)
        do {
            let exchange = try await exchange(queries, timeout: timeout, prepared: prepared, syncsEach: true)
            let results = queries.indices.map { index in
                Result { () throws(PostgresError) in try take(index, of: exchange) }
            }
            observation?.end(rows: results.reduce(0) { $0 + ((try? $1.get().count) ?? 0) })
            return results
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    nonisolated(nonsending) func exchange(
        _ queries: [SQLQuery], timeout: Duration?, prepared: Bool, syncsEach: Bool
    ) async throws -> QueryExchange {
        let exchange = QueryExchange(queries, session: session, keeps: prepared, syncsEach: syncsEach)
        exchange.deadline = deadline(timeout)
        try await channel.perform(exchange)
        return exchange
    }

    func take(_ index: Int, of exchange: QueryExchange) throws(PostgresError) -> PostgresResult {
        let result = try exchange.takeResult(index)
        note(result.commandTag)
        return result
    }
}
