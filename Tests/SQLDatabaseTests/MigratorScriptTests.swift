import Foundation
import TestServers
import Testing

@testable import SQLDatabase

/// How the text of a migration is divided.
@Suite struct MigratorScriptTests {
    private func split(_ text: String, _ dialect: SQLDialect) -> [String] {
        MigrationScript.statements(of: text, dialect: dialect).map(\.text)
    }

    @Test func `statements end at semicolons outside quotes, comments, parentheses and bodies`() {
        for dialect in SQLDialect.allCases {
            #expect(split("", dialect) == [])
            #expect(split(" ; ;; -- a;b\n /* ; */ ;", dialect) == [])
            #expect(split("SELECT ';' AS \";\"; SELECT 2", dialect) == ["SELECT ';' AS \";\"", "SELECT 2"])
        }
        #expect(split("SELECT $a$;$b$;$a$; DO $$ BEGIN; END $$;", .postgres).count == 2)
        #expect(split("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3", .postgres).count == 2)
        let function = """
            CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC
                SELECT 1; SELECT CASE WHEN true THEN 1 END; END; SELECT 2
            """
        #expect(split(function, .postgres).count == 2)
        for body in [
            "SELECT 1; SELECT 2 AS end;", "SELECT t.end FROM t; SELECT 1 end;", "SELECT 1 AS case; SELECT 2;",
            "SELECT begin FROM t;", "", "SELECT CASE WHEN a THEN 1 END end;",
        ] {
            let text = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC \(body) END; SELECT 2"
            #expect(split(text, .postgres).count == 2, "\(body)")
        }
        #expect(
            split("CREATE FUNCTION begin(atomic int) RETURNS int AS 'a' LANGUAGE sql; SELECT 2", .postgres).count == 2)
        #expect(split("SELECT E'\\';'; SELECT 1", .postgres).count == 2)
        #expect(split("BEGIN; SELECT 1; END; SELECT 2", .postgres).count == 4)
        #expect(split("SELECT `;`, [;]; SELECT 1", .sqlite).count == 2)
        let trigger = "CREATE TRIGGER IF NOT EXISTS t AFTER INSERT ON x BEGIN SELECT 1; SELECT 2; END; SELECT 3"
        #expect(split(trigger, .sqlite).count == 2)
        #expect(split("CREATE TABLE trigger (a); SELECT 1", .sqlite).count == 2)
    }

    @Test(needsPostgres) func `a body in which END is a name is run as the server reads it`() async throws {
        try await withPostgres { database in
            let text = """
                CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2 AS end; END;
                CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1 end; SELECT CASE WHEN true THEN 5 END case; END
                """
            try await Migrator(namespace: "t", migrations: [Migration(id: 1, name: "f", statements: text)])
                .migrate(database)
            try await expectCount(7, "SELECT f() + g()", in: database)
        }
    }

    @Test func `lines are those on which statements begin`() {
        let statements = MigrationScript.statements(of: "\n-- c\nSELECT 1;\n\nSELECT\n2;SELECT 3", dialect: .postgres)
        #expect(statements.map(\.line) == [3, 5, 6])
        #expect(statements.map(\.number) == [1, 2, 3])
    }

    @Test func `a BEGIN and COMMIT around everything are left out, others are found`() throws {
        let kept = try MigrationScript.transactional(
            MigrationScript.statements(of: "PRAGMA a; BEGIN; SELECT 1; COMMIT; PRAGMA b", dialect: .sqlite))
        #expect(kept.map(\.text) == ["PRAGMA a", "SELECT 1", "PRAGMA b"])
        for text in ["SELECT 1; BEGIN; COMMIT", "BEGIN; COMMIT; SELECT 1", "BEGIN; ROLLBACK", "END", "ABORT"] {
            #expect(throws: MigrationScript.TransactionControlFound.self) {
                try MigrationScript.transactional(MigrationScript.statements(of: text, dialect: .postgres))
            }
        }
        _ = try MigrationScript.transactional(
            MigrationScript.statements(of: "SAVEPOINT a; ROLLBACK TO a; RELEASE a", dialect: .postgres))
    }

    /// Python's `sqlite3.complete_statement` is SQLite's own `sqlite3_complete`.
    @Test func `statements of SQLite end where SQLite's own function ends them`() async throws {
        let parts = [
            "SELECT 1", ";", "CREATE TRIGGER t", "CREATE TEMP TRIGGER t", "BEGIN", "END", " ", "\n", "'a;b'", "-- c;\n",
            "/* ; */", "EXPLAIN", "TRIGGER", "CREATE", "[;]", "CASE", "\"x;\"", "CREATE TABLE t", "TEMPORARY",
        ]
        var random = SplitMix64(seed: 17)
        let texts = (0..<2000).map { _ in
            (0..<Int.random(in: 1...12, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
                .joined(separator: " ") + ";"
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("scripts-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try JSONEncoder().encode(texts).write(to: file)
        let program =
            "import json,sqlite3,sys; print(''.join('1' if sqlite3.complete_statement(t) else '0' for t in json.load(open(sys.argv[1]))))"
        let answers = try await ChildProcess.run("/usr/bin/env", ["python3", "-c", program, file.path])
        for (text, answer) in zip(texts, answers) {
            // A text is complete when what follows its last semicolon is a statement of its own.
            let isComplete = split(text + " X", .sqlite).last == "X"
            #expect(isComplete == (answer == "1"), "\(text)")
        }
    }

    @Test(.enabled(if: PostgresServer.canStart, "needs psql"))
    func `statements of PostgreSQL end where psql ends them`() async throws {
        let parts = [
            "SELECT 1", ";", ";", "CREATE FUNCTION f()", "CREATE OR REPLACE PROCEDURE p()", "CREATE", "OR", "FUNCTION",
            "BEGIN ATOMIC", "; END", "CASE WHEN a THEN b END", "(SELECT 1; SELECT 2)", "'a;b'", "$$;$$",
            "$a$ $$;$$ $a$",
            "E'\\';'",
            "/* ; /* ; */ ; */", "\"x;\"", "CREATE TABLE t", "DO", "RETURNS int", "; end", "begin atomic", "x'3b'",
        ]
        var random = SplitMix64(seed: 18)
        let texts = (0..<1500).map { _ in
            (0..<Int.random(in: 1...14, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
                .joined(separator: " ") + " ;"
        }
        // No server accepts a body within a body, which psql counts. Nor words in parentheses in front of CREATE, which some versions
        // of psql count as the statement's first.
        .filter { text in
            let parts = text.uppercased().components(separatedBy: "BEGIN ATOMIC")
            return parts.count <= 2 && (parts.count == 1 || !parts[0].contains("(SELECT"))
        }
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("scripts-\(UUID().uuidString).sql")
        defer { try? FileManager.default.removeItem(at: file) }
        try texts.map { "\($0)\n\\r\n\\echo =====\n" }.joined().write(to: file, atomically: true, encoding: .utf8)
        let psql = try #require(PostgresServer.binaries) + "/psql"
        let shell = "\(psql) -X -q -A -t -e -d '\(dsn)' -f \(file.path) 2>/dev/null"
        let output = try await ChildProcess.run("/bin/sh", ["-c", shell])
        let echoed = output.components(separatedBy: "=====\n")
        #expect(echoed.count == texts.count + 1)
        func plain(_ text: some StringProtocol) -> String {
            String(text.filter { $0 != " " && $0 != ";" }).replacingOccurrences(of: "/*/**/*/", with: "")
        }
        for (text, echo) in zip(texts, echoed) {
            // Rows are printed as well; they are values without letters in front of them.
            let sent = echo.split(separator: "\n").filter { $0.hasSuffix(";") }.map(plain).filter { !$0.isEmpty }
            var expected = split(text, .postgres)
            if split(text + " X", .postgres).last != "X" { expected.removeLast() }
            #expect(sent == expected.map(plain), "\(text)")
        }
    }
}
