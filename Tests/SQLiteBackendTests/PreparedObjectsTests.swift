import ConnectionPool
import SQLDatabase
import SQLiteBackend
import Testing

/// What the closure that prepares connections made stays as it made it: undone for a file, refused in memory.
@Suite("SQLite objects that are prepared with the connection")
struct PreparedObjectsTests {
    private static let prepare: @Sendable (SQLiteSetup) throws -> Void = { setup in
        for sql in [
            "ATTACH ':memory:' AS side", "CREATE TABLE side.s (a)", "CREATE TEMP TABLE kept (a, b)",
            "CREATE INDEX temp.place ON kept (a)", "CREATE TEMP VIEW seen AS SELECT a FROM kept",
            "CREATE TEMP TRIGGER fired AFTER INSERT ON kept BEGIN SELECT 1; END", "INSERT INTO kept VALUES (1, 2)",
            "CREATE TABLE IF NOT EXISTS base (a)",
            "CREATE TEMP TRIGGER follows AFTER INSERT ON main.base BEGIN SELECT 2; END",
        ] { try setup.execute(statement(sql)) }
    }

    static let changes = [
        "INSERT INTO kept VALUES (5, 5)", "UPDATE temp.kept SET a = 7", "DELETE FROM KEPT", "DROP TABLE kept",
        "DROP TABLE temp.kept", "ALTER TABLE kept RENAME TO other", "ALTER TABLE kept ADD COLUMN c",
        "ALTER TABLE temp.kept DROP COLUMN b", "DROP INDEX place", "DROP VIEW seen", "DROP TRIGGER fired",
        "DROP TABLE base", "PRAGMA temp_store = MEMORY", "PRAGMA temp.temp_store(2)",
        "DETACH side", "DETACH 'SIDE'", "DETACH \"side\"; ATTACH ':memory:' AS side",
        "WITH n AS (SELECT 3) REPLACE INTO kept SELECT 3, 3 FROM n",
        "CREATE TEMP TRIGGER mine AFTER INSERT ON own BEGIN DELETE FROM kept; END; INSERT INTO own VALUES (1)",
    ]

    @Test("a borrower's change of them does not reach the next borrower", arguments: [false, true], changes)
    func stays(inMemory: Bool, change: String) async throws {
        try await withDatabase(inMemory: inMemory, prepare: Self.prepare) { database in
            try await database.run("CREATE TABLE own (a)")
            let before = try await Self.state(database)
            do {
                try await database.withWriter { try await $0.executeScript(change) }
                #expect(!inMemory, "\(change) ran")
            } catch let error as SQLiteError {
                #expect(error.code == .misuse && error.message.contains("prepares"), "\(change): \(error)")
                #expect(inMemory)
            }
            #expect(try await Self.state(database) == before, "\(change)")
        }
    }

    @Test("what a borrower makes beside them may change, and goes", arguments: [false, true])
    func ownObjects(inMemory: Bool) async throws {
        try await withDatabase(inMemory: inMemory, prepare: Self.prepare) { database in
            let before = try await Self.state(database)
            try await database.withWriter {
                try await $0.executeScript(
                    """
                    CREATE TEMP TABLE mine (a); INSERT INTO mine SELECT a FROM kept; UPDATE mine SET a = 2;
                    ALTER TABLE mine RENAME TO yours; ATTACH ':memory:' AS more; CREATE TABLE more.m (a);
                    CREATE TEMP TABLE gone (a); DROP TABLE gone; DETACH more; ATTACH ':memory:' AS again; ANALYZE temp
                    """)
            }
            #expect(try await Self.state(database) == before)
        }
    }

    @Test("a closure that fails in memory is reported at once, with its error")
    func failingClosure() async throws {
        struct Unprepared: Error {}
        try await withDatabase(inMemory: true, prepare: { _ in throw Unprepared() }) { database in
            let start = ContinuousClock.now
            do {
                _ = try await database.rows("SELECT 1")
                Issue.record("nothing was thrown")
            } catch {
                #expect((error as? PoolError)?.underlying is Unprepared || error is Unprepared, "\(error)")
            }
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }

    private static func state(_ database: SQLiteDatabase) async throws -> [[[SQLValue]]] {
        try await database.withWriter { connection in
            var state: [[[SQLValue]]] = []
            for sql in [
                "SELECT name FROM pragma_database_list WHERE name <> 'temp' ORDER BY name",
                "SELECT type, name, sql FROM sqlite_temp_schema ORDER BY name", "SELECT a, b FROM kept",
                "SELECT name FROM side.sqlite_schema",
            ] { state.append(try await connection.query(statement(sql)).map(\.values)) }
            return state
        }
    }
}
