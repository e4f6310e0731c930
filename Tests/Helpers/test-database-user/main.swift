import Foundation
import SQLTestKit

// Uses test databases as a test process does, names what it holds, then waits to be killed or ends.
// Usage: test-database-user [ends]
// Prints: the server's process id, its data folder, a database's name, a SQLite file; one a line.

let template = PostgresTemplate { database in
    try await database.execute("CREATE TABLE wards (name text)")
}
let files = SQLiteTemplate { database in
    try await database.write { try await $0.executeScript("CREATE TABLE wards (name TEXT)") }
}
try await PostgresTestServer.shared().withDatabase(template: template) { database in
    // Only a superuser reads these; a role that may create databases gets NULL.
    let row = try await database.query(
        """
        SELECT current_database()::text,
            CASE WHEN usesuper THEN current_setting('data_directory') END AS folder,
            CASE WHEN usesuper THEN split_part(pg_read_file('postmaster.pid'), chr(10), 1) END AS id
        FROM pg_user WHERE usename = current_user
        """)[0]
    try await SQLiteTestDatabase.withDatabase(template: files) { file in
        let path = file.configuration.path
        print(try row.decode(2, as: String?.self) ?? "-")
        print(try row.decode(1, as: String?.self) ?? "-")
        print(try row.decode(0, as: String.self))
        print(path)
        fflush(nil)
        if CommandLine.arguments.contains("ends") { return }
        // Until it is killed.
        let (never, source) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
        source.finish()
    }
}
