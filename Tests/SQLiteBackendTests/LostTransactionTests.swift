import ConnectionPool
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

/// SQLite may end a transaction by itself. What follows within it would run outside, and stay.
@Suite("SQLite transactions that SQLite ended")
struct LostTransactionTests {
    /// Ends the transaction from within: the statement fails, and the transaction with it.
    struct Ending: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let run: @Sendable (SQLiteConnection) async throws -> Void
    }

    /// Runs a further statement that would store a row.
    struct Further: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let run: @Sendable (SQLiteConnection, SQLiteDatabase) async throws -> Void
    }

    /// Begins a transaction around a body.
    struct Around: Sendable, CustomTestStringConvertible {
        typealias Body = @Sendable (SQLiteConnection) async throws -> Void
        let testDescription: String
        let run: @Sendable (SQLiteDatabase, @escaping Body) async throws -> Void
    }

    static let schema = """
        CREATE TABLE t (a INTEGER PRIMARY KEY, b);
        INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z');
        CREATE TABLE parent (a INTEGER PRIMARY KEY ON CONFLICT ROLLBACK);
        INSERT INTO parent VALUES (1);
        CREATE TABLE child (p INTEGER REFERENCES parent (a));
        INSERT INTO child VALUES (1);
        CREATE TABLE fussy (a);
        CREATE TRIGGER refuses BEFORE INSERT ON fussy BEGIN SELECT raise(ROLLBACK, 'no'); END
        """

    static func ending(_ sql: String) -> Ending {
        Ending(testDescription: sql) { try await $0.execute(SQLQuery(unsafe: sql)) }
    }

    static let endings: [Ending] = [
        ending("INSERT OR ROLLBACK INTO t VALUES (1, 'again')"),
        ending("UPDATE OR ROLLBACK t SET a = 1 WHERE a = 2"),
        ending("INSERT INTO parent VALUES (1)"),
        ending("INSERT INTO fussy VALUES (1)"),
        Ending(testDescription: "a script") {
            try await $0.executeScript(
                "INSERT INTO t VALUES (50, 0); INSERT OR ROLLBACK INTO t VALUES (1, 0); SELECT 1")
        },
        Ending(testDescription: "a session") { connection in
            try await connection.withSession { session in
                try session.execute("INSERT INTO t VALUES ($1, 0)", each: [[.integer(51)]])
                try session.execute("INSERT OR ROLLBACK INTO t VALUES ($1, 0)", each: [[.integer(52)], [.integer(1)]])
            }
        },
        Ending(testDescription: "a savepoint") { connection in
            try await connection.withSavepoint { connection in
                _ = try await connection.execute("INSERT OR ROLLBACK INTO t VALUES (1, 0)")
            }
        },
        Ending(testDescription: "rows") { connection in
            try await connection.withRows(of: "INSERT OR ROLLBACK INTO t VALUES (1, 0) RETURNING a") {
                for try await _ in $0 {}
            }
        },
        Ending(testDescription: "an interrupted write") { connection in
            try await connection.execute(
                """
                WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n) INSERT INTO t SELECT i, i FROM n
                """, timeout: .milliseconds(20))
        },
    ]

    static func further(_ sql: String) -> Further {
        Further(testDescription: sql) { connection, _ in try await connection.execute(SQLQuery(unsafe: sql)) }
    }

    static let furthers: [Further] = [
        further("INSERT INTO t VALUES (10, 'stays')"),
        further("DROP TABLE child"),
        further("DELETE FROM parent"),
        further("SAVEPOINT own"),
        further("BEGIN"),
        Further(testDescription: "a script") { connection, _ in
            try await connection.executeScript("INSERT INTO t VALUES (11, 0); INSERT INTO t VALUES (12, 0)")
        },
        Further(testDescription: "a session") { connection, _ in
            try await connection.withSession { _ = try $0.execute("INSERT INTO t VALUES (13, 0)") }
        },
        Further(testDescription: "a batch") { connection, _ in
            try await connection.withSession {
                _ = try $0.execute("INSERT INTO t VALUES ($1, 0)", each: [[.integer(14)]])
            }
        },
        Further(testDescription: "a transaction") { connection, _ in
            try await connection.withTransaction { _ = try await $0.execute("INSERT INTO t VALUES (15, 0)") }
        },
        Further(testDescription: "a savepoint") { connection, _ in
            try await connection.withSavepoint { _ = try await $0.execute("INSERT INTO t VALUES (16, 0)") }
        },
        Further(testDescription: "a snapshot") { connection, _ in
            try await connection.withSnapshot { _ = try await $0.execute("INSERT INTO t VALUES (17, 0)") }
        },
        Further(testDescription: "rows") { connection, _ in
            try await connection.withRows(of: "INSERT INTO t VALUES (18, 0) RETURNING a") { for try await _ in $0 {} }
        },
        Further(testDescription: "rows that nobody reads") { connection, _ in
            try await connection.withRows(of: "INSERT INTO t VALUES (19, 0) RETURNING a") { _ in }
        },
        Further(testDescription: "a child task") { connection, _ in
            try await Task { _ = try await connection.execute("INSERT INTO t VALUES (20, 0)") }.value
        },
        Further(testDescription: "a read of the database") { _, database in
            _ = try await database.read { try await $0.query("SELECT * FROM t") }
        },
        Further(testDescription: "a kept statement") { connection, _ in
            try await connection.execute("INSERT INTO t VALUES ($1, 0)".bound(21))
        },
    ]

    static let arounds: [Around] = [
        Around(testDescription: "write") { database, body in try await database.write(body) },
        Around(testDescription: "withTransaction") { database, body in
            try await database.withWriter { connection in try await connection.withTransaction(body) }
        },
        Around(testDescription: "withSavepoint") { database, body in
            try await database.withWriter { connection in try await connection.withSavepoint(body) }
        },
        Around(testDescription: "a savepoint in a savepoint") { database, body in
            try await database.write { connection in
                try await connection.withSavepoint { try await $0.withSavepoint(body) }
            }
        },
        Around(testDescription: "withSchemaChange") { database, body in
            try await database.withWriter { connection in try await connection.withSchemaChange(body) }
        },
        Around(testDescription: "BEGIN") { database, body in
            try await database.withWriter { connection in
                try await connection.execute("BEGIN IMMEDIATE")
                try await body(connection)
                try await connection.execute("COMMIT")
            }
        },
    ]

    @Test(
        "after SQLite ended a transaction nothing runs within it and nothing is stored", arguments: [false, true],
        arounds)
    func nothingStays(inMemory: Bool, around: Around) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run(Self.schema)
            let before = try await Self.content(database)
            for ending in Self.endings {
                for further in Self.furthers {
                    // With BEGIN as a statement, another BEGIN begins anew by the borrower's own will.
                    if around.testDescription == "BEGIN", further.testDescription == "BEGIN" { continue }
                    let place: Comment = "\(ending.testDescription), then \(further.testDescription)"
                    let isRefused = Refusals()
                    do {
                        try await around.run(database) { connection in
                            try await connection.execute("INSERT INTO t VALUES ($1, 0)".bound(60))
                            await #expect(throws: (any Error).self, place) { try await ending.run(connection) }
                            #expect(!connection.isInTransaction, place)
                            for _ in 0..<2 {
                                do { try await further.run(connection, database) } catch let error as SQLiteError {
                                    if error.code == .transactionAborted { isRefused.add() }
                                }
                            }
                        }
                        Issue.record("\(place): nothing was thrown")
                    } catch is SQLiteError {}
                    #expect(isRefused.count == 2, place)
                    #expect(try await Self.content(database) == before, place)
                    // The connection serves the next borrower as ever.
                    try await database.write { try await $0.execute("UPDATE t SET b = b WHERE a = 1") }
                }
            }
        }
    }

    @Test(
        "a cursor that was open when SQLite ended the transaction does not write at its end", arguments: [false, true])
    func openCursor(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run(Self.schema)
            let before = try await Self.content(database)
            await expect(.transactionAborted) {
                try await database.write { connection in
                    try await connection.withRows(of: "INSERT INTO t VALUES (30, 0) RETURNING a") { _ in
                        _ = try? await connection.execute("INSERT OR ROLLBACK INTO t VALUES (1, 0)")
                    }
                }
            }
            #expect(try await Self.content(database) == before)
        }
    }

    @Test("a transaction of the borrower's own that was lost is over after ROLLBACK, BEGIN or the loan's end")
    func beginsAnew() async throws {
        try await withDatabase { database in
            try await database.run(Self.schema)
            for closing in ["ROLLBACK", "COMMIT"] {
                try await database.withWriter { connection in
                    try await connection.execute("BEGIN")
                    _ = try? await connection.execute("INSERT OR ROLLBACK INTO t VALUES (1, 0)")
                    let error = await expect(.transactionAborted) {
                        try await connection.execute("INSERT INTO t VALUES (31, 0)")
                    }
                    #expect(error?.message.contains("ROLLBACK") == true)
                    await #expect(throws: SQLiteError.self) { try await connection.executeScript(closing) }
                    try await connection.executeScript("BEGIN; UPDATE t SET b = b + 1; COMMIT")
                    try await connection.execute("UPDATE t SET b = 'x'")
                }
            }
            // A script that fails after its own COMMIT has lost nothing.
            try await database.withWriter { connection in
                await #expect(throws: SQLiteError.self) {
                    try await connection.executeScript(
                        "BEGIN; INSERT INTO t VALUES (40, 0); COMMIT; SELECT * FROM nowhere")
                }
                try await connection.execute("INSERT INTO t VALUES (41, 0)")
            }
            #expect(try await database.integer("SELECT count(*) FROM t WHERE a IN (40, 41)") == 2)
        }
    }

    @Test("a transaction after one that was lost is a new one", arguments: [false, true])
    func nextTransaction(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run(Self.schema)
            try await database.withWriter { connection in
                await expect(.transactionAborted) {
                    try await connection.withTransaction { connection in
                        _ = try? await connection.execute("INSERT OR ROLLBACK INTO t VALUES (1, 0)")
                    }
                }
                try await connection.execute("INSERT INTO t VALUES (32, 0)")
                try await connection.withTransaction { try await $0.execute("INSERT INTO t VALUES (33, 0)") }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 5)
        }
    }

    /// All rows of all tables, and the tables.
    private static func content(_ database: SQLiteDatabase) async throws -> [[SQLValue]] {
        try await database.rows(
            """
            SELECT 't', a, b FROM t UNION ALL SELECT 'p', a, 0 FROM parent UNION ALL SELECT 'c', p, 0 FROM child
            UNION ALL SELECT 'f', a, 0 FROM fussy UNION ALL SELECT name, 0, sql FROM sqlite_schema
            """)
    }
}

extension String {
    /// A statement with one parameter, the same text for each value.
    fileprivate func bound(_ value: Int64) -> SQLQuery { statement(self, [.integer(value)]) }
}

/// How many statements were refused.
private final class Refusals: Sendable {
    private let number = Guarded(0)

    var count: Int { number.with { $0 } }
    func add() { number.with { $0 += 1 } }
}
