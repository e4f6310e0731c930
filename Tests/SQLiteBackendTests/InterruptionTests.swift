import ConnectionPool
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

@Suite("SQLite interruption")
struct InterruptionTests {
    /// Counts for minutes.
    static let endless: SQLQuery =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

    @Test("a cancelled task's statement ends, and the connection serves the next borrower")
    func cancellation() async throws {
        try await withDatabase {
            $0.readers = 1
        } _: { database in
            let began = Began()
            let task = Task {
                try await database.read { connection in
                    began.set()
                    return try await connection.query(Self.endless)
                }
            }
            await began.wait()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let one = try await database.rows("SELECT 1")
            #expect(one == [[.integer(1)]])
            #expect(database.statistics.readers?.created == 1)
        }
    }

    @Test("a statement ends at its deadline, and the next one is unharmed")
    func deadline() async throws {
        try await withDatabase {
            $0.readers = 1
        } _: { database in
            for _ in 0..<5 {
                await expect(.timeout) {
                    try await database.read { try await $0.query(Self.endless, timeout: .milliseconds(20)) }
                }
                let one = try await database.rows("SELECT 1")
                #expect(one == [[.integer(1)]])
            }
        }
    }

    @Test("the configured limit holds for every statement")
    func configuredLimit() async throws {
        try await withDatabase {
            $0.statementTimeout = .milliseconds(20)
        } _: { database in
            await expect(.timeout) { try await database.read { try await $0.query(Self.endless) } }
            await expect(.timeout) {
                try await database.write { connection in
                    try await connection.execute("CREATE TABLE t (a)")
                    try await connection.execute(
                        "INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
                    )
                }
            }
            let tables = try await database.rows("SELECT name FROM sqlite_schema")
            #expect(tables == [])
        }
    }

