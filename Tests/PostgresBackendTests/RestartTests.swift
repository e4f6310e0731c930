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

    @Test func `a server is restarted under load without one failed request`() async throws {
        let server = try await PostgresServer.start()
        try await withDatabase(size: 4, dsn: server.dsn(), pool: { $0.timeout = .seconds(60) }) { database in
            try await database.execute("CREATE TABLE served (a int)")
            let isOver = Guarded(false)
            let users = (0..<8).map { user in
                Task {
                    var served = 0
                    while !isOver.with({ $0 }) {
                        // Relayed statements, lent connections and transactions.
                        switch served % 3 {
                        case 0: try await database.execute("INSERT INTO served VALUES (\(user))")
                        case 1:
                            _ = try await database.withConnection {
                                try await $0.execute("INSERT INTO served VALUES (\(user))")
                            }
                        default:
                            _ = try await database.withTransaction {
                                try await $0.execute("INSERT INTO served VALUES (\(user))")
                            }
                        }
                        served += 1
                    }
                    return served
                }
            }
            for _ in 0..<2 {
                let leases = database.pool.statistics.leases
                try await waitUntil { database.pool.statistics.leases > leases + 200 }
                #expect(await database.pool.suspend(drain: .seconds(20)))
                database.pool.evictAll()
                await server.stop(.fast)
                try await server.start()
                database.pool.resume()
            }
            let leases = database.pool.statistics.leases
            try await waitUntil { database.pool.statistics.leases > leases + 200 }
            isOver.with { $0 = true }
            var served = 0
            for user in users { served += try await user.value }
            let rows = try await database.query("SELECT count(*) FROM served").decode(Int.self)
            #expect(rows == [served])
            print("restarted twice under load: \(served) requests, none failed")
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
