import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

@Suite(needsServer) struct PipelineTests {
    @Test func `a pipeline returns a result for each statement, prepared or not`() async throws {
        try await withConnection { connection in
            for prepared in [true, false, true] {
                let queries = (0..<300).map {
                    "SELECT \($0)::int4 AS n, \($0 % 3)::int8 AS \(unsafe: "m")" as SQLQuery
                }
                let results = try await connection.pipeline(
                    queries + ["SELECT 'last'::text AS word"], prepared: prepared)
                #expect(results.count == 301)
                let numbers = try results.dropLast().map { try $0.rows[0].decode("n", as: Int.self) }
                #expect(numbers == Array(0..<300))
            }
        }
    }

    @Test func `a failed statement undoes the pipeline and the connection goes on`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (a int PRIMARY KEY)")
            for _ in 0..<3 {
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.pipeline([
                        "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)", "SELECT count(*) FROM t",
                    ])
                }
                // Each statement's own result comes first: the first that failed is reported.
                #expect(error?.code == .uniqueViolation)
                let count = try await connection.number("SELECT count(*) FROM t")
                #expect(count == 0)
            }
        }
    }

    @Test func `a batch keeps its statements apart`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (a int PRIMARY KEY)")
            let results = try await connection.batch([
                "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)", "SELEC", "INSERT INTO t VALUES (2)",
                "SELECT count(*) AS n FROM t",
            ])
            #expect(try results[0].get().count == 1)
            #expect(throws: PostgresError.self) { try results[1].get() }
            #expect(throws: PostgresError.self) { try results[2].get() }
            let count = try results[4].get().rows[0].decode("n", as: Int.self)
            #expect(count == 2)
        }
    }

    @Test func `a statement that cannot be sent fails alone in a batch`() async throws {
        let nul: SQLQuery = "INSERT INTO t VALUES (\(1), \("a\u{0}b"))"
        let many = SQLQuery(unsafe: "SELECT 1", Array(repeating: .null, count: 65_536))
        let bad: [SQLQuery] = [
            nul, SQLQuery(unsafe: "SELECT 1\u{0}"), many, "COPY t FROM STDIN", "SELECT '\(1)'",
        ]
        try await withDatabase(size: 1) { database in
            try await database.withConnection { connection in
                try await connection.executeScript("CREATE TEMP TABLE t (a int, b text)")
                for round in 0..<3 {
                    // More than are on their way at once, with bad ones at the start, in the middle and at the end.
                    let good = (0..<300).map { "INSERT INTO t VALUES (\($0), \("x"))" as SQLQuery }
                    let queries = bad + good + bad + good + bad
                    for (index, result) in try await connection.batch(queries, prepared: round > 0).enumerated() {
                        let isGood = index % (bad.count + good.count) >= bad.count
                        #expect(((try? result.get()) != nil) == isGood, "\(index): \(result)")
                        if case .failure(let error) = result {
                            #expect(error.outcome == .notApplied && error.code != .cancelled)
                        }
                    }
                    let count = try await connection.number("SELECT count(*) FROM t")
                    #expect(count == 600 * (round + 1))
                    // Nothing but what cannot be sent.
                    let refused = try await connection.batch(bad)
                    #expect(refused.allSatisfy { (try? $0.get()) == nil })
                    // All or nothing stays that.
                    await #expect(throws: PostgresError.self) { try await connection.pipeline([good[0], nul]) }
                }
                let count = try await connection.number("SELECT count(*) FROM t")
                #expect(count == 1800)
            }
            // The same behind the guard of a connection that only reads.
            try await database.read { connection in
                for _ in 0..<3 {
                    let results = try await connection.batch([nul, "SELECT 1 AS n", "COMMIT", "SELECT 1 AS n", nul])
                    #expect(results.map { (try? $0.get()) != nil } == [false, true, false, true, false])
                }
            }
        }
    }

    @Test func `what a late statement of a long batch leaves behind is undone before the next borrower`() async throws {
        try await withDatabase(size: 1) { database in
            for position in [0, 255, 256, 299] {
                var queries: [SQLQuery] = (0..<300).map { SQLQuery(unsafe: "SELECT \($0 % 2)") }
                queries[position] = "SET geqo = off"
                for result in try await database.withConnection({ try await $0.batch(queries) }) {
                    _ = try result.get()
                }
                let setting = try await database.query("SHOW geqo")[0].decode(String.self)
                #expect(setting == "on", "\(position)")
            }
        }
    }

    @Test func `more statements than the cache holds still run, and the server keeps no more than that`() async throws {
        try await withConnection({ $0.statementCacheSize = 8 }) { connection in
            for number in 0..<40 {
                let sql = "SELECT \(number)"
                let value = try await connection.number(SQLQuery(unsafe: sql))
                #expect(value == number)
            }
            let many = (0..<40).map { number -> SQLQuery in
                let sql = "SELECT \(number) AS n"
                return SQLQuery(unsafe: sql)
            }
            let results = try await connection.pipeline(many)
            #expect(results.count == 40)
            _ = try await connection.query("SELECT 'one more'")
            let kept = try await connection.number(SQLQuery(unsafe: "SELECT count(*) FROM pg_prepared_statements"))
            #expect(kept <= 9)
        }
    }

    @Test func `a statement whose result changed with the schema is prepared again`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1)")
            for _ in 0..<2 { _ = try await connection.query("SELECT * FROM t") }
            try await connection.executeScript("ALTER TABLE t ADD COLUMN b text DEFAULT 'x'")
            let rows = try await connection.query("SELECT * FROM t")
            #expect(rows[0].columns == ["a", "b"])
            try await connection.executeScript("DISCARD ALL")
            try await connection.executeScript("CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1)")
            let again = try await connection.query("SELECT * FROM t")
            #expect(again[0].columns == ["a"])
        }
    }
}
