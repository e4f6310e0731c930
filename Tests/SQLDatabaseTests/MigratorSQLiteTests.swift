import Foundation
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

/// What only SQLite has: foreign keys that cannot be switched inside a transaction.
@Suite struct MigratorSQLiteTests {
    static let base = Migration(
        id: 1, name: "base",
        statements: """
            CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent ON DELETE CASCADE);
            INSERT INTO parent VALUES (1, 'a'), (2, 'b');
            INSERT INTO child VALUES (1, 1), (2, 1), (3, 2)
            """)

    static let rebuild = """
        CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '');
        INSERT INTO parent_new SELECT id, name FROM parent;
        DROP TABLE parent;
        ALTER TABLE parent_new RENAME TO parent;
        """

    private func apply(_ text: String, to database: SQLiteDatabase, enforces: Bool = false) async throws {
        let migration = Migration(id: 2, name: "next", statements: text, enforcesForeignKeys: enforces)
        try await Migrator(namespace: "t", migrations: [Self.base, migration]).migrate(database)
    }

    private func foreignKeys(_ database: SQLiteDatabase) async throws -> Int {
        try await database.withWriter { try await $0.query("PRAGMA foreign_keys")[0].decode(0, as: Int.self) }
    }

    @Test(arguments: [
        rebuild,
        "PRAGMA foreign_keys = OFF; \(rebuild) PRAGMA foreign_key_check; PRAGMA foreign_keys = ON",
        "PRAGMA foreign_keys=off;\nBEGIN TRANSACTION;\n\(rebuild) PRAGMA foreign_key_check; COMMIT; PRAGMA foreign_keys=on;",
    ])
    func `the recipe that rebuilds a parent keeps its children`(text: String) async throws {
        try await withSQLite { database in
            try await apply(text, to: database)
            try await expectCount(3, "SELECT count(*) FROM child", in: database)
            #expect(try await foreignKeys(database) == 1)
            try await database.write { try await $0.execute("DELETE FROM parent WHERE id = 1") }
            try await expectCount(1, "SELECT count(*) FROM child", in: database)
        }
    }

    @Test(arguments: ["ON", "2", "'yes'", "true", "+1", "256", "0", "off", "false", "'no'", "x"])
    func `a leading pragma switches foreign keys as SQLite reads its value`(value: String) async throws {
        try await withSQLite { database in
            let isOn = try await database.withWriter { connection in
                try await connection.executeScript("PRAGMA foreign_keys = \(value)")
                return try await connection.query("PRAGMA foreign_keys")[0].decode(0, as: Bool.self)
            }
            try await script(
                """
                PRAGMA foreign_keys = ON; CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);
                CREATE TABLE b (a INTEGER REFERENCES a ON DELETE CASCADE); INSERT INTO b VALUES (1)
                """, on: database)
            let step = Migration(
                id: 1, name: "x", statements: "PRAGMA foreign_keys = \(value); DELETE FROM a")
            _ = try? await Migrator(namespace: "t", migrations: [step]).migrate(database)
            try await expectCount(isOn ? 0 : 1, "SELECT count(*) FROM b", in: database)
        }
    }

    @Test func `a migration that would leave children without a parent is rolled back and names them`() async throws {
        try await withSQLite { database in
            let error = await expect(.foreignKeyViolation) {
                try await apply("DELETE FROM parent WHERE id = 1", to: database)
            }
            #expect(error?.message.contains("2 rows of child would refer to no row of parent") == true)
            #expect(error?.migrationID == 2)
            try await expectCount(2, "SELECT count(*) FROM parent", in: database)
            #expect(try await foreignKeys(database) == 1)
        }
    }

