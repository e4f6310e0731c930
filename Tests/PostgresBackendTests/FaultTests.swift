import ConnectionPool
import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// How many sessions the server sees of an application.
func sessions(of application: String) async throws -> Int {
    try await withConnection {
        try await $0.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = \(application)")
    }
}

/// An application name of a test's own.
func uniqueName() -> String { "test-\(UUID().uuidString.prefix(8))" }

@Suite(needsServer) struct FaultTests {
    @Test func `a cancellation storm makes no more server connections than the pool may have`() async throws {
        let name = uniqueName()
        try await withDatabase(size: 5, configure: { $0.applicationName = name }) { database in
            for _ in 0..<10 {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<60 {
                        group.addTask { _ = try? await database.query("SELECT pg_sleep(0.05)") }
                    }
                    try? await Task.sleep(for: .milliseconds(10))
                    group.cancelAll()
                }
                let open = try await sessions(of: name)
                #expect(open <= 5)
            }
            let answer = try await database.query("SELECT 7")[0].decode(0, as: Int.self)
            #expect(answer == 7)
            #expect(database.pool.statistics.inUse == 0)
        }
    }

    @Test func `a late server-side cancel leaves the next query unharmed`() async throws {
        try await withDatabase(size: 1) { database in
            var cancelled = 0
            for round in 0..<150 {
                // The statement ends at about the moment at which it is cancelled.
                let task = Task { try await database.query("SELECT pg_sleep(0.004)") }
                try await Task.sleep(for: .microseconds(3_000 + 40 * (round % 50)))
                task.cancel()
                let outcome = await task.result
                if case .failure(let error) = outcome, error is CancellationError { cancelled += 1 }
                let answer = try await database.query("SELECT pg_sleep(0.001), \(round)::int4 AS n")[0].decode(
                    "n", as: Int.self)
                #expect(answer == round)
            }
            #expect(cancelled > 0)
            #expect(database.pool.statistics.inUse == 0)
        }
    }

    @Test func `idle connections whose backends are terminated cause no user error`() async throws {
        let name = uniqueName()
        try await withDatabase(
            size: 6, configure: { $0.applicationName = name }, pool: { $0.validation = .whenIdle(longerThan: .zero) }
        ) {
            database in
            for _ in 0..<5 {
                try await database.pool.warmUp()
                try await withConnection {
                    _ = try await $0.query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = \(name)")
                }
                try await waitUntil { try await sessions(of: name) == 0 }
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<20 {
                        group.addTask { try await database.query("SELECT \(number)::int4")[0].decode(0, as: Int.self) }
                    }
                    let sum = try await group.reduce(0, +)
                    #expect(sum == 190)
                }
                let open = try await sessions(of: name)
                #expect(open <= 6)
            }
        }
    }

    @Test func `a session that the server ends says why`() async throws {
        try await withConnection { connection in
            let slow = Task { try await connection.query("SELECT pg_sleep(30)") }
            try await waitUntil { try await isActive(connection.backendID) }
            try await withConnection {
                _ = try await $0.query("SELECT pg_terminate_backend(\(Int(connection.backendID)))")
            }
            let error = await #expect(throws: PostgresError.self) { try await slow.value }
            #expect(error?.code == .serverShutdown)
            #expect(error?.closesConnection == true)
            await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        }
    }

    @Test func `a dead connection in use is given up in a bounded time behind a black hole`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        let configure: (inout PostgresConfiguration) -> Void = {
            $0.statementTimeout = .milliseconds(300)
            $0.responseGrace = .milliseconds(200)
            $0.connectTimeout = .milliseconds(500)
        }
        try await withDatabase(
            size: 2, dsn: server.dsn(host: "127.0.0.1", port: proxy.port), configure: configure,
            pool: { $0.timeout = .seconds(2) }
        ) { database in
            try await database.withConnection(timeout: .seconds(20)) { _ = try await $0.query("SELECT 1") }
            proxy.blackHole()
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await database.query("SELECT 1") }
            #expect(error?.code == .timeout)
            #expect(ContinuousClock.now - start < .seconds(2))
            proxy.heal()
            try await waitUntil { (try? await database.query("SELECT 1")) != nil }
        }
    }

    @Test func `connections cut in mid answer are replaced`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        try await withDatabase(size: 3, dsn: server.dsn(host: "127.0.0.1", port: proxy.port)) { database in
            for round in 1...10 {
                _ = try await database.query("SELECT 1")
                proxy.cut(afterBytes: 500 * round)
                let error = await #expect(throws: PostgresError.self) {
                    try await database.query("SELECT repeat('x', 100) FROM generate_series(1, 1000)")
                }
                #expect(error?.code == .connectionLost)
                proxy.heal()
            }
            let answer = try await database.query("SELECT 7")[0].decode(0, as: Int.self)
            #expect(answer == 7)
        }
    }

    @Test func `a slow network changes the time and nothing else`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        proxy.delay(.milliseconds(20))
        try await withDatabase(size: 2, dsn: server.dsn(host: "127.0.0.1", port: proxy.port)) { database in
            let start = ContinuousClock.now
            try await database.withConnection { connection in
                let results = try await connection.pipeline((0..<200).map { "SELECT \($0)::int4 AS n" })
                #expect(try results.map { try $0.rows[0].decode("n", as: Int.self) } == Array(0..<200))
            }
            // A round trip is 40 ms: two hundred of them would take eight seconds.
            #expect(ContinuousClock.now - start < .seconds(6))
        }
    }

    @Test func `a server that became read-only takes its whole generation of connections with it`() async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let name = String(dsn.split(separator: "/").last ?? "")
        try await server.run(sql: "CREATE TABLE t (a int)", database: name)
        try await server.run(sql: "ALTER DATABASE \(name) SET default_transaction_read_only = on")
        try await withDatabase(size: 3, dsn: dsn) { database in
            try await database.pool.warmUp()
            try await server.run(sql: "ALTER DATABASE \(name) RESET default_transaction_read_only")
            let error = await #expect(throws: PostgresError.self) {
                try await database.execute("INSERT INTO t VALUES (1)")
            }
            #expect(error?.code == .readOnly)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<9 { group.addTask { try await database.execute("INSERT INTO t VALUES (1)") } }
                try await group.waitForAll()
            }
            let count = try await database.query("SELECT count(*) FROM t")[0].decode(0, as: Int.self)
            #expect(count == 9)
        }
    }

    @Test func `a connection returned inside a transaction or busy is clean for the next borrower`() async throws {
        try await withDatabase(size: 1) { database in
            try await database.withConnection { try await $0.executeScript("BEGIN; CREATE TEMP TABLE t (a int)") }
            let isOpen = try await database.withConnection { $0.transactionStatus != .idle }
            #expect(!isOpen)
            // Returned while a statement runs: the task that sent it outlives the loan.
            let stray = try await database.withConnection { connection in
                let stray = Task { try await connection.query("SELECT pg_sleep(1)") }
                try await waitUntil { try await isActive(connection.backendID) }
                return stray
            }
            let answer = try await database.query("SELECT 7")[0].decode(0, as: Int.self)
            #expect(answer == 7)
            _ = await stray.result
        }
    }

    @Test func `a hundred tasks on ten connections wait no longer than twice the ideal`() async throws {
        try await withDatabase(size: 10) { database in
            try await database.pool.warmUp()
            let clock = ContinuousClock()
            let start = clock.now
            let loans = try await withThrowingTaskGroup(of: (waited: Duration, held: Duration).self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await database.withConnection { connection in
                            let got = clock.now
                            try await connection.execute("SELECT pg_sleep(0.2)")
                            return (got - start, clock.now - got)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // The last in line waits for nine others, each of which holds a connection for a fifth of a second, or for
            // what this machine makes of it.
            let longest = loans.map(\.waited).max() ?? .zero
            let meanHold = loans.map(\.held).reduce(.zero, +) / loans.count
            #expect(longest <= meanHold * (2 * 9))
        }
    }

    @Test func `a shutdown straight after the start leaves no connection on the server`() async throws {
        let name = uniqueName()
        for round in 0..<20 {
            let server = try await PostgresServer.shared()
            var configuration = try PostgresConfiguration(server.dsn())
            configuration.applicationName = name
            let database = try PostgresDatabase(
                configuration: configuration, poolConfiguration: PoolConfiguration(size: 4, minimumIdle: 4))
            let users = (0..<round % 5).map { _ in Task { _ = try? await database.query("SELECT 1") } }
            await database.shutdown(drain: .seconds(1))
            for user in users { await user.value }
        }
        try await waitUntil { try await sessions(of: name) == 0 }
        let left = try await sessions(of: name)
        #expect(left == 0)
    }
}
