import PostgresBackend
import SQLDatabase
import SQLiteBackend
import Synchronization
import TestServers
import Testing

/// Code that ends the migrator's transaction through the driver's own connection.
@Suite struct MigratorEndedTransactionTests {
    private struct Stop: Error {}

    private static let wards = Migration(id: 1, name: "wards", statements: "CREATE TABLE wards (id BIGINT)")

    /// What the code does besides ending the transaction.
    enum End: String, CaseIterable { case returns, fails, conflicts }

    private static func texts(_ dialect: SQLDialect) -> [String] {
        let both = ["COMMIT", "ROLLBACK", "COMMIT; BEGIN", "ROLLBACK; BEGIN"]
        return dialect == .postgres ? both + ["COMMIT AND CHAIN", "COMMIT; BEGIN; SAVEPOINT a"] : both
    }

    private static func run(_ connection: MigrationConnection, _ text: String, _ end: End) async throws {
        try await connection.execute("INSERT INTO wards VALUES (1)")
        try await connection.underlying.executeScript(text)
        try await connection.execute("INSERT INTO wards VALUES (2)")
        switch end {
        case .returns: break
        case .fails: throw Stop()
        case .conflicts:
            guard connection.dialect == .postgres else { throw Stop() }
            try await connection.underlying.executeScript(
                "DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$")
        }
    }

    @Test(arguments: TestDatabase.available, End.allCases)
    func `is not listed, not repeated, and said to have kept a part`(engine: TestDatabase, end: End) async throws {
        for batches in [false, true] {
            try await engine.withDatabase { database in
                for text in Self.texts(database.dialect) {
                    let runs = Mutex(0)
                    let step: Migration
                    if batches {
                        step = .batches(id: 2, name: "ends", version: "1") { batch in
                            runs.withLock { $0 += 1 }
                            try await Self.run(batch.connection, text, end)
                            return .finished
                        }
                    } else {
                        step = Migration(id: 2, name: "ends", version: "1") { connection in
                            runs.withLock { $0 += 1 }
                            try await Self.run(connection, text, end)
                        }
                    }
                    let migrator = try Migrator(namespace: "t", migrations: [Self.wards, step])
                    let error = await expect(.failed) { try await migrator.migrate(database) }
                    #expect(error?.message.contains("so a part of it may have been kept") == true, "\(text): \(error!)")
                    #expect(error?.message.contains("was rolled back") == false, "\(text)")
                    #expect(error?.migrationID == 2 && runs.withLock { $0 } == 1, "\(text)")
                    #expect(try await migrator.status(of: database).applied == [1], "\(text)")
                }
            }
        }
    }

    /// The server reads the backslash as an escape, so that it sees a text and a COMMIT where the migrator sees one text.
    @Test(needsPostgres, arguments: [false, true])
    func `a text whose quotes the server reads otherwise is not said to be rolled back`(byDatabase: Bool) async throws {
        let setting = "standard_conforming_strings = off"
        let dsn = try await PostgresServer.shared().makeDatabase()
        if byDatabase {
            try await withPostgres(dsn: dsn) { database in
                try await script(
                    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET \(setting)', current_database()); END $$",
                    on: database)
            }
        }
        try await withPostgres(dsn: dsn) { database in
            for (id, rest) in [(1, "SELECT 1/0"), (2, "SELECT 1")] {
                let step = Migration(
                    id: id, name: "ends",
                    statements: """
                        \(byDatabase ? "SELECT 0" : "SET \(setting)"); CREATE TABLE z\(id) (a text);
                        SELECT '\\'' ; COMMIT; SELECT '\\''; \(rest)
                        """)
                let migrator = try Migrator(namespace: "n\(id)", migrations: [step])
                let error = await expect(.failed) { try await migrator.migrate(database) }
                #expect(
                    error?.message.contains("so a part of it may have been kept") == true,
                    "\(String(describing: error))")
                #expect(error?.message.contains("was rolled back") == false, "\(String(describing: error))")
                #expect(error?.statement == (id == 1 ? 4 : nil))
                #expect(try await migrator.status(of: database).applied.isEmpty)
                try await expectCount(0, "SELECT count(*) FROM \(identifier: "z\(id)")", in: database)
            }
        }
    }

    @Test(arguments: TestDatabase.available)
    func `code that fails in its own savepoint is rolled back as a whole`(engine: TestDatabase) async throws {
        try await engine.withDatabase { database in
            let step = Migration(id: 2, name: "savepoint", version: "1") { connection in
                try await connection.executeScript("SAVEPOINT a; INSERT INTO wards VALUES (1)")
                throw Stop()
            }
            let migrator = try Migrator(namespace: "t", migrations: [Self.wards, step])
            let error = await expect(.failed) { try await migrator.migrate(database) }
            #expect(error?.message.contains("failed and was rolled back") == true)
            try await expectCount(0, "SELECT count(*) FROM wards", in: database)
        }
    }

    @Test(needsPostgres) func `a migration that changes the role is listed under the migrator's own`() async throws {
        try await withPostgres { database in
            let role = "clerk_\(UInt32.random(in: 0 ..< .max))"
            try await script("CREATE ROLE \(role); CREATE SCHEMA s AUTHORIZATION \(role)", on: database)
            let steps = ["SET ROLE", "SET LOCAL ROLE", "SET SESSION AUTHORIZATION"].enumerated().map { index, text in
                Migration(id: index + 2, name: "role", statements: "\(text) \(role); CREATE TABLE s.t\(index) (a int)")
            }
            let migrator = try Migrator(namespace: "t", migrations: [Self.wards] + steps)
            #expect(try await migrator.migrate(database).count == 4)
            let owned: SQLQuery = """
                SELECT count(*) FROM pg_class c WHERE relkind = 'r' AND pg_get_userbyid(relowner) = \(role)
                """
            try await expectCount(3, owned, in: database)
            try await script("DROP OWNED BY \(role); DROP ROLE \(role)", on: database)
        }
    }
}
