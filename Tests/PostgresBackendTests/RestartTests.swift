import ConnectionPool
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// What takes a server that may be stopped and frozen: one of the suite's own, one test at a time.
@Suite(needsOwnServer, .serialized) struct RestartTests {
    @Test func `a database that was down is used again within one pause of its return`() async throws {
        let server = try await PostgresServer.start()
        try await withDatabase(
            size: 3, dsn: server.dsn(),
            pool: {
                $0.timeout = .milliseconds(300)
                $0.backoffCap = .milliseconds(500)
            }
        ) { database in
            try await database.withConnection(timeout: .seconds(20)) { _ = try await $0.query("SELECT 1") }
            await server.stop(.immediate)
            var failures = 0
            for _ in 0..<8 {
                do { _ = try await database.query("SELECT 1") } catch { failures += 1 }
            }
            #expect(failures == 8)
            try await server.start()
            let back = ContinuousClock.now
            try await waitUntil { (try? await database.query("SELECT 1")) != nil }
            #expect(ContinuousClock.now - back < .seconds(2))
        }
        await server.remove()
    }

    @Test func `an immediate stop in mid statement fails the statement and nothing hangs`() async throws {
        let server = try await PostgresServer.start()
        try await withDatabase(size: 4, dsn: server.dsn()) { database in
            try await database.pool.warmUp()
            let users = (0..<4).map { _ in Task { try await database.query("SELECT pg_sleep(60)") } }
            try await waitUntil { database.pool.statistics.inUse == 4 }
            await server.stop(.immediate)
            for user in users {
                let error = await #expect(throws: PostgresError.self) { try await user.value }
                #expect(error?.closesConnection == true)
            }
            try await server.start()
            try await waitUntil { (try? await database.query("SELECT 1")) != nil }
        }
        await server.remove()
    }

    @Test func `a frozen server costs its deadline and the pool recovers when it thaws`() async throws {
        let server = try await PostgresServer.start()
        let configure: (inout PostgresConfiguration) -> Void = {
            $0.statementTimeout = .milliseconds(200)
            $0.responseGrace = .milliseconds(200)
            $0.connectTimeout = .milliseconds(300)
        }
        try await withDatabase(size: 2, dsn: server.dsn(), configure: configure, pool: { $0.timeout = .seconds(1) }) {
            database in
            _ = try await database.query("SELECT 1")
            server.freeze()
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await database.query("SELECT 1") }
            #expect(error?.code == .timeout)
            #expect(ContinuousClock.now - start < .seconds(3))
            server.thaw()
            try await waitUntil { (try? await database.query("SELECT 1")) != nil }
        }
        await server.remove()
    }

    @Test func `a commit whose answer is lost says that nobody knows`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        try await withConnection({ $0.hosts = [.init("127.0.0.1", port: proxy.port)] }) { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction { connection in
                    try await connection.execute("SELECT 1")
                    proxy.cut(afterBytes: 0)
                }
            }
            #expect(error?.code == .commitUnknown)
        }
    }
}
