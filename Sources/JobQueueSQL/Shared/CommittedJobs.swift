public import JobQueue
public import PostgresBackend
import SQLDatabase
public import SQLiteBackend

/// The effects of a job and its completion in one transaction: both happen, once, or neither does.
///
/// A worker that dies after the commit leaves a completed job; one that dies before leaves nothing, and the job runs again. A run
/// that was taken away meanwhile commits nothing: its fencing token is asked for in the same transaction.
extension JobContext {
    /// Runs a transaction that also completes this job, and commits.
    ///
    /// ```swift
    /// jobs.register(Transfer.self) { transfer, context in
    ///     try await context.commit(in: store) { connection in
    ///         try await connection.execute("UPDATE account SET balance = balance - \(transfer.amount) WHERE id = \(transfer.from)")
    ///         try await connection.execute("UPDATE account SET balance = balance + \(transfer.amount) WHERE id = \(transfer.to)")
    ///     }
    /// }
    /// ```
    /// What the handler does afterwards is not part of the job: an error is logged, and nothing runs again.
    /// - Parameter store: The store that the job came from. Its database is where the body runs.
    /// - Throws: What the body throws, with nothing committed; ``JobQueue/JobError`` with `leaseLost` where the run has been taken
    ///   away, or with `invalidOption` for a second call. After a lost connection it is unknown whether the transaction was
    ///   committed; the job runs again only if it was not.
    public func commit(
        in store: PostgresJobStore,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Void
    ) async throws {
        try await commit(in: store, body) { _ in nil }
    }

    /// Runs a transaction that also completes this job with a result, and commits.
    ///
    /// Otherwise like the call without a result. The handler returns the same value.
    public func commit<Output: Encodable & Sendable>(
        in store: PostgresJobStore,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Output
    ) async throws -> Output {
        try await commit(in: store, body) { try stored(result: $0) }
    }

    private func commit<Output>(
        in store: PostgresJobStore, _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Output,
        _ result: (Output) throws -> [UInt8]?
    ) async throws -> Output {
        try checkUncommitted()
        let (output, left) = try await store.database.withTransaction { connection in
            let output = try await body(connection)
            let row = try await connection.query(
                SQLQuery(
                    unsafe: store.statements.complete,
                    [id.text, .integer(fencingToken), SQLValue(try result(output))])
            ).first
            guard let left = row.flatMap({ AcknowledgementBatch.Left(ended: $0) }) else { throw takenAway() }
            return (output, left)
        }
        markCommitted()
        if left.links != 0 { await store.follow([left]) }
        return output
    }

    /// Runs a transaction that also completes this job, and commits. Otherwise like the call for PostgreSQL.
    public func commit(
        in store: SQLiteJobStore, _ body: @Sendable (SQLiteConnection) async throws -> Void
    ) async throws {
        try await commit(in: store, body) { _ in nil }
    }

    /// Runs a transaction that also completes this job with a result, and commits. The handler returns the same value.
    public func commit<Output: Encodable & Sendable>(
        in store: SQLiteJobStore, _ body: @Sendable (SQLiteConnection) async throws -> Output
    ) async throws -> Output {
        try await commit(in: store, body) { try stored(result: $0) }
    }

    private func commit<Output: Sendable>(
        in store: SQLiteJobStore, _ body: @Sendable (SQLiteConnection) async throws -> Output,
        _ result: @Sendable (Output) throws -> [UInt8]?
    ) async throws -> Output {
        try checkUncommitted()
        let (output, news) = try await store.database.write { connection in
            let output = try await body(connection)
            let bytes = try result(output)
            let news = try await connection.withSession { session in
                var jobs = SQLiteJobs(session: session, now: store.clock.wallMicroseconds())
                let isOurs = try jobs.inSavepoint { try $0.complete(self.reference, result: bytes) }
                guard isOurs else { throw takenAway() }
                return jobs.news
            }
            return (output, news)
        }
        markCommitted()
        store.hub.publish(news)
        return output
    }

    private func checkUncommitted() throws {
        guard !isCommitted else {
            throw JobError(.invalidOption, "job \(id) has been completed by an earlier transaction; a job commits once")
        }
    }

    func takenAway(in part: String = "") -> JobError {
        JobError(.leaseLost, "job \(id) has been taken over, or is not of this store: nothing\(part) was committed")
    }
}
