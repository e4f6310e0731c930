import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import SQLiteBackend

/// What only looks alike is not the same: texts that differ in their bytes, files that differ in who may read them.
@Suite("SQLite tells alike things apart")
struct ExactTests {
    static let spellings = ["caf\u{e9}", "cafe\u{301}"]

    @Test("two spellings of a name are two tables, through every way a statement can run", arguments: [false, true])
    func tables(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory, { $0.readers = 1 }) { database in
            for (value, name) in Self.spellings.enumerated() {
                try await database.withWriter { connection in
                    try await connection.execute("CREATE TABLE \(identifier: name) (a)")
                    try await connection.execute("INSERT INTO \(identifier: name) VALUES (\(value))")
                }
            }
            for _ in 0..<3 {
                for (value, name) in Self.spellings.enumerated() {
                    let query: SQLQuery = "SELECT a, \(name) AS t FROM \(identifier: name)"
                    let expected: [[SQLValue]] = [[.integer(Int64(value)), .text(name)]]
                    #expect(try await database.rows(query) == expected)
                    let read = try await database.read { connection in
                        try await connection.withRows(of: query) { rows in
                            var all: [[SQLValue]] = []
                            for try await row in rows { all.append(row.values) }
                            return all
                        }
                    }
                    #expect(read == expected)
                    let literal = try await database.rows(SQLQuery(unsafe: "SELECT hex('\(name)')"))
                    let bytes = name.utf8.map { String($0, radix: 16, uppercase: true) }.joined()
                    #expect(literal == [[.text(bytes)]])
                    let changed = try await database.withWriter { connection in
                        try await connection.execute("UPDATE \(identifier: name) SET a = a")
                    }
                    #expect(changed == 1)
                }
            }
        }
    }

    @Test("a column is found by the bytes of its name", arguments: [2, 20])
    func columns(count: Int) async throws {
        try await withDatabase { database in
            let others = (0..<count).map { "\($0) AS c\($0)" }.joined(separator: ", ")
            let query = "SELECT 1 AS \"\(Self.spellings[0])\", 2 AS \"\(Self.spellings[1])\", \(others)"
            let row = try #require(try await database.query(SQLQuery(unsafe: query)).first)
            #expect(try row.decode(Self.spellings[0], as: Int.self) == 1)
            #expect(try row.decode(Self.spellings[1], as: Int.self) == 2)
        }
    }

    @Test("keys of an object that a dictionary would merge are an error")
    func keys() async throws {
        try await withDatabase { database in
            let text = #"{"e\u0301":1,"\u00e9":2}"#
            let row = try #require(try await database.query("SELECT \(text) AS j").first)
            #expect(throws: SQLDecodingError.self) { _ = try row.decode("j", as: SQLJSON<[String: Int]>.self) }
        }
    }

    @Test("a journal that must be rolled back is not read over, where nothing can be written")
    func hotJournal() async throws {
        try await withFolder { folder in
            let path = folder + "/a.sqlite"
            // A writer that is killed within a transaction whose pages are on the disk already.
            let script = """
                import os, signal, sqlite3, sys
                db = sqlite3.connect(sys.argv[1], isolation_level=None)
                for sql in ("PRAGMA cache_size = 5", "CREATE TABLE t (x, y)", "BEGIN"): db.execute(sql)
                db.executemany("INSERT INTO t VALUES (1, ?)", [("y" * 500,)] * 3000)
                for sql in ("COMMIT", "BEGIN", "UPDATE t SET x = 100"): db.execute(sql)
                os.kill(os.getpid(), signal.SIGKILL)
                """
            let writer = Process()
            writer.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            writer.arguments = ["python3", "-c", script, path]
            try writer.run()
            writer.waitUntilExit()
            #expect(FileManager.default.fileExists(atPath: path + "-journal"))
            // As a file that does not change it would be read as it is.
            #expect(!ReadOnlyFile.needsImmutable(path, canWriteFolder: false))
            #expect(ReadOnlyFile.needsImmutable(folder + "/b.sqlite", canWriteFolder: false))
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path, mode: .readOnly))
            let error = await expect(.readOnly) { _ = try await database.rows("SELECT sum(x), min(x), max(x) FROM t") }
            #expect(error?.message.contains("open the file once for writing") == true)
            await database.shutdown()
        }
    }

    @Test("a backup may be read by those that may read the database, or what it replaces")
    func backupMode() async throws {
        try await withFolder { folder in
            let path = folder + "/a.sqlite"
            let database = try SQLiteDatabase(SQLiteConfiguration(path: path))
            try await database.run("CREATE TABLE t (a)")
            func mode(_ path: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            for (database_, old, expected) in [(0o600, nil, 0o600), (0o640, nil, 0o640), (0o600, 0o644, 0o644)]
                as [(Int, Int?, Int)]
            {
                let target = folder + "/copy-\(database_)-\(old ?? 0)"
                try FileManager.default.setAttributes([.posixPermissions: database_], ofItemAtPath: path)
                if let old {
                    try await database.backup(to: target)
                    try FileManager.default.setAttributes([.posixPermissions: old], ofItemAtPath: target)
                }
                try await database.backup(to: target)
                #expect(try mode(target) == expected)
            }
            await database.shutdown()
        }
    }

    @Test("a statement attaches only a file that is there, and says so")
    func attachNew() async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/a.sqlite"))
            try await database.run("CREATE TABLE t (a)")
            let error = await expect(.cannotOpen) {
                try await database.withWriter { try await $0.execute("ATTACH \(folder + "/new.sqlite") AS b") }
            }
            #expect(error?.message.contains("a file that is there") == true)
            await database.shutdown()
        }
    }

    @Test("a statement that its own connection's cursor stops is not blamed on others, nor tried again")
    func ownCursor() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (x); CREATE TABLE e (x)")
            try await database.run(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO t SELECT i FROM n"
            )
            let runs = Guarded(0)
            let error = await expect(.misuse) {
                try await database.withWriter { connection in
                    try await connection.withRows(of: "SELECT x FROM t") { rows in
                        for try await _ in rows {
                            runs.with { $0 += 1 }
                            try await connection.execute("DROP TABLE e")
                        }
                    }
                }
            }
            #expect(runs.with { $0 } == 1)
            #expect(error?.message.contains("of this connection still reads") == true)
            #expect(error?.isRetryable == false)
        }
    }

    @Test("an attached database and a temporary table are told from others that only look alike", arguments: spellings)
    func preparedObjects(name: String) async throws {
        let other = Self.spellings.first { !$0.isExactly(name) }!
        let prepare: @Sendable (SQLiteSetup) throws -> Void = {
            try $0.execute("CREATE TEMPORARY TABLE \(identifier: name) (a)")
        }
        try await withDatabase(inMemory: true, prepare: prepare) { database in
            try await database.withWriter { connection in
                // A borrower's own object is the borrower's, however it looks.
                try await connection.execute("CREATE TEMPORARY TABLE \(identifier: other) (b)")
                try await connection.execute("DROP TABLE \(identifier: other)")
                await #expect(throws: SQLiteError.self) {
                    try await connection.execute("DROP TABLE \(identifier: name)")
                }
                try await connection.execute("CREATE TEMPORARY TABLE \(identifier: other) (b)")
            }
            try await database.withWriter { connection in
                let names = try await connection.query("SELECT name FROM sqlite_temp_schema").map(\.values)
                #expect(names == [[.text(name)]])
            }
        }
    }

    @Test("a script that ends within a comment is refused whole, and an error says on which line its statement begins")
    func scripts() async throws {
        try await withDatabase(inMemory: true) { database in
            try await database.withWriter { connection in
                for script in ["CREATE TABLE t (a);\n\n /* open", "CREATE TABLE t (a); /* * / ; CREATE TABLE u (a);"] {
                    let line = script.contains("\n") ? 3 : 1
                    await #expect {
                        try await connection.executeScript(script)
                    } throws: {
                        ($0 as? SQLiteError)?.code == .misuse && "\($0)".contains("on line \(line) does not end")
                    }
                }
                #expect(try await connection.query("SELECT name FROM sqlite_schema").isEmpty)
                try await connection.executeScript("CREATE TABLE t (a); -- '/* no comment\nINSERT INTO t VALUES ('/*')")
                await #expect {
                    try await connection.executeScript(
                        "INSERT INTO t VALUES (1);\n\n  INSERT INTO t\n VALUES (\u{201C}2\u{201D} #);")
                } throws: {
                    "\($0)".contains("statement on line 3 of the script")
                }
                #expect(try await connection.query("SELECT count(*) FROM t")[0].values == [.integer(2)])
            }
        }
    }

    @Test("a savepoint is told from another one that only looks alike")
    func savepoints() async throws {
        let (outer, inner) = (Self.spellings[0], Self.spellings[1])
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.withWriter { connection in
                try await connection.executeScript("BEGIN; SAVEPOINT \"\(outer)\"")
                let error = await expect(.misuse) {
                    try await connection.withSavepoint { connection in
                        try await connection.executeScript("SAVEPOINT \"\(inner)\"; INSERT INTO t VALUES (1)")
                        try await connection.execute("ROLLBACK TO \(identifier: outer)")
                    }
                }
                #expect(error?.message.contains("was opened inside the closure") == true)
                try await connection.execute("COMMIT")
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
        }
    }

    @Test("temporary objects whose names hold quotes and accents are dropped for the next borrower")
    func quotedNames() async throws {
        try await withDatabase { database in
            let names = ["a\"\u{301}b", "\"\u{301}", "\u{301}", "a\"\"b"]
            try await database.withWriter { connection in
                for name in names { try await connection.execute("CREATE TEMP TABLE \(identifier: name) (a)") }
                #expect(try await connection.query("SELECT name FROM sqlite_temp_schema").count == names.count)
            }
            let left = try await database.withWriter { try await $0.query("SELECT name FROM sqlite_temp_schema").count }
            #expect(left == 0)
        }
    }
}
