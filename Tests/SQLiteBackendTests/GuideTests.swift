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
            let rows = try await database.query("SELECT name FROM wards WHERE beds > \(10)")
            #expect(rows.map(\.values) == [[.text("North")]])

            let names = ["South", "East"]
            try await database.write { connection in
                try await connection.withSession { session in
                    for name in names { try session.execute("INSERT INTO wards (name, beds) VALUES (\(name), 8)") }
                }
            }
            let total = try await database.withRows(of: "SELECT beds FROM wards") { rows in
                var total: Int64 = 0
                for try await row in rows {
                    if case .integer(let beds) = row.values[0] { total += beds }
                }
                return total
            }
            #expect(total == 28)

            try await database.withWriter { connection in
                try await connection.withSchemaChange { connection in
                    try await connection.executeScript(
                        """
                        CREATE TABLE wards_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, beds INTEGER);
                        INSERT INTO wards_new SELECT id, name, beds FROM wards;
                        DROP TABLE wards;
                        ALTER TABLE wards_new RENAME TO wards
                        """)
                }
            }
            try await database.backup(to: folder + "/copy.sqlite")
            await database.shutdown()
            let copy = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/copy.sqlite"))
            let copied = try await copy.integer("SELECT count(*) FROM wards")
            #expect(copied == 3)
            await copy.shutdown()
        }
    }

    @Test("the guide's function works")
    func function() async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/wards.sqlite")) { connection in
                try connection.execute("PRAGMA recursive_triggers = ON")
                try connection.addFunction("initials", arguments: 1) { values in
                    guard case .text(let name) = values[0] else { return .null }
                    return .text(String(name.split(separator: " ").compactMap(\.first)))
                }
            }
            let rows = try await database.query("SELECT initials('Ada Lovelace')")
            #expect(rows.map(\.values) == [[.text("AL")]])
            await database.shutdown()
        }
    }
}
