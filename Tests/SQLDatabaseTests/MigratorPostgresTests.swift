import Foundation
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// What only PostgreSQL has: statements that no transaction takes, schemas, locks and time limits.
@Suite(needsPostgres) struct MigratorPostgresTests {
    private static let wards = Migration(
        id: 1, name: "wards",
        statements: "CREATE TABLE wards (id bigint, name text); INSERT INTO wards VALUES (1, 'a'), (2, 'a')")

    private func migrator(_ migrations: [Migration], _ locks: MigrationLockPolicy = MigrationLockPolicy()) throws
        -> Migrator
    { try Migrator(namespace: "t", migrations: [Self.wards] + migrations, locks: locks) }

    private func plain(_ id: Int, _ text: String, lockTimeout: Duration? = nil) -> Migration {
        Migration(id: id, name: "m\(id)", statements: text, transaction: .none, lockTimeout: lockTimeout)
    }

    // MARK: Without a transaction

    @Test func `statements that no transaction takes run without one`() async throws {
        try await withPostgres { database in
            try await script("CREATE TYPE mood AS ENUM ('ok')", on: database)
            try await migrator([
                plain(2, "CREATE INDEX CONCURRENTLY wards_name ON wards (name); VACUUM wards"),
                plain(3, "ALTER TYPE mood ADD VALUE 'bad'; REINDEX INDEX CONCURRENTLY wards_name"),
                plain(4, "ALTER SYSTEM RESET work_mem; DROP INDEX CONCURRENTLY wards_name"),
            ]).migrate(database)
            try await expectCount(4, "SELECT count(*) FROM vitals_migrations", in: database)
            try await expectCount(0, "SELECT count(*) FROM vitals_unfinished_migrations", in: database)
            let locks: SQLQuery = """
                SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """
            try await expectCount(0, locks, in: database)
        }
    }

