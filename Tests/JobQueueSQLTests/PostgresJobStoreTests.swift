import ConnectionPool
import JobQueue
import JobQueueTestKit
import PostgresBackend
import TestServers
import Testing

@testable import JobQueueSQL

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

    @Test func `the store's sessions keep their settings, whoever had them before`() async throws {
        try await withPostgres { database, store in
            for _ in 0..<20 {
                let worker = try await store.register(
                    WorkerDescription(host: "test", process: 1, queues: ["default"]), lease: .seconds(60))
                _ = try await store.enqueue([NewJob(kind: "count")])
                _ = try await store.exchange(
                    ExchangeRequest(worker: worker, claims: [QueueClaim(queue: "default", limit: 1)]))
                try await store.unregister(worker)
                for pool in [store.sessions, store.heart] {
                    for (name, value) in PostgresJobStore.sessionSettings {
                        let found = try await pool.withConnection { connection in
                            try await connection.query("SELECT current_setting(\(name))").first?.decode(
                                0, as: String.self)
                        }
                        #expect(found == value, "\(name)")
                    }
                }
            }
            let other = try await database.query("SHOW enable_seqscan").first?.decode(0, as: String.self)
            #expect(other == "on", "the database's own sessions are left alone")
        }
    }
}
