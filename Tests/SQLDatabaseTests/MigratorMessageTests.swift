import Foundation
import PostgresBackend
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

/// Errors name what is wrong and what to do.
@Suite struct MigratorMessageTests {
    private static let wards = Migration(id: 1, name: "wards", statements: "CREATE TABLE wards (id bigint)")

    private func migrator(_ text: String, _ mode: Migration.TransactionMode = .perMigration) throws -> Migrator {
        try Migrator(
            namespace: "t", migrations: [Self.wards, Migration(id: 2, name: "m", statements: text, transaction: mode)])
    }

    @Test(arguments: [
        "INSERT INTO wards VALUES (1);\n\n/* open; INSERT INTO wards VALUES (2)", "SELECT 1;\n\nSELECT 'open; SELECT 2",
        "SELECT 1;\n\nSELECT \"open; SELECT 2", "SELECT 1; -- '\n/* a */\n/* b",
    ])
    func `a text that does not close what it opens is refused, with the line`(text: String) async throws {
        func check(_ database: some SQLClient) async throws {
            for mode in [Migration.TransactionMode.perMigration, .none] {
                let error = await expect(.invalidList) { try await migrator(text, mode).migrate(database) }
                #expect(error?.line == 3 && error?.message.contains("line 3 does not end") == true, "\(error as Any)")
                try await expectCount(0, "SELECT count(*) FROM wards", in: database)
            }
            let code = Migration(id: 2, name: "code", version: "1") { try await $0.executeScript(text) }
            await expect(.failed) {
                try await Migrator(namespace: "t", migrations: [Self.wards, code]).migrate(database)
            }
        }
        try await withSQLite { try await check($0) }
        if PostgresServer.isAvailable { try await withPostgres { try await check($0) } }
    }

    @Test func `a message holds no literal, whatever the engine says`() async throws {
        func check(_ texts: [String], _ database: some SQLClient) async throws {
            for text in texts {
                let error = await expect(.failed) { try await migrator(text).migrate(database) }
                #expect(error?.message.contains("SECRET") == false, "\(error?.message ?? "")")
                #expect(error?.engineCode != nil && error?.statement != nil)
            }
        }
        try await withSQLite { database in
            try await check(
                [
                    "CREATE TABLE c (a TEXT CHECK (a <> 'SECRET')); INSERT INTO c VALUES ('SECRET')",
                    "SELECT json('SECRET')", "SELECT missing('SECRET')",
                ], database)
        }
        guard PostgresServer.isAvailable else { return }
        try await withPostgres { database in
            try await check(
                [
                    "SELECT to_tsquery('SECRET & &')", "SELECT 'SECRET'::regclass", "SELECT 'SECRET'::int",
                    "DO $$ BEGIN RAISE EXCEPTION 'SECRET'; END $$", "SELECT E'SECRET'::uuid",
                    "SELECT $a$SECRET$a$::date",
                    "CREATE TABLE c (a text CHECK (a <> 'SECRET')); INSERT INTO c VALUES ('SECRET')",
                ], database)
        }
    }

    @Test(needsPostgres) func `nested comments of PostgreSQL are followed`() async throws {
        try await withPostgres { database in
            await expect(.invalidList) { try await migrator("SELECT 1; /* a /* b */ SELECT 2").migrate(database) }
            try await migrator("SELECT 1; /* a /* b */ */ SELECT 2").migrate(database)
        }
    }

    @Test func `a byte order mark before a text is skipped`() async throws {
        let text = "\u{FEFF}CREATE TABLE marked (a int)"
        try await withSQLite { database in
            try await migrator(text).migrate(database)
            try await expectCount(0, "SELECT count(*) FROM marked", in: database)
        }
        guard PostgresServer.isAvailable else { return }
        try await withPostgres { database in
            try await migrator(text).migrate(database)
            try await expectCount(0, "SELECT count(*) FROM marked", in: database)
        }
    }

    @Test func `a migration marked as pending before applied ones says how it runs again`() async throws {
        try await withSQLite { database in
            let steps = (1...3).map { Migration(id: $0, name: "m\($0)", statements: "SELECT \($0)") }
            let strict = try Migrator(namespace: "t", migrations: steps)
            try await strict.migrate(database)
            try await strict.mark(2, as: .pending, in: database)
            let error = await expect(.outOfOrder) { try await strict.status(of: database) }
            #expect(error?.message.contains("outOfOrder: .apply") == true)
            #expect(error?.message.contains("marked as pending") == true)
            let tolerant = try Migrator(namespace: "t", migrations: steps, outOfOrder: .apply)
            #expect(try await tolerant.migrate(database).map(\.id) == [2])
            #expect(try await strict.status(of: database).isCurrent)
        }
    }

    @Test func `a migrator inside a closure that holds a connection is told so`() async throws {
        func check(_ database: some SQLClient) async throws {
            let inner = try migrator("SELECT 1")
            let error = await expect(.failed) {
                try await database.write { _ in _ = try await inner.migrate(database) }
            }
            let message = try #require(error?.message)
            #expect(message.contains("outside of read, write and withWriter"), "\(message)")
            #expect(!message.contains("run the migrator again"), "\(message)")
        }
        try await withSQLite { try await check($0) }
        // The only connection, so that not even the list can be read.
        if PostgresServer.isAvailable { try await withPostgres(size: 1, overflow: 0) { try await check($0) } }
    }