    @Test func `an index that failed is named, dropped and built again`() async throws {
        try await withPostgres { database in
            let migrator = try migrator([
                plain(2, #"CREATE TABLE x (a int); CREATE UNIQUE INDEX CONCURRENTLY "Wards.""name" ON wards (name)"#)
            ])
            for _ in 0..<2 {
                let error = await expect(.failed) { try await migrator.migrate(database) }
                #expect(error?.statement == 2 && error?.engineCode == "23505")
                #expect(error?.message.contains(#"left the index public."Wards.""name" invalid"#) == true)
                try await expectCount(1, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", in: database)
            }
            try await database.write { try await $0.execute("UPDATE wards SET name = 'b' WHERE id = 2") }
            #expect(try await migrator.migrate(database).map(\.id) == [2])
            try await expectCount(0, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", in: database)
            let index: SQLQuery = "SELECT count(*) FROM pg_class WHERE relname = \("Wards.\"name")"
            try await expectCount(1, index, in: database)
        }
    }

    @Test func `an invalid index of another origin stops IF NOT EXISTS from reporting success`() async throws {
        try await withPostgres { database in
            try await migrator([]).migrate(database)
            await #expect(throws: (any Error).self) {
                try await script("CREATE UNIQUE INDEX CONCURRENTLY u ON wards (name)", on: database)
            }
            let step = plain(2, "SELECT 1; CREATE INDEX CONCURRENTLY IF NOT EXISTS u ON public.wards (id)")
            for _ in 0..<3 {
                let error = await expect(.unfinished) { try await migrator([step]).migrate(database) }
                #expect(error?.statement == 2)
                #expect(error?.message.contains("DROP INDEX CONCURRENTLY public.u") == true)
            }
            try await script("DROP INDEX u; CREATE INDEX u ON wards (name)", on: database)
            let exists = plain(2, "SELECT 1; CREATE INDEX CONCURRENTLY u ON public.wards (id)")
            try await migrator([]).mark(2, as: .pending, in: database)
            for _ in 0..<2 {
                let error = await expect(.failed) { try await migrator([exists]).migrate(database) }
                #expect(error?.engineCode == "42P07")
            }
        }
    }

    @Test func `a statement whose connection was lost is completed by the next run`() async throws {
        try await withPostgres { database in
            let migrator = try migrator([plain(2, "CREATE INDEX CONCURRENTLY wards_name ON wards (name)")])
            try await self.migrator([]).migrate(database)
            try await database.withConnection { blocker in
                try await blocker.executeScript("BEGIN; INSERT INTO wards VALUES (3, 'c')")
                let run = Task { try await migrator.migrate(database) }
                let waiting: SQLQuery = """
                    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                        AND query LIKE 'CREATE INDEX%'
                    """
                var pids: [Int] = []
                while pids.isEmpty {
                    pids = try await database.query(waiting).decode(Int.self)
                    try await Task.sleep(for: .milliseconds(20))
                }
                _ = try await database.query("SELECT pg_terminate_backend(\(Int32(pids[0])))")
                let error = await expect(.failed) { try await run.value }
                #expect(error?.statement == 1)
                try await blocker.executeScript("COMMIT")
            }
            #expect(try await migrator.status(of: database).pending.map(\.id) == [2])
            try await migrator.migrate(database)
            try await expectCount(0, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", in: database)
        }
    }

    @Test func `an interrupted statement that cannot be repeated says so and is decided by a mark`() async throws {
        try await withPostgres { database in
            try await script("CREATE TYPE mood AS ENUM ('ok')", on: database)
            let end = "SELECT pg_terminate_backend(pg_backend_pid())"
            let migrator = try migrator([plain(2, "ALTER TYPE mood ADD VALUE 'bad'; \(end)")])
            await expect(.failed) { try await migrator.migrate(database) }
            await expect(.failed) { try await migrator.migrate(database) }
            // As if the answer to the first statement had been lost.
            try await script("UPDATE vitals_unfinished_migrations SET completed = 0", on: database)
            let error = await expect(.unfinished) { try await migrator.migrate(database) }
            #expect(error?.message.contains("mark(2, as: .applied, in: database)") == true)
            #expect(error?.engineCode == "42710")
            try await migrator.mark(2, as: .applied, in: database)
            #expect(try await migrator.migrate(database) == [])
        }
    }

    @Test func `what completed outside a transaction does not change afterwards, what failed may`() async throws {
        try await withPostgres { database in
            await expect(.failed) { try await migrator([plain(2, "SELECT missing")]).migrate(database) }
            await expect(.failed) { try await migrator([plain(2, "SELECT 1; SELECT missing")]).migrate(database) }
            await expect(.changed) { try await migrator([plain(2, "SELECT 2; SELECT 3")]).migrate(database) }
            try await migrator([]).mark(2, as: .pending, in: database)
            #expect(try await migrator([plain(2, "SELECT 2; SELECT 3")]).migrate(database).map(\.id) == [2])
            await expect(.invalidList) {
                let role = plain(3, "SET ROLE postgres")
                try await migrator([plain(2, "SELECT 2; SELECT 3"), role]).migrate(database)
            }
            await expect(.invalidList) {
                let unnamed = plain(3, "CREATE INDEX CONCURRENTLY ON wards (id)")
                try await migrator([plain(2, "SELECT 2; SELECT 3"), unnamed]).migrate(database)
            }
        }
    }

    // MARK: Schemas

    @Test(arguments: [
        "SET search_path = elsewhere", "SELECT pg_catalog.set_config('search_path', '', false)",
        "SET ROLE nobody_else", "SET SESSION AUTHORIZATION nobody_else",
    ])
    func `a migration that changes the session keeps the list and leaves no trace`(statement: String) async throws {
        try await withPostgres(size: 1) { database in
            try await script(
                """
                DO $$ BEGIN CREATE ROLE nobody_else; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
                CREATE SCHEMA elsewhere
                """, on: database)
            let migrator = try migrator([
                Migration(id: 2, name: "dump", statements: "\(statement); SELECT 1"),
                Migration(id: 3, name: "next", statements: "INSERT INTO wards VALUES (9, 'z')"),
                plain(4, "SELECT count(*) FROM wards"),
            ])
            #expect(try await migrator.migrate(database).count == 4)
            #expect(try await migrator.migrate(database) == [])
            let row = try await database.query("SELECT current_user::text, current_schema()::text")[0]
            #expect(row.values == [.text("postgres"), .text("public")])
        }
    }

    @Test func `the list is found where it is, and created where it is asked for`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withPostgres(dsn: dsn) { database in
            try await migrator([]).migrate(database)
            try await script("CREATE SCHEMA app", on: database)
        }
        try await withPostgres(dsn: dsn, configure: { $0.settings["search_path"] = "app, public" }) { database in
            #expect(try await migrator([]).migrate(database) == [])
            let own = try Migrator(
                namespace: "t", migrations: [Migration(id: 1, name: "x", statements: "SELECT 1")], schema: "Vitals \"x")
            try await own.migrate(database)
            #expect(try await own.status(of: database).isCurrent)
            let found: SQLQuery = "SELECT count(*) FROM \(identifier: "Vitals \"x", "vitals_migrations")"
            try await expectCount(1, found, in: database)
        }
        try await withPostgres(dsn: dsn, configure: { $0.settings["search_path"] = "nowhere" }) { database in
            await expect(.noSchema) { try await migrator([]).migrate(database) }
        }
    }

