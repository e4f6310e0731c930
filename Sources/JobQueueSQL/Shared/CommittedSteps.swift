public import JobQueue
public import PostgresBackend
import SQLDatabase
public import SQLiteBackend

/// The effects of a step and its result in one transaction: both are there, once, or neither is.
extension JobContext {
    /// Does a part of the job once, in a transaction that also stores its result for later runs.
    ///
    /// ```swift
    /// let balance = try await context.step("withdraw", in: store) { connection in
    ///     try await connection.execute("UPDATE account SET balance = balance - 10 WHERE id = 1")
    ///     return try await connection.query("SELECT balance FROM account WHERE id = 1")[0].decode(0, as: Int.self)
    /// }
    /// ```
    /// - Parameters:
    ///   - name: Its name within the job.
    ///   - store: The store that the job came from. Its database is where the body runs.
    /// - Returns: What the body returned, in this run or in an earlier one.
    /// - Throws: What the body throws, with nothing committed; ``JobQueue/JobError`` with `leaseLost` where the run has been taken
    ///   away. After a lost connection it may be unknown whether the transaction was committed: let the run fail, and the next one
    ///   knows.
    public func step<Value: Codable & Sendable>(
        _ name: String, in store: PostgresJobStore,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await step(name) { record in
            try await store.database.withTransaction { connection in
                let value = try await body(connection)
                let rows = try await connection.query(
                    SQLQuery(
                        unsafe: """
                            UPDATE \(store.schema.name).job SET checkpoint = $3::bytea
                            WHERE id = $1::uuid AND run = $2 AND state = 4 RETURNING id
                            """, [id.text, .integer(fencingToken), .blob(try record.stored(value))]))
                guard !rows.isEmpty else { throw takenAway(in: " of step \(name)") }
                return value
            }
        }
    }

    /// Does a part of the job once, in a transaction that also stores its result for later runs. Otherwise like the call for
    /// PostgreSQL.
    public func step<Value: Codable & Sendable>(
        _ name: String, in store: SQLiteJobStore, _ body: @Sendable (SQLiteConnection) async throws -> Value
    ) async throws -> Value {
        try await step(name) { record in
            try await store.database.write { connection in
                let value = try await body(connection)
                let rows = try await connection.query(
                    SQLQuery(
                        unsafe: """
                            UPDATE vitals_job SET checkpoint = $3 WHERE id = $1 AND run = $2 AND state = 4 RETURNING id
                            """, [id.blob, .integer(fencingToken), .blob(try record.stored(value))]))
                guard !rows.isEmpty else { throw takenAway(in: " of step \(name)") }
                return value
            }
        }
    }
}
