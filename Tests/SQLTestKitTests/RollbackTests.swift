import SQLTestKit
import Testing

private struct Failure: Error {}

@Suite("A transaction that is always rolled back, on PostgreSQL", needsPostgres)
struct PostgresRollbackTests {
    private func withWards(_ body: (PostgresDatabase) async throws -> Void) async throws {
        try await PostgresTestServer.shared().withDatabase { database in
            try await database.execute("CREATE TABLE wards (name text PRIMARY KEY)")
            try await body(database)
            let left = try await database.query("SELECT name FROM wards").count
            #expect(left == 0)
        }
    }

    @Test func `the body sees its own rows, and none is left`() async throws {
        try await withWards { database in
            let count = try await withRollback(database) { connection in
                try await connection.execute("INSERT INTO wards VALUES ('North')")
                return try await connection.query("SELECT count(*) FROM wards")[0].decode(Int.self)
            }
            #expect(count == 1)
        }
    }

    @Test func `transactions inside are savepoints`() async throws {
        try await withWards { database in
            try await withRollback(database) { connection in
                try await connection.withTransaction { inner in
                    try await inner.execute("INSERT INTO wards VALUES ('North')")
                }
                await #expect(throws: Failure.self) {
                    try await connection.withTransaction { inner in
                        try await inner.execute("INSERT INTO wards VALUES ('South')")
                        throw Failure()
                    }
                }
                let names = try await connection.query("SELECT name FROM wards").map { try $0.decode(String.self) }
                #expect(names == ["North"])
            }
        }
    }

    @Test func `a body that throws, or goes on after a failed statement, leaves no rows`() async throws {
        try await withWards { database in
            await #expect(throws: Failure.self) {
                try await withRollback(database) { connection in
                    try await connection.execute("INSERT INTO wards VALUES ('North')")
                    throw Failure()
                }
            }
            let code = try await withRollback(database) { connection in
                try await connection.execute("INSERT INTO wards VALUES ('North')")
                do { try await connection.execute("INSERT INTO wards VALUES ('North')") } catch let error
                    as PostgresError
                {
                    return error.code
                }
                return .server
            }
            #expect(code == .uniqueViolation)
        }
    }

    @Test(arguments: ["COMMIT", "ROLLBACK", "COMMIT; BEGIN", "ROLLBACK; BEGIN; SAVEPOINT mine"])
    func `a body cannot end the transaction, and nothing of it is left`(_ sql: String) async throws {
        try await withWards { database in
            let error = await #expect(throws: PostgresError.self) {
                try await withRollback(database) { connection in
                    try await connection.execute("INSERT INTO wards VALUES ('North')")
                    try await connection.executeScript(sql)
                }
            }
            #expect(error?.code == .notSupported)
        }
    }
}

@Suite("A transaction that is always rolled back, on SQLite")
struct SQLiteRollbackTests {
    private static let wards = SQLiteTemplate { database in
        try await database.write { try await $0.executeScript("CREATE TABLE wards (name TEXT PRIMARY KEY)") }
    }

    @Test(arguments: [SQLiteTestDatabase.Storage.file, .memory])
    func `the body sees its own rows, transactions inside are savepoints, and none is left`(
        _ storage: SQLiteTestDatabase.Storage
    ) async throws {
        try await SQLiteTestDatabase.withDatabase(template: Self.wards, storage: storage) { database in
            let names = try await withRollback(database) { connection in
                try await connection.withTransaction { try await $0.execute("INSERT INTO wards VALUES ('North')") }
                await #expect(throws: Failure.self) {
                    try await connection.withTransaction { inner in
                        try await inner.execute("INSERT INTO wards VALUES ('South')")
                        throw Failure()
                    }
                }
                return try await connection.query("SELECT name FROM wards").map { try $0.decode(String.self) }
            }
            #expect(names == ["North"])
            await #expect(throws: Failure.self) {
                try await withRollback(database) { connection in
                    try await connection.execute("INSERT INTO wards VALUES ('North')")
                    throw Failure()
                }
            }
            let left = try await database.read { try await $0.query("SELECT name FROM wards").count }
            #expect(left == 0)
        }
    }

    @Test func `a read within the body sees what it wrote, and one of another task does not`() async throws {
        try await SQLiteTestDatabase.withDatabase(template: Self.wards) { database in
            let (inside, outside) = try await withRollback(database) { connection in
                try await connection.execute("INSERT INTO wards VALUES ('North')")
                let inside = try await database.read { try await $0.query("SELECT name FROM wards").count }
                let other = Task.detached {
                    try await database.read { try await $0.query("SELECT name FROM wards").count }
                }
                return (inside, try await other.value)
            }
            #expect(inside == 1 && outside == 0)
        }
    }

    @Test(arguments: ["COMMIT", "ROLLBACK", "COMMIT; BEGIN IMMEDIATE"])
    func `a body cannot end the transaction`(_ sql: String) async throws {
        try await SQLiteTestDatabase.withDatabase(template: Self.wards) { database in
            let error = await #expect(throws: SQLiteError.self) {
                try await withRollback(database) { connection in
                    try await connection.execute("INSERT INTO wards VALUES ('North')")
                    try await connection.executeScript(sql)
                }
            }
            #expect(error?.code == .misuse)
            let left = try await database.read { try await $0.query("SELECT name FROM wards").count }
            #expect(left == 0)
        }
    }

    @Test func `a body that goes on after SQLite rolled back is reported`() async throws {
        try await SQLiteTestDatabase.withDatabase(template: Self.wards) { database in
            await #expect(throws: (any Error).self) {
                try await withRollback(database) { connection in
                    try await connection.execute("INSERT INTO wards VALUES ('North')")
                    // The conflict clause ends the transaction.
                    _ = try? await connection.execute("INSERT OR ROLLBACK INTO wards VALUES ('North')")
                }
            }
            let left = try await database.read { try await $0.query("SELECT name FROM wards").count }
            #expect(left == 0)
        }
    }
}