    @Test(arguments: TestDatabase.available) func `a number that nobody knows cannot be marked as pending`(
        engine: TestDatabase
    ) async throws {
        try await engine.withDatabase { database in
            let list = try migrator("SELECT 1")
            for _ in 0..<2 {
                let error = await expect(.invalidList) { try await list.mark(99, as: .pending, in: database) }
                #expect(error?.message.contains("neither in the list nor in the database") == true)
                try await list.migrate(database)
            }
            // One that only the database knows can be.
            let empty = try Migrator(namespace: list.namespace, migrations: [])
            try await empty.mark(list.migrations[1].id, as: .pending, in: database)
            #expect(try await list.migrate(database).count == 1)
        }
    }

    @Test func `statements that no transaction takes name the option`() async throws {
        try await withSQLite { database in
            let error = await expect(.failed) { try await migrator("VACUUM").migrate(database) }
            #expect(error?.message.contains("transaction: .none") == true)
        }
        guard PostgresServer.isAvailable else { return }
        try await withPostgres { database in
            for text in ["CREATE INDEX CONCURRENTLY i ON wards (id)", "VACUUM wards", "ALTER SYSTEM RESET work_mem"] {
                let error = await expect(.failed) { try await migrator(text).migrate(database) }
                #expect(error?.message.contains("transaction: .none") == true, "\(error as Any)")
            }
        }
    }

    @Test(needsPostgres) func `COPY through the client is refused before anything runs`() async throws {
        try await withPostgres { database in
            let texts = [
                "COPY wards (id) FROM stdin;\n1\n\\.\n", "COPY public.wards FROM STDIN", "COPY wards TO STDOUT",
            ]
            for text in texts {
                for mode in [Migration.TransactionMode.perMigration, .none] {
                    let error = await expect(.invalidList) { try await migrator(text, mode).migrate(database) }
                    #expect(error?.message.contains("pg_dump --inserts") == true)
                }
            }
        }
    }

    @Test func `a migration that drops the list says so`() async throws {
        func check(_ database: some SQLClient) async throws {
            let error = await expect(.failed) { try await migrator("DROP TABLE vitals_migrations").migrate(database) }
            #expect(error?.message.contains("removes the table vitals_migrations") == true)
            #expect(try await migrator("SELECT 1").migrate(database).map(\.id) == [2])
        }
        try await withSQLite { try await check($0) }
        if PostgresServer.isAvailable { try await withPostgres { try await check($0) } }
    }

    @Test func `what SQLite refuses without a transaction is not called lost`() async throws {
        try await withSQLite { database in
            let journal = await expect(.failed) {
                try await migrator("PRAGMA journal_mode = DELETE", .none).migrate(database)
            }
            #expect(journal?.message.contains("lost") == false)
            let attached = await expect(.failed) {
                try await migrator("ATTACH '/nowhere/at/all.db' AS side", .none).migrate(database)
            }
            #expect(attached?.message.contains("the file that it attaches") == true)
        }
    }

    @Test(needsPostgres) func `a missing right names the table and the grant`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withPostgres(dsn: dsn) { database in
            try await script(
                """
                DO $$ BEGIN CREATE ROLE has_none LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$
                """, on: database)
            let other = dsn.replacingOccurrences(of: "//postgres@", with: "//has_none@")
            try await withPostgres(dsn: other) { database in
                let error = await expect(.permissionDenied) { try await migrator("SELECT 1").migrate(database) }
                #expect(error?.message.contains("GRANT USAGE, CREATE ON SCHEMA public") == true)
            }
            try await migrator("SELECT 1").migrate(database)
            try await withPostgres(dsn: other) { database in
                let error = await expect(.permissionDenied) { try await migrator("SELECT 1").status(of: database) }
                #expect(error?.message.contains("GRANT SELECT ON") == true)
                #expect(error?.message.contains("vitals_migrations") == true)
            }
            try await script("GRANT SELECT ON vitals_migrations TO has_none", on: database)
            try await withPostgres(dsn: other) { database in
                let more = Migration(id: 3, name: "more", statements: "SELECT 1")
                let text = Migration(id: 2, name: "m", statements: "SELECT 1")
                let error = await expect(.permissionDenied) {
                    try await Migrator(namespace: "t", migrations: [Self.wards, text, more]).migrate(database)
                }
                #expect(error?.message.contains("INSERT, UPDATE, DELETE") == true)
            }
        }
    }

    @Test func `where the database can only be read, the remedy is not to run again`() async throws {
        try await withSQLite { writable in
            try await writable.withWriter { try await $0.execute("CREATE TABLE other (a)") }
            var configuration = writable.configuration
            configuration.mode = .readOnly
            let database = try SQLiteDatabase(configuration)
            let migrator = try Migrator(namespace: "t", migrations: [Self.wards])
            let error = await expect(.failed) { try await migrator.migrate(database) }
            await database.shutdown()
            #expect(error?.message.contains("can only be read") == true, "\(error as Any)")
            #expect(error?.message.contains("again") == false)
        }
    }
}