    @Test func `violations that were there before do not stop a migration, and one more does`() async throws {
        try await withSQLite { database in
            try await Migrator(namespace: "t", migrations: [Self.base]).migrate(database)
            try await script(
                "PRAGMA foreign_keys = OFF; INSERT INTO child VALUES (9, 77); PRAGMA foreign_keys = ON", on: database)
            try await apply("UPDATE parent SET name = 'c'", to: database)
            let third = Migration(id: 3, name: "third", statements: "INSERT INTO child VALUES (10, 78)")
            let second = Migration(id: 2, name: "next", statements: "UPDATE parent SET name = 'c'")
            let error = await expect(.foreignKeyViolation) {
                try await Migrator(namespace: "t", migrations: [Self.base, second, third]).migrate(database)
            }
            #expect(error?.message.contains("1 row of child would refer") == true)
        }
    }

    @Test(arguments: [true, false], [true, false])
    func `ON DELETE acts in a migration that asks for enforcement`(byPragma: Bool, isUsual: Bool) async throws {
        try await withSQLite(configure: { $0.foreignKeys = isUsual }) { database in
            try await apply(
                (byPragma ? "PRAGMA foreign_keys = ON;" : "") + "DELETE FROM parent WHERE id = 1", to: database,
                enforces: !byPragma)
            try await expectCount(1, "SELECT count(*) FROM child", in: database)
            #expect(try await foreignKeys(database) == (isUsual ? 1 : 0))
        }
    }

    @Test(arguments: [true, false])
    func `a pragma that would be ignored is refused`(isUsual: Bool) async throws {
        try await withSQLite(configure: { $0.foreignKeys = isUsual }) { database in
            for (text, enforces, word) in [
                ("PRAGMA foreign_keys = OFF; DELETE FROM parent WHERE id = 1", true, "remove one of the two"),
                (
                    "INSERT INTO parent VALUES (9, 'x'); PRAGMA foreign_keys = ON; DELETE FROM parent", false,
                    "no effect"
                ),
                ("DELETE FROM child; PRAGMA foreign_keys = 0; DELETE FROM parent", true, "no effect"),
            ] {
                let error = await expect(.invalidList) { try await apply(text, to: database, enforces: enforces) }
                #expect(error?.message.contains(word) == true)
                #expect(error?.statement != nil)
            }
            try await apply(
                "PRAGMA foreign_keys = OFF; \(Self.rebuild) PRAGMA foreign_keys = ON; PRAGMA foreign_keys = OFF; "
                    + "DELETE FROM child; PRAGMA foreign_key_check; PRAGMA foreign_keys = ON", to: database)
        }
    }

