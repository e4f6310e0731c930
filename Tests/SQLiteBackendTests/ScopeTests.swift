import SQLDatabase
import TestServers
import Testing

@testable import SQLiteBackend

@Suite("Tasks that share a SQLite connection")
struct ScopeTests {
    struct Stop: Error {}

    @Test("one child's transaction rolls back and the other's commits, each its own", arguments: [false, true])
    func siblings(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.write { connection in
                let failing = Task {
                    try await connection.withTransaction { connection in
                        try await connection.execute("INSERT INTO t VALUES ('A')")
                        try await Task.sleep(for: .milliseconds(20))
                        throw Stop()
                    }
                }
                let succeeding = Task {
                    try await Task.sleep(for: .milliseconds(5))
                    try await connection.withTransaction { connection in
                        _ = try await connection.execute("INSERT INTO t VALUES ('B')")
                        try await Task.sleep(for: .milliseconds(40))
                    }
                }
                await #expect(throws: Stop.self) { try await failing.value }
                try await succeeding.value
            }
            #expect(try await database.rows("SELECT a FROM t") == [[.text("B")]])
        }
    }

    @Test("a sibling's single statement stays outside the transaction that is open")
    func statementOutside() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.withWriter { connection in
                let began = Began()
                let failing = Task {
                    try await connection.withTransaction { connection in
                        try await connection.execute("INSERT INTO t VALUES (1)")
                        began.set()
                        try await Task.sleep(for: .milliseconds(30))
                        throw Stop()
                    }
                }
                await began.wait()
                try await connection.execute("INSERT INTO t VALUES (2)")
                await #expect(throws: Stop.self) { try await failing.value }
            }
            #expect(try await database.rows("SELECT a FROM t") == [[.integer(2)]])
        }
    }

    @Test("a statement that waits too long for another task's transaction says so, and a cancelled one leaves the line")
    func limits() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.withWriter { connection in
                let (began, mayEnd) = (Began(), Began())
                async let holding: Void = connection.withTransaction { connection in
                    _ = try await connection.execute("INSERT INTO t VALUES (1)")
                    began.set()
                    await mayEnd.wait()
                }
                await began.wait()
                let error = await expect(.connectionInUse) {
                    try await connection.query("SELECT 1", timeout: .milliseconds(30))
                }
                #expect(error?.message.contains("another task") == true)
                let cancelled = Task { try await connection.query("SELECT 2") }
                try await Task.sleep(for: .milliseconds(10))
                cancelled.cancel()
                await #expect(throws: CancellationError.self) { try await cancelled.value }
                async let patient = connection.query("SELECT 3")
                try await Task.sleep(for: .milliseconds(10))
                mayEnd.set()
                try await holding
                let values = try await patient.first?.values
                #expect(values == [.integer(3)])
            }
        }
    }

    @Test("calls that wait for a transaction run in the order in which they came")
    func order() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (n INTEGER PRIMARY KEY, a INTEGER)")
            try await database.withWriter { connection in
                let (began, mayEnd) = (Began(), Began())
                async let holding: Void = connection.withTransaction { _ in
                    began.set()
                    await mayEnd.wait()
                }
                await began.wait()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            if number % 2 == 0 {
                                try await connection.execute("INSERT INTO t (a) VALUES (\(number))")
                            } else {
                                try await connection.withTransaction {
                                    _ = try await $0.execute("INSERT INTO t (a) VALUES (\(number))")
                                }
                            }
                        }
                        try await Task.sleep(for: .milliseconds(3))
                    }
                    mayEnd.set()
                    try await group.waitForAll()
                }
                try await holding
            }
            let order = try await database.rows("SELECT a FROM t ORDER BY n").map { $0[0] }
            #expect(order == (0..<20).map { SQLValue.integer($0) })
        }
    }

    @Test("a task that outlives its transaction is refused, and one that acquires the connection anew is not")
    func outliving() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            let mayRun = Began()
            let (late, later) = try await database.withWriter { connection in
                let late = try await connection.withTransaction { connection in
                    Task {
                        await mayRun.wait()
                        return try await connection.execute("INSERT INTO t VALUES (1)")
                    }
                }
                mayRun.set()
                await expect(.misuse) { try await late.value }
                // Inherits the scope, too, and uses a loan of its own.
                return (
                    0,
                    try await connection.withTransaction { _ in
                        Task { try await database.write { try await $0.execute("INSERT INTO t VALUES (2)") } }
                    }
                )
            }
            #expect(late == 0)
            #expect(try await later.value == 1)
            #expect(try await database.rows("SELECT a FROM t") == [[.integer(2)]])
        }
    }

    @Test("a call that still waits when the loan ends is refused, and not made in the next borrower's name")
    func waitingAtTheEnd() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            let late = try await database.withWriter { connection in
                let began = Began()
                let holding = Task {
                    try await connection.withTransaction { _ in
                        began.set()
                        try await Task.sleep(for: .milliseconds(100))
                    }
                }
                await began.wait()
                let late = Task { try await connection.execute("INSERT INTO t VALUES (1)") }
                try await Task.sleep(for: .milliseconds(20))
                return (late, holding)
            }
            await expect(.misuse) { try await late.0.value }
            _ = await late.1.result
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
        }
    }

    @Test("tasks that start each other from within their transactions keep no chain of the ones before")
    func chains() async throws {
        try await withDatabase { one in
            try await withDatabase { other in
                let length = try await Self.next(200, one, other)
                #expect(length < 10)
            }
        }
    }

    private static func next(_ left: Int, _ one: SQLiteDatabase, _ other: SQLiteDatabase) async throws -> Int {
        let task = try await (left % 2 == 0 ? one : other).write { _ in
            Task { left == 0 ? try await chainLength(one) : try await next(left - 1, one, other) }
        }
        return try await task.value
    }

    /// The number of scopes that a new one would be within.
    private static func chainLength(_ database: SQLiteDatabase) async throws -> Int {
        try await database.write { _ in
            var (length, scope) = (0, Scope.current)
            while let current = scope { (length, scope) = (length + 1, current.parent) }
            return length
        }
    }

    @Test(
        "BEGIN, COMMIT and ROLLBACK inside a transaction of the driver's are refused by name",
        arguments: [
            "COMMIT", "ROLLBACK", "END", "BEGIN", "/* x */ commit transaction",
        ])
    func rawTransactions(sql: String) async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            let error = await expect(.misuse) {
                try await database.write { connection in
                    try await connection.execute("INSERT INTO t VALUES (1)")
                    try await connection.executeScript(sql)
                }
            }
            #expect(error?.message.contains("COMMIT") == true)
            #expect(try await database.rows("SELECT a FROM t").isEmpty)
        }
    }

    @Test("a session's statements are not mixed with those of other tasks")
    func sessions() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a INTEGER)")
            try await database.withWriter { connection in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<8 {
                        group.addTask {
                            try await connection.withSession { session in
                                try session.executeScript("BEGIN")
                                for _ in 0..<10 { try session.execute("INSERT INTO t VALUES (\(number))") }
                                try session.executeScript(number % 2 == 0 ? "COMMIT" : "ROLLBACK")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let counts = try await database.rows("SELECT a, count(*) FROM t GROUP BY a ORDER BY a")
            #expect(counts == [0, 2, 4, 6].map { [.integer($0), .integer(10)] })
        }
    }

    /// What a task may do with a connection after its loan.
    static let late: [(name: String, call: @Sendable (SQLiteConnection) async throws -> Void)] = [
        ("execute", { try await $0.execute("INSERT INTO t VALUES (1)") }),
        ("query", { _ = try await $0.query("SELECT a FROM t") }),
        ("script", { try await $0.executeScript("INSERT INTO t VALUES (1)") }),
        ("transaction", { try await $0.withTransaction { _ = try await $0.execute("INSERT INTO t VALUES (1)") } }),
        ("savepoint", { try await $0.withSavepoint { _ = try await $0.execute("INSERT INTO t VALUES (1)") } }),
        ("snapshot", { _ = try await $0.withSnapshot { try await $0.query("SELECT a FROM t") } }),
        ("schema change", { try await $0.withSchemaChange { _ = try await $0.execute("DROP TABLE t") } }),
        ("rows", { try await $0.withRows(of: "INSERT INTO t VALUES (1) RETURNING a") { _ in } }),
        ("session", { try await $0.withSession { _ = try $0.execute("INSERT INTO t VALUES (1)") } }),
        ("optimize", { try await $0.optimize() }),
    ]

    @Test(
        "a connection that escaped from its loan is refused, alone and inside the next loan", arguments: [false, true])
    func escaped(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) {
            $0.readers = 1
        } _: { database in
            try await database.run("CREATE TABLE t (a)")
            _ = try await database.rows("SELECT a FROM t")
            for (name, call) in Self.late {
                let connections = [
                    try await database.write { $0 }, try await database.withWriter { $0 },
                    try await database.read { $0 },
                ]
                for connection in connections {
                    @Sendable func expectRefusal() async {
                        let error = await expect(.misuse) { try await call(connection) }
                        #expect(error?.message.contains("loan") == true, "\(name)")
                        #expect(!connection.isInTransaction)
                        // A task that knows of no scope at all.
                        await expect(.misuse) { try await Task.detached { try await call(connection) }.value }
                    }
                    await expectRefusal()
                    try await database.withWriter { _ in await expectRefusal() }
                    try await database.write { _ in await expectRefusal() }
                    try await database.read { _ in await expectRefusal() }
                }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
        }
    }

    @Test(
        "a task that goes on after its loan is refused while the next one holds the connection",
        arguments: [false, true])
    func outlivingTask(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a)")
            let mayRun = Began()
            let late = try await database.write { connection in
                Task {
                    await mayRun.wait()
                    try await connection.execute("INSERT INTO t VALUES (1)")
                }
            }
            try await database.withWriter { _ in
                mayRun.set()
                await expect(.misuse) { try await late.value }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
        }
    }
}
