public import SQLDatabase

extension PostgresConnection {
    /// Runs statements in one round trip, as one transaction unless one is open already: either all take effect or none
    /// does.
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
    /// - Throws: The first failed statement's ``PostgresError``, or that of the commit.
    nonisolated(nonsending) public func pipeline(
        _ queries: [SQLQuery], timeout: Duration? = nil, prepared: Bool = true
    ) async throws -> [PostgresResult] {
        guard let first = queries.first else { return [] }
        let observation = observe(first.sql, statements: queries.count)
        do {
            let exchange = try await exchange(queries, timeout: timeout, prepared: prepared)
            if let error = exchange.serverError { throw error }
            let results = try queries.indices.map { index throws(PostgresError) in try exchange.result(index) }
            observation?.end(rows: results.reduce(0) { $0 + $1.count })
            return results
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    /// Runs statements in one round trip, in their order and each for itself: one that fails, or that cannot be sent, leaves
    /// the others alone.
    ///
    /// When the task is canceled or the time limit passes, statements that have not been sent never run, and the call
    /// returns what became of those that had been sent as soon as the server has told. A statement that was not run has
    /// an error with the code ``PostgresError/Code/cancelled``.
    /// - Parameters:
    ///   - queries: Any number.
    ///   - timeout: How long all may take together; the configuration's limit when `nil`.
    ///   - prepared: Whether to keep the statements prepared for the next time.
    /// - Returns: A result or an error for each statement, in their order.
    /// - Throws: A ``PostgresError`` whose outcome is unknown when the connection broke or the server did not tell in time
    ///   what became of the statements; `CancellationError` before anything was sent.
    nonisolated(nonsending) public func batch(
        _ queries: [SQLQuery], timeout: Duration? = nil, prepared: Bool = true
    ) async throws -> [Result<PostgresResult, PostgresError>] {
        guard let first = queries.first else { return [] }
        let observation = observe(first.sql, statements: queries.count)
        do {
            let results = try await separately(queries, deadline: limits.deadline(timeout), timeout, prepared)
            observation?.end(rows: results.reduce(0) { $0 + ((try? $1.get().count) ?? 0) })
            return results
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    nonisolated(nonsending) private func separately(
        _ queries: [SQLQuery], deadline: UInt64, _ timeout: Duration?, _ prepared: Bool
    ) async throws -> [Result<PostgresResult, PostgresError>] {
        var results: [Result<PostgresResult, PostgresError>?] = Array(repeating: nil, count: queries.count)
        var pending = Array(queries.indices)
        var repetitions = 0
        while !pending.isEmpty {
            let exchange = StatementExchange(
                pending.map { queries[$0] }, keeps: prepared, grouping: .separate)
            limits.apply(timeout, to: exchange, deadline: deadline)
            exchange.loan = loan
            try await session.perform(exchange)
            let mayRepeat = repetitions < 3 && transactionStatus == .idle && exchange.interruption == nil
            repetitions += 1
            let firstRepeated = mayRepeat ? exchange.firstToRepeat ?? pending.count : pending.count
            for part in 0..<firstRepeated {
                results[pending[part]] = Result { () throws(PostgresError) in try exchange.standaloneResult(part) }
            }
            pending = Array(pending[firstRepeated...])
        }
        return results.compactMap { $0 }
    }
}
