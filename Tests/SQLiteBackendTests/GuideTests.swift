import SQLDatabase
import SQLiteBackend
import Testing

/// The examples of Documentation/SQLite.md, as they stand there.
@Suite("The SQLite guide")
struct GuideTests {
    @Test("the guide's examples do what it says")
    func examples() async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/wards.sqlite"))
            try await database.write { connection in
                try await connection.executeScript(
                    "CREATE TABLE wards (id INTEGER PRIMARY KEY, name TEXT UNIQUE, beds INTEGER)")
                try await connection.execute("INSERT INTO wards (name, beds) VALUES (\("North"), \(12))")
            }
            let rows = try await database.read { try await $0.query("SELECT name FROM wards WHERE beds > \(10)") }
            #expect(try rows[0].decode("name", as: String.self) == "North")

            let names = ["South", "East"]
            try await database.write { connection in
                try await connection.withSession { session in
                    for name in names { try session.execute("INSERT INTO wards (name, beds) VALUES (\(name), 8)") }
                }
            }
            let count = try await database.integer("SELECT count(*) FROM wards")
            #expect(count == 3)
            try await database.backup(to: folder + "/copy.sqlite")
            await database.shutdown()
            let copy = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/copy.sqlite"))
            let copied = try await copy.integer("SELECT count(*) FROM wards")
            #expect(copied == 3)
            await copy.shutdown()
        }
    }
}
