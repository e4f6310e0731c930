public import SQLiteBackend
import SQLDatabase

/// Runs the body in a transaction of the writing connection that is always rolled back, so that a test changes nothing.
///
/// ```swift
/// try await withRollback(database) { connection in
///     try await connection.execute("INSERT INTO wards (name) VALUES (\("South"))")
///     try await connection.withTransaction { … }                // a savepoint
/// }
/// ```
///
/// Statements that cannot run in a transaction, and those that end it, are refused. A read through the database sees what
/// the body wrote when it is called within the body; one of another task does not, and needs
/// ``SQLiteTestDatabase/withDatabase(template:storage:configuration:_:)``.
/// - Parameters:
///   - database: The database.
///   - file: The call site, for reports of leaks.
///   - line: The call site.
///   - body: Uses the connection, which must not leave it.
/// - Returns: What the body returns.
/// - Throws: What the body throws; ``SQLTestKitError/Code/transactionEnded`` when SQLite itself rolled back, as
///   `INSERT OR ROLLBACK` does; `SQLiteError` and `PoolError` of the connection.
public func withRollback<Result: Sendable>(
    _ database: SQLiteDatabase, file: StaticString = #fileID, line: UInt = #line,
    _ body: @Sendable (SQLiteConnection) async throws -> Result
) async throws -> Result {
    do {
        return try await database.write(file: file, line: line) { connection -> Result in
            try await connection.executeScript("SAVEPOINT \(rollbackMark)")
            let result = try await body(connection)
            // SQLITE_ERROR (1): there is no such savepoint.
            do {
                try await connection.executeScript("ROLLBACK TO \(rollbackMark)")
            } catch let error as SQLiteError where error.resultCode == 1 || !connection.isInTransaction {
                throw transactionEnded(error)
            }
            throw Rollback(result: result)
        }
    } catch let rollback as Rollback<Result> {
        return rollback.result
    }
}

/// Ends a transaction whose body has succeeded, and carries what it returned.
private struct Rollback<Result: Sendable>: Error {
    let result: Result
}
