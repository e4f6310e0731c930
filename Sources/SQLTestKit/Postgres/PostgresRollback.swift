public import PostgresBackend
import SQLDatabase

/// Runs the body in a transaction that is always rolled back, so that a test changes nothing.
///
/// ```swift
/// try await withRollback(database) { connection in
///     try await connection.execute("INSERT INTO wards (name) VALUES (\("South"))")
///     try await connection.withTransaction { … }                // a savepoint
/// }
/// ```
///
/// Statements that cannot run in a transaction are refused by the server, and what other connections do is not rolled
/// back: code that acquires its own connection needs ``PostgresTestServer/withDatabase(template:poolConfiguration:_:)``.
/// Sequences keep their advance, as after every rollback.
/// - Parameters:
///   - database: The database.
///   - file: The call site, for reports of leaks.
///   - line: The call site.
///   - body: Uses the connection, which must not leave it.
/// - Returns: What the body returns.
/// - Throws: What the body throws; the driver refuses statements that end the transaction with `notSupported`.
nonisolated(nonsending) public func withRollback<Result>(
    _ database: PostgresDatabase, file: StaticString = #fileID, line: UInt = #line,
    _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Result
) async throws -> Result {
    var result: Result?
    do {
        try await database.withTransaction(file: file, line: line) { connection in
            // A savepoint ends with its transaction: it tells whether the transaction is still the same.
            try await connection.executeScript("SAVEPOINT \(rollbackMark)")
            result = try await body(connection)
            do {
                try await connection.executeScript("ROLLBACK TO SAVEPOINT \(rollbackMark)")
            } catch let error as PostgresError where error.sqlState == "3B001" || error.sqlState == "25P01" {
                throw transactionEnded(error)
            }
            throw RollbackSignal()
        }
    } catch is RollbackSignal {}
    guard let result else { throw CancellationError() }
    return result
}

/// Ends a transaction whose body has succeeded.
private struct RollbackSignal: Error {}

/// The name of the savepoint at the start of the transaction.
let rollbackMark = "vitals_with_rollback"

/// The error for a transaction that ended before its body.
func transactionEnded(_ underlying: any Error) -> SQLTestKitError {
    SQLTestKitError(
        .transactionEnded,
        "the transaction ended before the body of withRollback did, so changes may have been kept: use withTransaction "
            + "inside it, or withDatabase for code that commits", underlying: underlying)
}
