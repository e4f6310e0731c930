import SQLTestKit

// One import brings what the interface is made of. SQLite needs nothing installed besides.
let wards = SQLiteTemplate { database in
    try await database.write { try await $0.executeScript("CREATE TABLE wards (id INTEGER PRIMARY KEY, name TEXT)") }
}
try await SQLiteTestDatabase.withDatabase(template: wards) { database in
    let name = "North"
    try await withRollback(database) { connection in
        try await connection.execute("INSERT INTO wards (name) VALUES (\(name))")
        print("inside:", try await connection.query("SELECT count(*) FROM wards")[0].decode(Int.self))
    }
    let rows = try await database.read { try await $0.query("SELECT name FROM wards") }
    print("afterwards:", rows.count)
}

if PostgresTestServer.isAvailable {
    let version = try await PostgresTestServer.shared().withDatabase { database in
        try await database.query("SHOW server_version")[0].decode(String.self)
    }
    print("PostgreSQL:", version)
}
