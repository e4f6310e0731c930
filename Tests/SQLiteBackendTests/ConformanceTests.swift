import ConnectionPool
import ConnectionPoolTestKit
import Testing

@testable import SQLiteBackend

@Suite struct ConformanceTests {
    @Test func `SQLite connections keep all the rules a pool counts on`() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE wards (name TEXT)")
            for pool in [database.writer, try #require(database.readers)] {
                let suite = ConnectionBackendConformance(
                    backend: pool.backend, dirty: { try await $0.executeScript("BEGIN; SELECT * FROM wards") },
                    kill: { $0.handle.close() })
                let failures = await suite.run()
                #expect(failures.isEmpty, "\(failures)")
            }
        }
    }
}