    @Test("a write that is cancelled leaves nothing behind, and writers after it commit")
    func cancelledWrites() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a INTEGER)")
            for round in 0..<40 {
                let began = Began()
                let task = Task {
                    try await database.write { connection in
                        try await connection.execute("INSERT INTO t VALUES (-1)")
                        began.set()
                        _ = try await connection.query(Self.endless)
                    }
                }
                await began.wait()
                task.cancel()
                try await database.write { try await $0.execute("INSERT INTO t VALUES (\(round))") }
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(try await database.integer("SELECT count(*) FROM t WHERE a >= 0") == 40)
            #expect(try await database.integer("SELECT count(*) FROM t WHERE a < 0") == 0)
        }
    }

    @Test("waiting for another process's lock ends with the task and at the busy timeout")
    func lockWaits() async throws {
        try await withDatabase {
            $0.busyTimeout = .milliseconds(50)
        } _: { database in
            try await database.run("CREATE TABLE t (a)")
            var patient = database.configuration
            patient.busyTimeout = .seconds(600)
            let other = try SQLiteDatabase(patient)
            try await other.run("INSERT INTO t VALUES (1)")
            try await database.write { connection in
                try await connection.execute("INSERT INTO t VALUES (2)")
                let began = Began()
                let task = Task {
                    try await other.withWriter { connection in
                        began.set()
                        try await connection.executeScript("BEGIN IMMEDIATE")
                    }
                }
                await began.wait()
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            let error = try await other.write { _ in
                await expect(.locked) { try await database.run("INSERT INTO t VALUES (3)") }
            }
            #expect(error?.message.contains("busyTimeout") == true)
            #expect(error?.isRetryable == true)
            await other.shutdown()
        }
    }

    @Test("a statement's time limit holds for the wait for another process's lock as well")
    func lockWaitsWithLimits() async throws {
        try await withDatabase {
            $0.busyTimeout = .seconds(60)
        } _: { database in
            try await database.run("CREATE TABLE t (a)")
            let other = try SQLiteDatabase(database.configuration)
            try await other.write { connection in
                try await connection.execute("INSERT INTO t VALUES (1)")
                let start = ContinuousClock.now
                let error = await expect(.timeout) {
                    try await database.execute("INSERT INTO t VALUES (2)", timeout: .milliseconds(50))
                }
                #expect(error?.message.contains("lock") == true)
                await expect(.timeout) {
                    try await database.withWriter { connection in
                        try await connection.execute("INSERT INTO t VALUES (2)", timeout: .milliseconds(50))
                    }
                }
                await expect(.timeout) {
                    try await database.withWriter { connection in
                        try await connection.executeScript("BEGIN IMMEDIATE", timeout: .milliseconds(50))
                    }
                }
                #expect(ContinuousClock.now - start < .seconds(20))
            }
            await other.shutdown()
            // Both engines of the wait: the shorter one counts.
            var hasty = database.configuration
            hasty.busyTimeout = .milliseconds(20)
            let third = try SQLiteDatabase(hasty)
            try await database.write { connection in
                try await connection.execute("INSERT INTO t VALUES (3)")
                await expect(.locked) { try await third.execute("INSERT INTO t VALUES (4)", timeout: .seconds(60)) }
            }
            await third.shutdown()
        }
    }

    @Test("shutdown interrupts what still runs after the drain, and returns", arguments: [false, true])
    func shutdown(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a INTEGER)")
            _ = try await database.rows("SELECT a FROM t")
            let endlessWrite: SQLQuery =
                "INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
            let calls: [@Sendable (Began) async throws -> Void] = [
                { began in
                    _ = try await database.read { connection in
                        began.set()
                        return try await connection.query(Self.endless)
                    }
                },
                { began in
                    try await database.read { connection in
                        try await connection.withSession { session in
                            began.set()
                            _ = try session.query(Self.endless)
                        }
                    }
                },
                { began in
                    try await database.write { connection in
                        began.set()
                        try await connection.execute(endlessWrite)
                    }
                },
            ]
            // In memory there is one connection.
            let running = await calls.prefix(inMemory ? 1 : 3).asyncMap { call in
                let began = Began()
                let task = Task { try await call(began) }
                await began.wait()
                return task
            }
            let start = ContinuousClock.now
            await database.shutdown(drain: .milliseconds(50))
            #expect(ContinuousClock.now - start < .seconds(8))
            for task in running { await expect(.connectionClosed) { try await task.value } }
            guard !inMemory else { return }
            let again = try SQLiteDatabase(database.configuration)
            #expect(try await again.integer("SELECT count(*) FROM t") == 0)
            await again.shutdown()
        }
    }

    @Test("a storm of cancellations loses no connection and harms no statement that was not cancelled")
    func storm() async throws {
        try await withDatabase {
            $0.readers = 2
        } _: { database in
            try await database.run(
                """
                CREATE TABLE t (a INTEGER);
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                INSERT INTO t SELECT i FROM n
                """)
            let sums = try await withThrowingTaskGroup(of: Int?.self) { group in
                for index in 0..<400 {
                    group.addTask {
                        let task = Task {
                            try await database.integer("SELECT sum(x.a) FROM t x, t y WHERE y.a < 20")
                        }
                        if index % 2 == 0 { task.cancel() }
                        do { return try await task.value } catch is CancellationError { return nil }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(sums.compactMap { $0 }.count >= 200)
            #expect(sums.compactMap { $0 }.allSatisfy { $0 == 500_500 * 19 })
            #expect(database.statistics.readers?.inUse == 0)
        }
    }
}

extension Sequence {
    /// The results of a body, one after the other.
    fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}

/// An event that happens once.
final class Began: Sendable {
    private let state = Guarded<(happened: Bool, waiting: CheckedContinuation<Void, Never>?)>((false, nil))

    func set() {
        let waiting = state.with { state in
            defer { state = (true, nil) }
            return state.waiting
        }
        waiting?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let happened = state.with { state in
                if !state.happened { state.waiting = continuation }
                return state.happened
            }
            if happened { continuation.resume() }
        }
    }
}
