import ConnectionPool
import ConnectionPoolTestKit
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

@Suite(needsServer) struct ConformanceTests {
    @Test func `PostgreSQL connections keep all the rules a pool counts on`() async throws {
        let server = try await PostgresServer.shared()
        let backend = PostgresConnectionBackend(
            configuration: try PostgresConfiguration(server.dsn()), loops: loops)
        let suite = ConnectionBackendConformance(
            backend: backend,
            dirty: { try await $0.executeScript("BEGIN; LISTEN somebody") },
            kill: { victim in
                let process = try await victim.query("SELECT pg_backend_pid()")[0].decode(0, as: Int.self)
                try await withConnection { _ = try await $0.query("SELECT pg_terminate_backend(\(process))") }
            })
        let failures = await suite.run()
        #expect(failures.isEmpty, "\(failures)")
    }
}
