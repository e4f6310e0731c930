import ConnectionPool
import Foundation
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

@Suite("SQLite connection")
struct ConnectionTests {
    @Test("values come back as they went in")
    func values() async throws {
        try await withDatabase { database in
            try await database.write { connection in
                try await connection.executeScript("CREATE TABLE t (a, b, c, d, e, f); CREATE INDEX i ON t (a);")
                let nothing: Int? = nil
                let bytes: [UInt8] = [0, 255, 7]
                try await connection.execute(
                    "INSERT INTO t VALUES (\(42), \(1.5), \("Ärzte\0!"), \(bytes), \(true), \(nothing))")
            }
            let row = try #require(
                try await database.read { try await $0.query("SELECT a, b, c, d, e, f FROM t").first })
            #expect(try row.decode("a", as: Int.self) == 42)
            #expect(try row.decode("b", as: Double.self) == 1.5)
            #expect(try row.decode("c", as: String.self) == "Ärzte\0!")
            #expect(try row.decode("d", as: [UInt8].self) == [0, 255, 7])
            #expect(try row.decode("e", as: Bool.self))
            #expect(try row.decode("f", as: Int?.self) == nil)
        }
    }

    @Test("empty text and empty bytes are not NULL")
    func emptyValues() async throws {
        try await withDatabase { database in
            let none: [UInt8] = []
            let row = try #require(
                try await database.read { try await $0.query("SELECT \("") IS NULL AS t, \(none) IS NULL AS b") }.first)
            #expect(row.values == [.integer(0), .integer(0)])
        }
    }

    @Test("numbered placeholders bind by number, whatever their order and repetition")
    func placeholders() async throws {
        try await withDatabase { database in
            let row = try #require(
                try await database.read {
                    try await $0.query(
                        SQLQuery(unsafe: "SELECT $2, $1, $2, $3::text", ["one", "two", "three"].map(SQLValue.text)))
                }.first)
            #expect(row.values == ["two", "one", "two", "three"].map(SQLValue.text))
        }
    }

    @Test("execute tells how many rows it changed, and none for what changes no rows")
    func changes() async throws {
        try await withDatabase { database in
            let counts = try await database.write { connection in
                [
                    try await connection.execute("CREATE TABLE t (a)"),
                    try await connection.execute("INSERT INTO t VALUES (1), (2), (3)"),
                    try await connection.execute("CREATE TABLE u (a)"),
                    try await connection.execute("UPDATE t SET a = a + 1 WHERE a > 1"),
                    try await connection.execute("DELETE FROM t WHERE a > 99"),
                ]
            }
            #expect(counts == [0, 3, 0, 2, 0])
        }
    }

    @Test("a cached statement sees a column that was added")
    func schemaChange() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            let before = try await database.read { try await $0.query("SELECT * FROM t") }
            #expect(before.first?.columns == ["a"])
            try await database.run("ALTER TABLE t ADD COLUMN b DEFAULT 7")
            for _ in 0..<4 {
                let row = try await database.read { try await $0.query("SELECT * FROM t") }.first
                #expect(row?.columns == ["a", "b"])
                #expect(row?.values == [.integer(1), .integer(7)])
            }
        }
    }

    @Test("two statements in one text are refused, a script runs them")
    func severalStatements() async throws {
        try await withDatabase { database in
            try await database.write { connection in
                await expect(.misuse) { try await connection.query("SELECT 1; SELECT 2") }
                #expect(try await connection.query("SELECT 1; -- done\n").count == 1)
                try await connection.executeScript("CREATE TABLE t (a); ; INSERT INTO t VALUES (1); -- done\n")
                #expect(try await connection.query("SELECT a FROM t").count == 1)
                await expect(.misuse) { try await connection.query("") }
                await expect(.misuse) { try await connection.query(SQLQuery(unsafe: "SELECT $1")) }
            }
        }
    }

    @Test("a reader refuses to write", arguments: [false, true])
    func readersOnlyRead(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory) { database in
            try await database.run("CREATE TABLE t (a)")
            await expect(.readOnly) { try await database.read { try await $0.execute("INSERT INTO t VALUES (1)") } }
            try await database.run("INSERT INTO t VALUES (1)")
            #expect(try await database.rows("SELECT * FROM t").count == 1)
        }
    }

    @Test("errors say which constraint was violated")
    func constraints() async throws {
        try await withDatabase { database in
            try await database.write {
                try await $0.executeScript(
                    """
                    CREATE TABLE w (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, beds INTEGER CHECK (beds > 0));
                    CREATE TABLE p (ward INTEGER REFERENCES w (id));
                    INSERT INTO w VALUES (1, 'a', 1);
                    """)
            }
            let cases: [(SQLQuery, SQLiteError.Code)] = [
                ("INSERT INTO w VALUES (2, 'a', 1)", .uniqueViolation),
                ("INSERT INTO w VALUES (1, 'b', 1)", .uniqueViolation),
                ("INSERT INTO w VALUES (2, NULL, 1)", .notNullViolation),
                ("INSERT INTO w VALUES (2, 'b', 0)", .checkViolation),
                ("INSERT INTO p VALUES (9)", .foreignKeyViolation),
                ("SELECT * FROM missing", .undefinedObject),
                ("SELEC 1", .syntax),
            ]
            for (query, code) in cases {
                await expect(code) { try await database.write { try await $0.execute(query) } }
            }
            do {
                _ = try await database.run("INSERT INTO w VALUES (2, 'a', 1)")
            } catch let error as SQLiteError {
                #expect(error.constraint == "w.name")
            }
        }
    }

    @Test("many that open a fresh file at the same moment all get it")
    func openingTogether() async throws {
        for _ in 0..<15 {
            try await withFolder { folder in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            let database = try SQLiteDatabase(
                                SQLiteConfiguration(path: folder + "/a.sqlite", readers: 1))
                            let rows = try await database.read { try await $0.query("SELECT 7") }
                            #expect(rows.first?.values == [.integer(7)])
                            await database.shutdown()
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("an actor's statements run on the database's threads, not on the actor")
    func actors() async throws {
        let threads = StatementThreads()
        try await withFolder { folder in
            let database = try SQLiteDatabase(
                SQLiteConfiguration(path: folder + "/a.sqlite"), instrumentation: SQLInstrumentation(observer: threads))
            let readers = try #require(database.readers)
            try await database.write { try await $0.execute("CREATE TABLE t (a)") }
            let onActor = Task { @MainActor in
                try await readers.withConnection { connection in
                    MainActor.assertIsolated()
                    _ = try await connection.query("SELECT a FROM t")
                    return threadHere()
                }
            }
            let actors = try await onActor.value
            let statements = threads.seen.with { $0 }
            #expect(!statements.isEmpty)
            #expect(!statements.contains(actors))
            await database.shutdown()
        }
    }
}

/// Notes on which thread each statement ended.
private struct StatementThreads: SQLObserver {
    let seen = Guarded<Set<ObjectIdentifier>>([])

    func sql(didRun statement: SQLStatementReport) { seen.with { _ = $0.insert(threadHere()) } }
}

private func threadHere() -> ObjectIdentifier { ObjectIdentifier(Thread.current) }
