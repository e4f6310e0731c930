import PostgresBackend
import SQLiteBackend
import TestServers
import Testing

@testable import SQLDatabase

/// A migration without a transaction that is resumed has the session that its completed statements made.
@Suite struct MigratorResumeTests {
    private func migrator(_ text: String) throws -> Migrator {
        try Migrator(
            namespace: "t", migrations: [Migration(id: 1, name: "plain", statements: text, transaction: .none)])
    }

    @Test(
        needsPostgres,
        arguments: [
            "SET search_path = app", "SET SESSION search_path TO app", "SELECT set_config('search_path', 'app', false)",
            "SELECT pg_catalog.set_config('search_path', 'app', false) AS x",
            "SET search_path = other; SET search_path = app",
            "SET search_path = other; RESET search_path; SELECT set_config('search_path', 'app', false)",
        ])
    func `objects land in the schema that a completed statement chose`(session: String) async throws {
        try await withPostgres { database in
            try await script("CREATE SCHEMA app; CREATE SCHEMA other; CREATE TABLE fault (ok int)", on: database)
            let migrator = try migrator(
                """
                \(session);
                CREATE TABLE first (a int);
                SELECT 1 / count(*) FROM public.fault;
                CREATE TABLE second (a int);
                CREATE INDEX CONCURRENTLY second_a ON second (a)
                """)
            await expect(.failed) { try await migrator.migrate(database) }
            await expect(.failed) { try await migrator.migrate(database) }
            try await script("INSERT INTO fault VALUES (1)", on: database)
            #expect(try await migrator.migrate(database).count == 1)
            try await expectCount(
                2, "SELECT count(*) FROM pg_tables WHERE schemaname = 'app' AND tablename IN ('first', 'second')",
                in: database)
            try await expectCount(
                1, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'app' AND indexname = 'second_a'", in: database)
        }
    }

    @Test(needsPostgres) func `a session that ended in between is restored as well`() async throws {
        try await withPostgres { database in
            try await script("CREATE SCHEMA app; CREATE TABLE fault (ok int)", on: database)
            let migrator = try migrator(
                """
                SET search_path = app; SET work_mem = '7MB';
                SELECT CASE WHEN count(*) = 0 THEN pg_terminate_backend(pg_backend_pid()) END FROM public.fault;
                CREATE TABLE made AS SELECT current_setting('work_mem') AS memory
                """)
            await expect(.failed) { try await migrator.migrate(database) }
            try await script("INSERT INTO fault VALUES (1)", on: database)
            try await migrator.migrate(database)
            try await expectCount(1, "SELECT count(*) FROM app.made WHERE memory = '7MB'", in: database)
        }
    }

    @Test(
        needsPostgres,
        arguments: [
            "DO $$ BEGIN PERFORM set_config('search_path', 'app', false); END $$", "CALL move()", "SELECT own()",
            "SELECT own() FROM fault", "INSERT INTO triggered VALUES (1)", "CREATE TEMP TABLE x (a int)",
            "CREATE TEMPORARY VIEW x AS SELECT 1", "PREPARE p AS SELECT public.own(); CREATE TABLE x AS EXECUTE p",
            "SELECT 1 AS a INTO TEMP x", "SELECT pg_advisory_lock(1)", "CREATE TABLE x AS SELECT own()",
            "ALTER TABLE fault ADD COLUMN b text DEFAULT own()", "CREATE TABLE pg_temp.x (a int)",
            "SELECT own() WHERE false; DROP FUNCTION own()",
            "WITH a AS (SELECT own()) SELECT * FROM a", "PREPARE p AS SELECT public.own(); EXECUTE p",
        ])
    func `a completed statement that may have changed the session otherwise is not passed over`(
        statement: String
    ) async throws {
        try await withPostgres { database in
            try await script(
                """
                CREATE SCHEMA app; CREATE TABLE fault (ok int); CREATE TABLE triggered (a int);
                CREATE FUNCTION own() RETURNS text LANGUAGE sql AS $$ SELECT set_config('search_path', 'app', false) $$;
                CREATE PROCEDURE move() LANGUAGE plpgsql AS $$ BEGIN SET search_path = app; END $$;
                CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM set_config('search_path', 'app', false); RETURN NEW; END $$;
                CREATE TRIGGER fire BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION fire()
                """, on: database)
            let migrator = try migrator(
                "\(statement); SELECT 1 / count(*) FROM public.fault; CREATE TABLE second (a int)")
            await expect(.failed) { try await migrator.migrate(database) }
            // The default of a column may call a function that changes the session, which is returned as it was.
            try await script("INSERT INTO public.fault (ok) VALUES (1); RESET search_path", on: database)
            let error = await expect(.unfinished) { try await migrator.migrate(database) }
            #expect(error?.message.contains("mark(1, as: .applied, in: database)") == true)
            try await expectCount(0, "SELECT count(*) FROM pg_tables WHERE tablename = 'second'", in: database)
            try await migrator.mark(1, as: .applied, in: database)
            #expect(try await migrator.migrate(database) == [])
        }
    }

    @Test(arguments: [
        "CREATE TABLE a (b int DEFAULT own())", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE INDEX CONCURRENTLY i ON t (lower(a))", "DROP TABLE a", "VACUUM (ANALYZE) t", "GRANT SELECT ON t TO x",
        "COMMENT ON TABLE t IS 'DO'", "ALTER SYSTEM SET work_mem = 1", "CREATE TABLE measured (temp int)",
        "REINDEX INDEX CONCURRENTLY i", "ALTER TYPE mood ADD VALUE 'bad'",
    ])
    func `definitions change no session`(text: String) throws {
        let statement = try #require(MigrationScript.statements(of: text, dialect: .postgres).first)
        #expect(SessionEffect(statement, dialect: .postgres) == .none(calls: [], relations: []))
    }

    @Test func `an attached file of SQLite is attached again`() async throws {
        try await withSQLite { database in
            let side = database.configuration.path + "-side"
            let other = try SQLiteDatabase(SQLiteConfiguration(path: side))
            try await script("CREATE TABLE here (a)", on: other)
            let migrator = try migrator("ATTACH '\(side)' AS side; VACUUM; REINDEX side.gone; ANALYZE side")
            await expect(.failed) { try await migrator.migrate(database) }
            try await script("CREATE TABLE gone (a)", on: other)
            #expect(try await migrator.migrate(database).count == 1)
            await other.shutdown()
        }
    }
}
