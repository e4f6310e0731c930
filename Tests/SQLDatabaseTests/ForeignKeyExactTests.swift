import SQLDatabase
import SQLiteBackend
import Testing

/// Rows that dangled before a migration are told from others by all their bytes, by their foreign key, and by the names of
/// their tables as SQLite compares these.
@Suite struct ForeignKeyExactTests {
    private static let composed = "\u{e9}"
    private static let decomposed = "e\u{301}"

    /// A schema, and a migration of it that leaves a row dangling that did not before, or dangled otherwise.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let schema: String
        let change: String
        var testDescription: String { name }

        init(_ name: String, _ schema: String, _ change: String) {
            self.name = name
            self.schema = schema
            self.change = change
        }
    }

    private static let keys = ["INTEGER PRIMARY KEY", "TEXT PRIMARY KEY", "TEXT PRIMARY KEY NOT NULL"]

    private static func child(_ form: Int, _ values: String) -> String {
        """
        CREATE TABLE p (id TEXT PRIMARY KEY);
        CREATE TABLE c (id \(keys[form]), pid TEXT REFERENCES p)\(form == 2 ? " WITHOUT ROWID" : "");
        INSERT INTO c VALUES (\(values))
        """
    }

    static let refused: [Case] =
        (0..<3).flatMap { form in
            [
                Case(
                    "zero byte, other end \(form)", child(form, "1, 'x' || char(0) || 'y'"),
                    "UPDATE c SET pid = 'x' || char(0) || 'z'"),
                Case(
                    "zero byte, cut \(form)", child(form, "1, 'x' || char(0) || 'y'"), "UPDATE c SET pid = 'x'"),
                Case(
                    "spelling of the value \(form)", child(form, "1, '\(composed)'"),
                    "UPDATE c SET pid = '\(decomposed)'"),
                Case(
                    "text that is not valid \(form)", child(form, "1, CAST(x'ff' AS TEXT)"),
                    "UPDATE c SET pid = CAST(x'fe' AS TEXT)"),
                Case(
                    "type of the value \(form)",
                    child(form, "1, 'a'").replacing("pid TEXT", with: "pid"), "UPDATE c SET pid = x'61'"),
            ]
        }
        + (1..<3).flatMap { form in
            [
                Case(
                    "zero byte in the primary key \(form)", child(form, "'x' || char(0) || 'y', 'a'"),
                    "UPDATE c SET id = 'x' || char(0) || 'z'"),
                Case(
                    "spelling of the primary key \(form)", child(form, "'\(composed)', 'a'"),
                    "UPDATE c SET id = '\(decomposed)'"),
            ]
        } + [
            Case(
                "two tables, spelling",
                """
                CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE "\(composed)" (id INTEGER PRIMARY KEY, pid REFERENCES p);
                CREATE TABLE "\(decomposed)" (id INTEGER PRIMARY KEY, pid REFERENCES p);
                INSERT INTO "\(composed)" VALUES (1, 7)
                """,
                "DELETE FROM \"\(composed)\"; INSERT INTO \"\(decomposed)\" VALUES (1, 7)"),
            Case(
                "two parents, spelling",
                """
                CREATE TABLE "\(composed)" (id INTEGER PRIMARY KEY); CREATE TABLE "\(decomposed)" (id INTEGER PRIMARY KEY);
                CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES "\(composed)", b REFERENCES "\(decomposed)");
                INSERT INTO c VALUES (1, 7, NULL)
                """, "UPDATE c SET a = NULL, b = 7"),
            Case(
                "two tables, case of other letters",
                """
                CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE "C\u{c9}" (id INTEGER PRIMARY KEY, pid REFERENCES p);
                CREATE TABLE "C\u{e9}" (id INTEGER PRIMARY KEY, pid REFERENCES p); INSERT INTO "C\u{c9}" VALUES (1, 7)
                """, "DELETE FROM \"C\u{c9}\"; INSERT INTO \"C\u{e9}\" VALUES (1, 7)"),
            Case(
                "another key of the row",
                """
                CREATE TABLE p (id TEXT PRIMARY KEY);
                CREATE TABLE c (id INTEGER PRIMARY KEY, a TEXT REFERENCES p, b TEXT REFERENCES p);
                INSERT INTO c VALUES (1, 'zz', NULL)
                """, "UPDATE c SET a = NULL, b = 'zz'"),
            Case(
                "another key of the row, under the name of the first",
                """
                CREATE TABLE p (id TEXT PRIMARY KEY);
                CREATE TABLE c (id INTEGER PRIMARY KEY, a TEXT REFERENCES p, b TEXT REFERENCES p);
                INSERT INTO c VALUES (1, 'zz', NULL)
                """,
                """
                UPDATE c SET a = NULL, b = 'zz'; ALTER TABLE c RENAME COLUMN a TO x; ALTER TABLE c RENAME COLUMN b TO a
                """),
            Case(
                "beside a key that SQLite cannot check",
                """
                CREATE TABLE q (x); CREATE TABLE p (id TEXT PRIMARY KEY);
                CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES q (x), b TEXT REFERENCES p);
                INSERT INTO c VALUES (1, NULL, NULL), (2, NULL, 'zz')
                """, "UPDATE c SET b = 'a' WHERE id = 1"),
            Case(
                "behind a temporary table of the name", child(0, "1, 'a'"),
                "CREATE TEMP TABLE c (id INTEGER PRIMARY KEY); UPDATE main.c SET pid = 'b'"),
        ]

    static let accepted = [
        Case(
            "names that differ in their spelling",
            """
            CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, pid TEXT REFERENCES p);
            INSERT INTO c VALUES (1, 'a')
            """, "ALTER TABLE p RENAME TO \"p\(composed)\"; CREATE TABLE \"p\(decomposed)\" (a)"),
        Case("text that is not valid", child(0, "1, CAST(x'ff' AS TEXT)"), "ALTER TABLE c ADD COLUMN beds INTEGER"),
        Case("text that is not valid, in a key", child(2, "CAST(x'ff' AS TEXT), 'a'"), "UPDATE c SET pid = pid"),
        Case(
            "the case of a name", child(1, "1, 'a'"),
            """
            ALTER TABLE p RENAME TO x; ALTER TABLE x RENAME TO P; CREATE TABLE n (id TEXT PRIMARY KEY, pid TEXT REFERENCES p);
            INSERT INTO n SELECT * FROM c; DROP TABLE c; ALTER TABLE n RENAME TO C
            """),
        Case(
            "columns that trade names",
            """
            CREATE TABLE p (id TEXT PRIMARY KEY);
            CREATE TABLE c (id INTEGER PRIMARY KEY, a TEXT REFERENCES p, b TEXT REFERENCES p);
            INSERT INTO c VALUES (1, 'zz', NULL)
            """,
            """
            ALTER TABLE c RENAME COLUMN a TO x; ALTER TABLE c RENAME COLUMN b TO a; ALTER TABLE c RENAME COLUMN x TO b
            """),
        Case(
            "a column before it is dropped",
            """
            CREATE TABLE p (id TEXT PRIMARY KEY);
            CREATE TABLE c (id INTEGER PRIMARY KEY, a TEXT, b TEXT REFERENCES p); INSERT INTO c VALUES (1, 'a', 'zz')
            """, "ALTER TABLE c DROP COLUMN a"),
        Case(
            "a key that SQLite cannot check",
            """
            CREATE TABLE q (x); CREATE TABLE p (id TEXT PRIMARY KEY);
            CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES q (x), b TEXT REFERENCES p, d REFERENCES q (none));
            INSERT INTO c VALUES (1, 7, NULL, 1), (2, NULL, 'zz', NULL)
            """, "CREATE UNIQUE INDEX i ON q (x); ALTER TABLE c ADD COLUMN e"),
        Case(
            "long names",
            """
            CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE "\(String(repeating: "c", count: 90))" (
            "\(String(repeating: "i", count: 90))" TEXT PRIMARY KEY, pid TEXT REFERENCES p);
            INSERT INTO "\(String(repeating: "c", count: 90))" VALUES (1, 'zz')
            """, "ALTER TABLE p ADD COLUMN b"),
    ]

    private func apply(_ test: Case, in database: SQLiteDatabase) async throws {
        try await script("PRAGMA foreign_keys = OFF; \(test.schema)", on: database)
        let change = Migration(id: 1, name: "change", statements: test.change)
        try await Migrator(namespace: "t", migrations: [change]).migrate(database)
    }

    @Test(arguments: refused) func `a row that dangles in another way is refused`(test: Case) async throws {
        try await withSQLite { database in
            let error = await expect(.foreignKeyViolation) { try await apply(test, in: database) }
            #expect(error?.message.contains("1 row of") == true, "\(String(describing: error))")
        }
    }

    @Test(arguments: accepted) func `a row that dangled before does not stop a change`(test: Case) async throws {
        await #expect(throws: Never.self) { try await withSQLite { try await apply(test, in: $0) } }
    }
}
