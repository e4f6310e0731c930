/// Names the remedy where a transaction pooler that was not declared gives a session's statements to others.
enum PoolerHint {
    /// Whether the server lacks a prepared statement, or has one of the name already.
    static func isSuspected(_ error: any Error) -> Bool {
        let code = (error as? MigrationError)?.engineCode ?? (error as? any SQLClassifiedError)?.statusCode
        return code == "26000" || code == "42P05"
    }

    /// Adds the remedy to what the body throws.
    static func adding<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch {
            guard isSuspected(error) else { throw error }
            let remedy =
                "a prepared statement was in another session, as behind a transaction pooler such as PgBouncer; declare it "
                + "with pooling: .transactionPooler, or run the migrator on a direct connection"
            guard let known = error as? MigrationError else {
                throw MigrationError(.failed, remedy, underlying: error)
            }
            throw MigrationError(
                known.code, "\(known.message); \(remedy)", migration: known.migrationID, statement: known.statement,
                line: known.line, underlying: known.underlying)
        }
    }
}
