import Foundation
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// Migrations on PostgreSQL servers with settings, poolers and faults of their own.
@Suite(needsPostgres) struct MigratorServerTests {
    private static let wards = Migration(
        id: 1, name: "wards",
        statements: "CREATE TABLE wards (id bigint, name text); INSERT INTO wards VALUES (1, 'a'), (2, 'a')")

    private func migrator(_ migrations: [Migration]) throws -> Migrator {
        try Migrator(namespace: "t", migrations: [Self.wards] + migrations)
    }

    private func plain(_ id: Int, _ text: String) -> Migration {
        Migration(id: id, name: "m\(id)", statements: text, transaction: .none)
    }

    // MARK: COMMIT

    @Test func `a constraint that fails at COMMIT, and a session that ends there, leave nothing`() async throws {
        try await withPostgres { database in
            let deferred = Migration(
                id: 2, name: "deferred",
                statements: """
                    CREATE TABLE d (a int PRIMARY KEY, b int REFERENCES d DEFERRABLE INITIALLY DEFERRED);
                    INSERT INTO d VALUES (1, 7)
                    """)
            let error = await expect(.failed) { try await migrator([deferred]).migrate(database) }
            #expect(error?.engineCode == "23503" && error?.message.contains("COMMIT") == true)
            let lost = Migration(
                id: 2, name: "lost",
                statements: """
                    CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END; $$;
                    CREATE TABLE e (a int);
                    CREATE CONSTRAINT TRIGGER leave AFTER INSERT ON e DEFERRABLE INITIALLY DEFERRED
                        FOR EACH ROW EXECUTE FUNCTION leave();
                    INSERT INTO e VALUES (1)
                    """)
            await expect(.failed) { try await migrator([lost]).migrate(database) }
            #expect(try await migrator([lost]).status(of: database).applied == [1])
            try await expectCount(0, "SELECT count(*) FROM pg_class WHERE relname IN ('d', 'e')", in: database)
        }
    }

    @Test func `a server whose transactions are serializable or read-only by default is no obstacle`() async throws {
        try await withPostgres(configure: {
            $0.settings["default_transaction_isolation"] = "serializable"
            $0.settings["default_transaction_read_only"] = "on"
        }) { database in
            let all = try migrator([Migration(id: 2, name: "x", statements: "CREATE TABLE x (a int)")])
            let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
                for _ in 0..<8 { group.addTask { try await all.migrate(database) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.map(\.id).sorted() == [1, 2])
            let index = try migrator([
                Migration(id: 2, name: "x", statements: "CREATE TABLE x (a int)"),
                plain(3, "CREATE INDEX CONCURRENTLY x_a ON x (a); INSERT INTO x VALUES (1)"),
            ])
            #expect(try await index.migrate(database).map(\.id) == [3])
        }
    }

    @Test(arguments: [false, true])
    func `a commit whose answer was lost is found in the list`(inBatch: Bool) async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let proxy = try FaultProxy(to: server.port)
        let detour = dsn.replacingOccurrences(of: ":\(server.port)/", with: ":\(proxy.port)/")
        let text = """
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END; $$;
            CREATE TABLE e (a int);
            CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON e DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION wait();
            INSERT INTO e VALUES (1)
            """
        let slow =
            inBatch
            ? Migration.batches(id: 2, name: "slow", version: "1") { batch in
                if batch.completed == 0 { try await batch.connection.executeScript(text) }
                return batch.completed == 0 ? .next(checkpoint: "1") : .finished
            } : Migration(id: 2, name: "slow", statements: text)
        try await withPostgres(dsn: dsn) { direct in
            try await withPostgres(dsn: detour) { database in
                let migrator = try migrator([slow])
                let run = Task { try await migrator.migrate(database) }
                let committing: SQLQuery = """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event = 'PgSleep' AND query LIKE '%COMMIT'
                    """
                while try await count(committing, in: direct) == 0 { try await Task.sleep(for: .milliseconds(10)) }
                proxy.cut()
                let applied = try await run.value
                #expect(applied.map(\.id) == [1, 2])
            }
            try await expectCount(1, "SELECT count(*) FROM e", in: direct)
        }
        proxy.stop()
    }