    // MARK: Limits and locks

    @Test func `no limit of the connection or the server ends a migration, its own does`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withPostgres(dsn: dsn) { database in
            try await script(
                """
                DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = ''500ms''', current_database());
                EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = ''500ms''', current_database());
                END $$
                """, on: database)
        }
        let slow: [Migration] = [
            Migration(id: 2, name: "slow", statements: "SELECT pg_sleep(3)"),
            Migration(id: 3, name: "code", version: "1") { connection in
                _ = try await connection.query("SELECT pg_sleep(1.5)::text")
                try await Task.sleep(for: .seconds(1))
            },
            plain(4, "SELECT pg_sleep(1.5)"),
        ]
        try await withPostgres(dsn: dsn, configure: { $0.statementTimeout = .seconds(1) }) { database in
            #expect(try await migrator(slow).migrate(database).count == 4)
            let shown = try await database.withConnection { try await $0.query("SHOW statement_timeout") }
            #expect(shown[0].values == [.text("1s")])
            let limited = Migration(
                id: 5, name: "limited", statements: "SELECT pg_sleep(9)", statementTimeout: .milliseconds(200))
            let error = await expect(.failed) { try await migrator(slow + [limited]).migrate(database) }
            #expect(error?.statement == 1)
        }
        try await withPostgres(dsn: dsn) { database in
            let again = Migration(id: 5, name: "again", statements: "SELECT pg_sleep(1.5)")
            try await migrator(slow + [again, plain(6, "SELECT pg_sleep(1)")]).migrate(database)
        }
    }

    @Test func `a migration gives way while it cannot have its lock, and tries again`() async throws {
        try await withPostgres { database in
            try await migrator([]).migrate(database)
            let alter = Migration(id: 2, name: "alter", statements: "ALTER TABLE wards ADD COLUMN beds int")
            let brief = MigrationLockPolicy(timeout: .milliseconds(200), attempts: 3, pause: .milliseconds(50))
            let events = Collected<MigrationEvent>()
            try await database.withConnection { blocker in
                try await blocker.executeScript("BEGIN; SELECT * FROM wards")
                let error = await expect(.lockNotAvailable) { try await migrator([alter], brief).migrate(database) }
                #expect(error?.engineCode == "55P03" && error?.statement == 1)
                let patient = try Migrator(
                    namespace: "t", migrations: [Self.wards, alter],
                    locks: MigrationLockPolicy(timeout: .milliseconds(100), pause: .milliseconds(50)),
                    observer: { events.add($0) })
                let run = Task { try await patient.migrate(database) }
                try await Task.sleep(for: .milliseconds(400))
                // Queries proceed between the attempts.
                _ = try await database.query("SELECT * FROM wards", timeout: .seconds(5))
                try await blocker.executeScript("COMMIT")
                #expect(try await run.value.map(\.id) == [2])
            }
            #expect(events.all.contains { $0.kind == .retrying && $0.count == 1 })
            #expect(events.all.last?.kind == .applied)
        }
    }

    // MARK: When there is nothing to do

    @Test func `nothing is written, locked or noticed when everything is current`() async throws {
        let notices = Collected<String>()
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        try await withPostgres(dsn: dsn, notices: { notices.add($0.message) }) { database in
            let migrator = try migrator([plain(2, "SELECT 1")])
            try await migrator.migrate(database)
            try await database.withConnection { blocker in
                try await blocker.executeScript("BEGIN; LOCK TABLE vitals_migrations IN EXCLUSIVE MODE")
                #expect(try await migrator.migrate(database) == [])
                try await blocker.executeScript("ROLLBACK")
            }
            try await script(
                """
                DO $$ BEGIN CREATE ROLE only_reads LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
                GRANT SELECT ON vitals_migrations TO only_reads
                """, on: database)
            let reader = dsn.replacingOccurrences(of: "//postgres@", with: "//only_reads@")
            try await withPostgres(dsn: reader) { database in
                let applied = try await migrator.migrate(database)
                #expect(applied == [])
            }
        }
        #expect(notices.all == [])
    }
}