    @Test func `foreign keys are enforced again after a failure and after cancellation`() async throws {
        try await withSQLite { database in
            await expect(.failed) { try await apply("INSERT INTO missing VALUES (1)", to: database) }
            #expect(try await foreignKeys(database) == 1)
            let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
            let task = Task { try await apply(endless, to: database) }
            try await Task.sleep(for: .milliseconds(300))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await foreignKeys(database) == 1)
            try await expectCount(1, "SELECT count(*) FROM vitals_migrations", in: database)
        }
    }

    @Test func `a database without enforcement is neither switched nor checked`() async throws {
        try await withSQLite(configure: { $0.foreignKeys = false }) { database in
            try await apply("DELETE FROM parent", to: database)
            #expect(try await foreignKeys(database) == 0)
            try await expectCount(3, "SELECT count(*) FROM child", in: database)
        }
    }

    @Test func `a foreign key that cannot be checked is refused, unless it was there before`() async throws {
        try await withSQLite { database in
            let broken =
                "CREATE TABLE x (a INTEGER); CREATE TABLE y (b INTEGER REFERENCES x (a)); UPDATE x SET a = 1"
            let error = await expect(.foreignKeyViolation) { try await apply(broken, to: database) }
            #expect(error?.message.contains("foreign keys of y") == true)
            try await script("CREATE TABLE x (a INTEGER); CREATE TABLE y (b INTEGER REFERENCES x (a))", on: database)
            try await apply("UPDATE parent SET name = 'd'", to: database)
        }
    }

    @Test func `VACUUM runs without a transaction, and what could be taken back is refused there`() async throws {
        try await withSQLite { database in
            let vacuum = Migration(id: 2, name: "vacuum", statements: "VACUUM; ANALYZE", transaction: .none)
            try await Migrator(namespace: "t", migrations: [Self.base, vacuum]).migrate(database)
            let insert = Migration(
                id: 3, name: "insert", statements: "INSERT INTO parent VALUES (3, 'c')", transaction: .none)
            await expect(.invalidList) {
                try await Migrator(namespace: "t", migrations: [Self.base, vacuum, insert]).migrate(database)
            }
            try await expectCount(2, "SELECT count(*) FROM parent", in: database)
            try await expectCount(0, "SELECT count(*) FROM vitals_unfinished_migrations", in: database)
        }
    }

    @Test func `the connection's time limit does not end a migration, its own does`() async throws {
        let slow =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) SELECT count(*) FROM n"
        try await withSQLite(configure: { $0.statementTimeout = .milliseconds(50) }) { database in
            try await apply(slow, to: database)
            let limited = Migration(id: 3, name: "limited", statements: slow, statementTimeout: .milliseconds(20))
            await expect(.failed) {
                try await Migrator(
                    namespace: "t",
                    migrations: [Self.base, Migration(id: 2, name: "next", statements: slow), limited]
                ).migrate(database)
            }
        }
    }

    @Test func `triggers stay whole`() async throws {
        try await withSQLite { database in
            try await apply(
                """
                CREATE TEMP TRIGGER x AFTER INSERT ON parent BEGIN SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END; END;
                CREATE TRIGGER renamed AFTER UPDATE ON parent BEGIN
                    UPDATE child SET id = id WHERE parent = new.id; -- a comment; with a semicolon
                END;
                INSERT INTO parent VALUES (3, ';')
                """, to: database)
            try await expectCount(3, "SELECT count(*) FROM parent", in: database)
        }
    }

    @Test func `the dump of another database is a migration`() async throws {
        try await withSQLite { source in
            try await apply("INSERT INTO parent VALUES (3, 'it''s; -- so')", to: source)
            try await script("DROP TABLE vitals_migrations", on: source)
            let program =
                "import sqlite3, sys; print('PRAGMA foreign_keys=OFF;', *sqlite3.connect(sys.argv[1]).iterdump(), sep='\\n')"
            let path = source.configuration.path
            let dump = try await ChildProcess.run("/usr/bin/env", ["python3", "-c", program, path])
            #expect(dump.contains("BEGIN TRANSACTION") && dump.contains("COMMIT"))
            try await withSQLite { database in
                let migration = Migration(id: 1, name: "dump", statements: dump)
                try await Migrator(namespace: "t", migrations: [migration]).migrate(database)
                try await expectCount(1, "SELECT count(*) FROM parent WHERE name = 'it''s; -- so'", in: database)
                try await expectCount(3, "SELECT count(*) FROM child", in: database)
            }
        }
    }

    @Test func `a migrator waits while another program writes to the file`() async throws {
        try await withSQLite(configure: { $0.busyTimeout = .milliseconds(50) }) { database in
            let other = try SQLiteDatabase(SQLiteConfiguration(path: database.configuration.path))
            let events = Collected<MigrationEvent>()
            let migrator = try Migrator(namespace: "t", migrations: [Self.base], observer: { events.add($0) })
            let run = try await other.write { connection in
                try await connection.execute("CREATE TABLE other (a INTEGER)")
                let run = Task { try await migrator.migrate(database) }
                try await Task.sleep(for: .milliseconds(400))
                return run
            }
            let applied = try await run.value
            #expect(applied.map(\.id) == [1])
            #expect(events.all.map(\.kind) == [.waiting, .started, .applied])
            await other.shutdown()
        }
    }

    @Test func `a database in memory is migrated`() async throws {
        let database = try SQLiteDatabase(SQLiteConfiguration(path: ":memory:"))
        try await apply(Self.rebuild, to: database)
        try await expectCount(3, "SELECT count(*) FROM child", in: database)
        let keys = try await foreignKeys(database)
        #expect(keys == 1)
        await database.shutdown()
    }
}
