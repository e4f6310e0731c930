import Foundation
import SQLDatabase
import SQLiteBackend
import Testing

/// Time limits and cancellation of calls that run many statements, and limits that have passed.
@Suite("SQLite time limits between statements")
struct TimeLimitTests {
    /// Functions that end the call they are called in: by its task, and by its limit of 20 ms.
    private static let prepare: @Sendable (SQLiteSetup) throws -> Void = { setup in
        try setup.addFunction("cancel", arguments: 0, isDeterministic: false) { _ in
            withUnsafeCurrentTask { $0?.cancel() }
            return .null
        }
        try setup.addFunction("outlast", arguments: 0, isDeterministic: false) { _ in
            var time = timespec(tv_sec: 0, tv_nsec: 30_000_000)
            nanosleep(&time, nil)
            return .null
        }
    }

    private static func script(_ function: String) -> String {
        "INSERT INTO t VALUES (1); SELECT \(function)(); INSERT INTO t VALUES (2); INSERT INTO t VALUES (3)"
    }

    @Test(
        "a script ends between its statements when its limit passes or its task is canceled", arguments: [false, true])
    func scripts(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory, prepare: Self.prepare) { database in
            try await database.run("CREATE TABLE t (a)")
            await expect(.timeout) {
                try await database.withWriter {
                    try await $0.executeScript(Self.script("outlast"), timeout: .milliseconds(20))
                }
            }
            #expect(try await database.rows("SELECT a FROM t") == [[.integer(1)]])
            let canceled = Task {
                try await database.withWriter { try await $0.executeScript(Self.script("cancel"), timeout: nil) }
            }
            await #expect(throws: CancellationError.self) { try await canceled.value }
            #expect(try await database.rows("SELECT a FROM t") == [[.integer(1)], [.integer(1)]])
        }
    }

    @Test("so do a session's script and a statement for many lists", arguments: [false, true])
    func sessions(inMemory: Bool) async throws {
        try await withDatabase(
            inMemory: inMemory, { $0.statementTimeout = .milliseconds(20) }, prepare: Self.prepare
        ) { database in
            try await database.run("CREATE TABLE t (a)")
            let each: [@Sendable (SQLiteSession, String) throws -> Void] = [
                { session, function in try session.executeScript(Self.script(function)) },
                { session, function in
                    let sql = "INSERT INTO t SELECT $1 WHERE CASE WHEN $1 = 2 THEN \(function)() END IS NULL"
                    try session.execute(sql, each: (1...5).map { [.integer($0)] })
                },
            ]
            for (index, call) in each.enumerated() {
                await expect(.timeout) {
                    try await database.withWriter { try await $0.withSession { try call($0, "outlast") } }
                }
                let canceled = Task {
                    try await database.withWriter { try await $0.withSession { try call($0, "cancel") } }
                }
                await #expect(throws: CancellationError.self) { try await canceled.value }
                #expect(try await database.integer("SELECT count(*) FROM t WHERE a > 2") == 0, "\(index)")
                #expect(try await database.integer("SELECT count(*) FROM t WHERE a = 1") == 2 * (index + 1))
            }
        }
    }

    @Test("a long script takes time in proportion to its length")
    func linear() async throws {
        try await withDatabase(inMemory: true) { database in
            try await database.run("CREATE TABLE t (a)")
            let line = "INSERT INTO t VALUES (1); -- " + String(repeating: "x", count: 60) + "\n"
            func time(_ count: Int) async throws -> Duration {
                try await ContinuousClock().measure { try await database.run(String(repeating: line, count: count)) }
            }
            let short = try await time(1500)
            let long = try await time(24_000)
            // 16 times as many statements: quadratic, it would be 256 times the time.
            #expect(long < short * 80, "\(short), then \(long)")
        }
    }

    @Test("a zero byte anywhere in a script is refused before anything has run")
    func zeroByte() async throws {
        try await withDatabase(inMemory: true) { database in
            try await database.run("CREATE TABLE t (a)")
            await expect(.misuse) { try await database.run("INSERT INTO t VALUES (1); SELECT '\0'") }
            await expect(.misuse) { try await database.execute("INSERT INTO t VALUES ('\0')") }
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
        }
    }

    @Test(
        "a limit that has passed ends a call before anything is done", arguments: [Duration.zero, .seconds(-1)],
        [false, true])
    func passed(limit: Duration, inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a)")
            let insert: SQLQuery = "INSERT INTO t VALUES (1) RETURNING a"
            let calls: [@Sendable (SQLiteConnection) async throws -> Void] = [
                { _ = try await $0.query(insert, timeout: limit) },
                { _ = try await $0.query("SELECT 1", timeout: limit) },
                { try await $0.execute(insert, timeout: limit) },
                { try await $0.executeScript("INSERT INTO t VALUES (1)", timeout: limit) },
                { try await $0.withRows(of: insert, timeout: limit) { for try await _ in $0 {} } },
                {
                    try await $0.withRows(of: "SELECT 1", timeout: limit) { _ in
                        _ = Issue.record("the body was called")
                    }
                },
            ]
            for call in calls {
                await expect(.timeout) { try await database.withWriter { try await call($0) } }
                await expect(.timeout) { try await database.write { try await call($0) } }
            }
            await expect(.timeout) { try await database.execute(insert, timeout: limit) }
            for _ in 0..<3 { await expect(.timeout) { try await database.query("SELECT 1", timeout: limit) } }
            await expect(.timeout) { try await database.withRows(of: "SELECT 1", timeout: limit) { _ in } }
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
        }
    }
}
