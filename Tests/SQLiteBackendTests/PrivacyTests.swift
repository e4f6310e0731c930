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
}
