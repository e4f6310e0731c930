import SQLTestKit
import Testing

/// The examples of Documentation/Testing.md, as they are there.
private let clinic = PostgresTemplate { database in
    let migrator = try Migrator(
        namespace: "clinic",
        migrations: [
            Migration(
                id: 1, name: "wards", statements: "CREATE TABLE wards (id int PRIMARY KEY, name text NOT NULL)"),
            Migration(id: 2, name: "first ward", statements: "INSERT INTO wards VALUES (1, 'North')"),
        ])
    try await migrator.migrate(database)
}

@Suite(.enabled(if: PostgresTestServer.isAvailable, "needs PostgreSQL"))
struct WardTests {
    @Test func `a ward can be renamed`() async throws {
        try await PostgresTestServer.shared().withDatabase(template: clinic) { database in
            let name = "South"
            try await database.execute("UPDATE wards SET name = \(name) WHERE id = 1")
            let rows = try await database.query("SELECT name FROM wards")
            #expect(try rows.map { try $0.decode(String.self) } == ["South"])
        }
    }

    @Test func `two wards cannot have one number`() async throws {
        try await PostgresTestServer.shared().withDatabase(template: clinic) { database in
            try await withRollback(database) { connection in
                try await connection.execute("INSERT INTO wards VALUES (2, 'South')")
                try await connection.withTransaction { inner in  // a savepoint
                    try await inner.execute("UPDATE wards SET name = 'East' WHERE id = 2")
                }
                await #expect(throws: PostgresError.self) {
                    try await connection.withTransaction { inner in
                        try await inner.execute("INSERT INTO wards VALUES (2, 'East')")
                    }
                }
                let count = try await connection.query("SELECT count(*) FROM wards")[0].decode(Int.self)
                #expect(count == 2)
            }
            let count = try await database.query("SELECT count(*) FROM wards")[0].decode(Int.self)
            #expect(count == 1)
        }
    }
}

private let notes = SQLiteTemplate { database in
    try await database.write { try await $0.executeScript("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)") }
}

@Test func `a note is stored`() async throws {
    try await SQLiteTestDatabase.withDatabase(template: notes) { database in
        let text = "quiet"
        try await database.write { try await $0.execute("INSERT INTO notes (text) VALUES (\(text))") }
        let count = try await database.read { try await $0.query("SELECT count(*) FROM notes")[0].decode(Int.self) }
        #expect(count == 1)
    }
}
