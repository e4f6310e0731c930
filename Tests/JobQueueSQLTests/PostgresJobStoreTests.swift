import ConnectionPool
import JobQueue
import JobQueueSQL
import JobQueueTestKit
import PostgresBackend
import TestServers
import Testing

/// A store in a new database of the tests' server.
func withPostgres<Result>(
    size: Int = 4, _ body: (PostgresDatabase, PostgresJobStore) async throws -> Result
) async throws -> Result {
    try await withPostgres(dsn: PostgresServer.shared().makeDatabase(), size: size, body)
}

/// A store in a database that is there already.
func withPostgres<Result>(
    dsn: String, size: Int = 4, _ body: (PostgresDatabase, PostgresJobStore) async throws -> Result
) async throws -> Result {
    let database = try PostgresDatabase(
        configuration: PostgresConfiguration(dsn), poolConfiguration: PoolConfiguration(size: size))
    let store = try PostgresJobStore(database: database)
    do {
        try await store.migrate()
        let result = try await body(database, store)
        await store.shutdown()
        await database.shutdown()
        return result
    } catch {
        await store.shutdown()
        await database.shutdown()
        throw error
    }
}

@Suite(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation"))
struct PostgresJobStoreTests {
    @Test(arguments: JobStoreConformance.cases)
    func `the PostgreSQL store conforms`(_ conformance: JobStoreConformance.Case) async throws {
        await #expect(throws: Never.self) {
            try await withPostgres { _, store in try await conformance.run(store) }
        }
    }
}
