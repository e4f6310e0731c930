import SQLDatabase
import SQLiteBackend
import Testing

@Suite("SQLite errors hold no values")
struct PrivacyTests {
    static let secret = "Smith4111"

    @Test("no error's text holds a parameter or a literal of the statement")
    func noValues() async throws {
        let value = Self.secret
        let cases: [SQLQuery] = [
            "SELECT a FROM t WHERE a = \"Smith4111\"", "SELECT 'Smith4111", "SELECT 1 'x' 'Smith4111'",
            "SELECT * FROM f WHERE f MATCH \("\(value):x")", "SELECT * FROM f WHERE f MATCH \("x \"\(value)")",
            "SELECT * FROM f WHERE f MATCH \("\(value) AND")", "SELECT json_extract('{}', \(value))",
            "SELECT json_extract(\("{\(value)"), '$')", "SELECT json_set('{}', \(value), 1)",
            "ATTACH \("/nowhere/\(value)") AS x", "INSERT INTO u (id) VALUES (\(value))",
            "INSERT INTO s VALUES (\(value))", "INSERT INTO c VALUES (\(value))",
            "INSERT INTO n VALUES (\(value), NULL)",
            "INSERT INTO u VALUES (1, \(value)), (2, \(value))", "SELECT abs(\(Int64.min)), \(value)",
            "SELECT fail(\(value))", "SELECT \(value) LIKE 'a' ESCAPE \(value)",
            "SELECT zeroblob(2000000000), \(value)",
            "SELECT load_extension(\(value))", "INSERT INTO r VALUES (\(value))", "SELECT 12Smith4111",
            "SELECT * FROM t WHERE a = 'x' 4111 Smith4111",
        ]
        try await withDatabase(
            inMemory: true,
            prepare: { connection in
                try connection.addFunction("fail", arguments: 1) { _ in throw PrivacyTests.Failure() }
            }
        ) { database in
            try await database.run(
                """
                CREATE TABLE t (a); CREATE VIRTUAL TABLE f USING fts5(x); CREATE TABLE u (id INTEGER PRIMARY KEY, a UNIQUE);
                CREATE TABLE s (a INTEGER) STRICT; CREATE TABLE c (a CHECK (length(a) < 3));
                CREATE TABLE n (a, b NOT NULL); CREATE TABLE r (a);
                CREATE TRIGGER g BEFORE INSERT ON r BEGIN SELECT RAISE(ABORT, 'no rows here'); END
                """)
            for query in cases {
                do {
                    try await database.withWriter { _ = try await $0.query(query) }
                    Issue.record("no error: \(query.sql)")
                } catch let error as SQLiteError {
                    #expect(!error.description.contains("Smith4111"), "\(query.sql): \(error)")
                    #expect(!error.message.isEmpty)
                }
            }
        }
    }

    struct Failure: Error {}

    @Test(
        "messages that help and hold no value are SQLite's own",
        arguments: [
            ("SELECT * FROM missing", "no such table: missing"), ("SELECT missing FROM t", "no such column: missing"),
            ("SELEC 1", "near \"SELEC\": syntax error"), ("SELECT (1", "incomplete input"),
            ("INSERT INTO t VALUES (NULL)", "NOT NULL constraint failed: t.a"),
            ("INSERT INTO r VALUES (1)", "no rows here"), ("SELECT json('{')", "malformed JSON"),
            ("SELECT abs(-9223372036854775808)", "integer overflow"),
        ])
    func helpful(sql: String, message: String) async throws {
        try await withDatabase(inMemory: true) { database in
            try await database.run(
                """
                CREATE TABLE t (a NOT NULL); CREATE TABLE r (a);
                CREATE TRIGGER g BEFORE INSERT ON r BEGIN SELECT RAISE(ABORT, 'no rows here'); END
                """)
            do {
                try await database.run(sql)
                Issue.record("no error: \(sql)")
            } catch let error as SQLiteError {
                #expect(error.message.hasPrefix(message))
            }
        }
    }

    @Test("text in double quotes is an identifier, never a string")
    func doubleQuotes() async throws {
        try await withDatabase(inMemory: true) { database in
            let error = await expect(.undefinedObject) { try await database.rows("SELECT \"value\"") }
            #expect(error?.message.contains("single quotes") == true)
            await expect(.undefinedObject) { try await database.run("CREATE TABLE t (a CHECK (a <> \"x\"))") }
            let quoted = try await database.rows("SELECT \"a\" FROM (SELECT 1 AS a)")
            #expect(quoted == [[.integer(1)]])
        }
    }

    @Test(
        "a statement that was kept fails with the words that it would have if it were new",
        arguments: [
            ("SELECT a FROM t", "DROP TABLE t"), ("SELECT b FROM t", "ALTER TABLE t DROP COLUMN b"),
            ("SELECT t.b, 'Smith4111' FROM t", "ALTER TABLE t RENAME COLUMN b TO c"),
            ("SELECT * FROM v", "DROP VIEW v"), ("SELECT * FROM v", "ALTER TABLE t RENAME TO u"),
            ("INSERT INTO t (a, b) VALUES (7, 'Smith4111')", "ALTER TABLE t DROP COLUMN b"),
            ("DELETE FROM t WHERE b = 'Smith4111'", "DROP TABLE t"),
            ("SELECT * FROM t INDEXED BY i WHERE b = 0", "DROP INDEX i"),
        ])
    func keptStatements(sql: String, change: String) async throws {
        func error(_ database: SQLiteDatabase, isKept: Bool) async throws -> SQLiteError? {
            try await database.run(
                "CREATE TABLE t (a INTEGER PRIMARY KEY, b); CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT a FROM t")
            return try await database.withWriter { connection in
                let query = statement(sql)
                if isKept { try await connection.execute(query) }
                // A table that is renamed takes its views with it, other than one that is dropped.
                try await connection.executeScript(
                    change.contains("COLUMN b") && !change.contains("RENAME") ? "DROP INDEX i; \(change)" : change)
                do { try await connection.execute(query) } catch let error as SQLiteError { return error }
                return nil
            }
        }
        try await withDatabase(inMemory: true) { one in
            try await withDatabase(inMemory: true) { other in
                let fresh = try await error(one, isKept: false)
                let kept = try await error(other, isKept: true)
                #expect(kept?.message == fresh?.message)
                #expect(kept?.code == fresh?.code)
                #expect(kept?.message.contains(Self.secret) != true)
                #expect(change.contains("RENAME TO") || fresh != nil)
            }
        }
    }
}
