import ConnectionPool
import DriverExecutors
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// What the tasks were told.
private final class Ledger: Sendable {
    let stored = SystemLock<Set<Int>>([])
    let open = SystemLock<Set<Int>>([])
    let outcomes = SystemLock<[String: Int]>([:])
}

/// Statements that wait for a connection are sent when one is given back.
@Suite(needsServer, .serialized) struct RelayTests {
    private func withPool(
        size: Int, timeout: Duration = .seconds(30), _ configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresDatabase) async throws -> Void
    ) async throws {
        let server = try await PostgresServer.shared()
        var configuration = try PostgresConfiguration(server.dsn())
        configure(&configuration)
        let database = try PostgresDatabase(
            configuration: configuration,
            poolConfiguration: PoolConfiguration(size: size, maxOverflow: 0, timeout: timeout))
        let result: Result<Void, any Error>
        do { result = .success(try await body(database)) } catch { result = .failure(error) }
        await database.shutdown()
        try result.get()
    }

    /// Waits until all connections are back.
    private func settle(_ database: PostgresDatabase) async throws {
        for _ in 0..<size(of: database) { _ = try await database.withConnection { $0.backendID } }
        while database.pool.statistics.inUse > 0 { await Task.yield() }
    }

    private func size(of database: PostgresDatabase) -> Int { database.pool.configuration.size }

    @Test(arguments: 0..<6) func `each gets its own answer, whatever the others do`(seed: UInt64) async throws {
        try await withPool(size: 3) { database in
            try await database.execute("CREATE TABLE IF NOT EXISTS relay_rows (id bigint PRIMARY KEY)")
            try await database.execute("TRUNCATE relay_rows")
            let ledger = Ledger()
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<40 {
                    group.addTask {
                        var random = SplitMix64(seed: seed * 1000 + UInt64(task))
                        for step in 0..<40 {
                            let id = task * 1000 + step
                            let kind = random.next() % 12
                            do {
                                switch kind {
                                case 0:
                                    let canceled = Task {
                                        try await database.execute("INSERT INTO relay_rows VALUES (\(id))")
                                    }
                                    if random.next() % 2 == 0 { await Task.yield() }
                                    canceled.cancel()
                                    _ = try await canceled.value
                                    ledger.stored.withLock { _ = $0.insert(id) }
                                case 1:
                                    try await database.execute(
                                        "INSERT INTO relay_rows SELECT \(id) FROM pg_sleep(0.002)",
                                        timeout: .milliseconds(Int(random.next() % 4)))
                                    ledger.stored.withLock { _ = $0.insert(id) }
                                case 2: try await database.execute("SELECT 1 / (\(id) - \(id))")
                                case 3: try await database.withTransaction { _ = try await $0.query("SELECT \(id)") }
                                case 4:
                                    // What others keep prepared changes its columns, and runs all the same.
                                    try await database.execute(
                                        SQLQuery(unsafe: "ALTER TABLE relay_rows ALTER id SET STATISTICS \(step)"))
                                case 5: try await database.execute("SELECT \(id) FROM no_such_table")
                                case 6 where step % 10 == 0:
                                    _ = try await database.query("SELECT pg_terminate_backend(pg_backend_pid())")
                                case 7:
                                    try await database.execute("INSERT INTO relay_rows VALUES (\(id))")
                                    ledger.stored.withLock { _ = $0.insert(id) }
                                default:
                                    let row = try await database.query("SELECT \(id) AS id, \("t\(id)") AS text")[0]
                                    #expect(try row.decode("id", as: Int.self) == id)
                                    #expect(try row.decode("text", as: String.self) == "t\(id)")
                                }
                                ledger.outcomes.withLock { $0["done", default: 0] += 1 }
                            } catch let error as PostgresError {
                                if error.outcome == .unknown { ledger.open.withLock { _ = $0.insert(id) } }
                                ledger.outcomes.withLock { $0[error.code.rawValue, default: 0] += 1 }
                                let expected: Set<PostgresError.Code> = [
                                    .dataError, .undefinedObject, .timeout, .cancelled, .serverShutdown,
                                    .connectionLost, .deadlock, .lockNotAvailable, .server,
                                ]
                                #expect(expected.contains(error.code), "\(kind): \(error)")
                            } catch is CancellationError {
                                ledger.outcomes.withLock { $0["canceled", default: 0] += 1 }
                                #expect(kind == 0)
                            } catch {
                                Issue.record("\(kind): \(error)")
                            }
                        }
                    }
                }
            }
            print("relay: seed \(seed), \(ledger.outcomes.withLock { $0 }.sorted { $0.key < $1.key })")
            try await settle(database)
            let rows = try await database.query("SELECT id FROM relay_rows").decode(Int.self)
            let (known, unknown) = (ledger.stored.withLock { $0 }, ledger.open.withLock { $0 })
            #expect(known.isSubset(of: rows), "lost \(known.subtracting(rows))")
            #expect(Set(rows).subtracting(known).isSubset(of: unknown), "not reported")
            #expect(database.pool.statistics.waiting == 0)
        }
    }

    @Test func `a canceled statement leaves the line at once, and one that has been sent is ended on the server`()
        async throws
    {
        try await withPool(size: 1) { database in
            let last = try await database.withConnection { held in
                let waiting = (0..<50).map { id in Task { try await database.query("SELECT \(id)") } }
                while database.pool.statistics.waiting < 50 { await Task.yield() }
                for task in waiting.prefix(49) { task.cancel() }
                for task in waiting.prefix(49) {
                    await #expect(throws: CancellationError.self) { _ = try await task.value }
                }
                #expect(database.pool.statistics.waiting == 1)
                _ = try await held.query("SELECT 1")
                return waiting[49]
            }
            // Served when the connection is back.
            let rows = try await last.value
            #expect(try rows[0].decode(0, as: Int.self) == 49)
            let slow = try await database.withConnection { _ in
                let slow = Task { try await database.query("SELECT pg_sleep(30)") }
                while database.pool.statistics.waiting < 1 { await Task.yield() }
                return slow
            }
            try await withConnection { other in
                while try await other.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(30)'")
                    == 0
                {}
            }
            let start = ContinuousClock.now
            slow.cancel()
            await #expect(throws: CancellationError.self) { _ = try await slow.value }
            #expect(.now - start < .seconds(5))
            #expect(try await database.query("SELECT 7")[0].decode(0, as: Int.self) == 7)
        }
    }

    @Test func `one that waits too long for a connection is refused, and the statement's limit begins with it`()
        async throws
    {
        try await withPool(size: 1, timeout: .milliseconds(50)) { database in
            try await database.withConnection { held in
                let error = await #expect(throws: PoolError.self) { try await database.query("SELECT 1") }
                #expect(error?.code == .nestedAcquire)
                let other = await #expect(throws: PoolError.self) {
                    try await Task { try await database.query("SELECT 1") }.value
                }
                #expect(other?.code == .timeout)
                _ = try await held.query("SELECT 1")
            }
        }
        try await withPool(size: 1) { database in
            let late = try await database.withConnection { held in
                let late = Task { try await database.query("SELECT 5", timeout: .milliseconds(500)) }
                while database.pool.statistics.waiting < 1 { await Task.yield() }
                _ = try await held.query("SELECT pg_sleep(0.6)")
                return late
            }
            let rows = try await late.value
            #expect(rows[0].values == [.integer(5)])
        }
    }

    @Test func `a statement whose preparation went stale while it waited runs again`() async throws {
        try await withPool(size: 1) { database in
            try await database.execute("CREATE TABLE IF NOT EXISTS relay_shape (a int)")
            for round in 0..<4 {
                _ = try await database.query("SELECT * FROM relay_shape")
                let waiting = try await database.withConnection { held in
                    let waiting = (0..<5).map { _ in Task { try await database.query("SELECT * FROM relay_shape") } }
                    while database.pool.statistics.waiting < 5 { await Task.yield() }
                    try await held.executeScript(
                        "ALTER TABLE relay_shape ADD c\(round) int; TRUNCATE relay_shape; INSERT INTO relay_shape VALUES (1)"
                    )
                    return waiting
                }
                for task in waiting {
                    let rows = try await task.value
                    #expect(rows.count == 1 && rows[0].values.count == round + 2)
                }
            }
            try await database.execute("DROP TABLE relay_shape")
        }
    }

    @Test func `when the pool is shut down those in line are refused and those under way end`() async throws {
        let server = try await PostgresServer.shared()
        for _ in 0..<10 {
            let database = try PostgresDatabase(
                configuration: PostgresConfiguration(server.dsn()),
                poolConfiguration: PoolConfiguration(size: 2, maxOverflow: 0))
            let tasks = (0..<40).map { id in
                Task { try await database.query("SELECT \(id) FROM pg_sleep(0.001)")[0].decode(0, as: Int.self) == id }
            }
            await Task.yield()
            await database.shutdown()
            for task in tasks {
                do {
                    #expect(try await task.value)
                } catch let error as PoolError {
                    #expect(error.code == .shutdown)
                }
            }
        }
    }
}