    @Test(.enabled(if: PgBouncerServer.canStart, "needs pgbouncer"))
    func `a transaction pooler takes all but steps outside a transaction, which say so`() async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let pooler = try await PgBouncerServer.start(for: server, mode: .transaction)
        let detour = dsn.replacingOccurrences(of: ":\(server.port)/", with: ":\(pooler.port)/")
        let configure: (inout PostgresConfiguration) -> Void = {
            $0.pooling = .transactionPooler
            $0.statementTimeout = .seconds(1)
        }
        try await withPostgres(dsn: detour, configure: configure) { database in
            let batches = Migration.batches(id: 2, name: "b", version: "1") { batch in
                batch.completed == 2 ? .finished : .next(checkpoint: "\(batch.completed)")
            }
            let slow = Migration(id: 3, name: "slow", statements: "SELECT pg_sleep(2)")
            let all = try migrator([batches, slow])
            let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
                for _ in 0..<4 { group.addTask { try await all.migrate(database) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.map(\.id).sorted() == [1, 2, 3])
            let error = await expect(.failed) {
                try await migrator([batches, slow, plain(4, "VACUUM wards")]).migrate(database)
            }
            #expect(error?.message.contains("direct connection") == true)
        }
        await pooler.remove()
    }

    @Test(.enabled(if: PgBouncerServer.canStart, "needs pgbouncer"))
    func `a transaction pooler that was not declared is noticed by a step without a transaction`() async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let pooler = try await PgBouncerServer.start(
            for: server, mode: .transaction,
            settings: ["ignore_startup_parameters": "options,extra_float_digits", "server_round_robin": "1"])
        // Says that it has its settings from the server: a session without them is refused.
        let name = dsn.split(separator: "/").last ?? ""
        try await server.run(sql: "ALTER DATABASE \(name) SET vitals.settings = 'sent'")
        try await withPostgres(dsn: dsn) { try await migrator([]).migrate($0) }
        let detour = dsn.replacingOccurrences(of: ":\(server.port)/", with: ":\(pooler.port)/")
        try await withPostgres(dsn: detour) { database in
            // Several connections of the pooler, which takes one after the other.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try await database.query("SELECT pg_sleep(0.3)::text") } }
                try await group.waitForAll()
            }
            let error = await expect(.failed) {
                try await migrator([plain(2, "CREATE TABLE one (a int)")]).migrate(database)
            }
            #expect(error?.message.contains("transactionPooler") == true)
            try await expectCount(0, "SELECT count(*) FROM pg_class WHERE relname = 'one'", in: database)
        }
        await pooler.remove()
    }

    @Test(.enabled(if: PostgresServer.canStart, "needs pg_dump"))
    func `the output of pg_dump is a migration`() async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        try await withPostgres(dsn: dsn) { source in
            try await script(
                """
                CREATE TABLE wards (id serial PRIMARY KEY, name text);
                INSERT INTO wards (name) VALUES ('it''s; -- so'), ('\\restrict $$');
                CREATE FUNCTION twice(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a; SELECT a * 2; END;
                CREATE FUNCTION thrice(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN a * 3; END; $$
                """, on: source)
        }
        let program = try #require(PostgresServer.binaries) + "/pg_dump"
        let dump = try await ChildProcess.run(program, ["--inserts", "-d", dsn])
        try await withPostgres(size: 1) { database in
            let migrator = try Migrator(
                namespace: "t",
                migrations: [
                    Migration(id: 1, name: "dump", statements: dump),
                    Migration(id: 2, name: "next", statements: "INSERT INTO wards (name) VALUES ('c')"),
                ])
            try await migrator.migrate(database)
            #expect(try await migrator.migrate(database) == [])
            try await expectCount(3, "SELECT count(*) FROM wards WHERE twice(2) = 4 AND thrice(2) = 6", in: database)
        }
    }

    @Test func `a statement without a transaction that is cancelled is continued by the next run`() async throws {
        try await withPostgres { database in
            let migrator = try migrator([plain(2, "CREATE INDEX CONCURRENTLY wards_name ON wards (name)")])
            try await self.migrator([]).migrate(database)
            try await database.withConnection { blocker in
                try await blocker.executeScript("BEGIN; INSERT INTO wards VALUES (3, 'c')")
                let run = Task { try await migrator.migrate(database) }
                let waiting: SQLQuery = """
                    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                        AND query LIKE 'CREATE INDEX%'
                    """
                while try await count(waiting, in: database) == 0 { try await Task.sleep(for: .milliseconds(20)) }
                run.cancel()
                await #expect(throws: CancellationError.self) { try await run.value }
                try await blocker.executeScript("COMMIT")
            }
            let states = try await rows(of: "SELECT state, completed FROM vitals_unfinished_migrations", in: database)
            #expect(states == [[.text("failed"), .integer(0)]])
            let applied = try await migrator.migrate(database)
            #expect(applied.map(\.id) == [2])
            try await expectCount(0, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", in: database)
            let locks: SQLQuery = """
                SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """
            try await expectCount(0, locks, in: database)
        }
    }
}
