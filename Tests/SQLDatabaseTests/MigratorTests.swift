import SQLDatabase
import Testing

@Suite("Migrator")
struct MigratorTests {
    static let wards = Migration(
        id: 1, name: "wards", statements: "CREATE TABLE wards (name TEXT); INSERT INTO wards VALUES ('a')")
    static let beds = Migration(
        id: 2, name: "beds", postgres: "ALTER TABLE wards ADD COLUMN beds bigint DEFAULT 1",
        sqlite: "ALTER TABLE wards ADD COLUMN beds INTEGER DEFAULT 1")

    @Test("migrations run once and in order", arguments: TestDatabase.available)
    func once(kind: TestDatabase) async throws {
        try await kind.withDatabase { database in
            let first = try Migrator(namespace: "t", migrations: [Self.wards])
            #expect(try await first.status(of: database).pending == [Self.wards])
            #expect(try await first.migrate(database) == [Self.wards])
            #expect(try await first.migrate(database) == [])

            let second = try Migrator(namespace: "t", migrations: [Self.beds, Self.wards])
            #expect(try await second.status(of: database).pending == [Self.beds])
            #expect(try await second.migrate(database) == [Self.beds])
            let status = try await second.status(of: database)
            #expect(status.isCurrent)
            #expect(status.applied == [1, 2])
            let rows = try await rows(of: "SELECT name, beds FROM wards", in: database)
            #expect(rows == [[.text("a"), .integer(1)]])
        }
    }

    @Test("programs that start together apply each migration once", arguments: TestDatabase.available)
    func together(kind: TestDatabase) async throws {
        try await kind.withDatabase { database in
            let migrator = try Migrator(namespace: "t", migrations: [Self.wards, Self.beds])
            let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
                for _ in 0..<8 { group.addTask { try await migrator.migrate(database) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.map(\.id).sorted() == [1, 2])
        }
    }

    @Test("namespaces do not see each other's numbers", arguments: TestDatabase.available)
    func namespaces(kind: TestDatabase) async throws {
        try await kind.withDatabase { database in
            let jobs = try Migrator(
                namespace: "jobs", migrations: [.init(id: 1, name: "jobs", statements: "CREATE TABLE jobs (id BIGINT)")]
            )
            try await Migrator(namespace: "wards", migrations: [Self.wards]).migrate(database)
            #expect(try await jobs.migrate(database).count == 1)
        }
    }

    @Test("of a migration that fails nothing is kept, and those before it are", arguments: TestDatabase.available)
    func failure(kind: TestDatabase) async throws {
        try await kind.withDatabase { database in
            let broken = Migration(
                id: 2, name: "broken", statements: "INSERT INTO wards VALUES ('b'); INSERT INTO missing VALUES (1)")
            let migrator = try Migrator(namespace: "t", migrations: [Self.wards, broken])
            let error = await expect(.failed) { try await migrator.migrate(database) }
            #expect(error?.message.contains("migration 2 (broken) of t") == true)
            #expect(error?.underlying != nil)
            let rows = try await rows(of: "SELECT name FROM wards", in: database)
            #expect(rows == [[.text("a")]])
            #expect(try await migrator.status(of: database).applied == [1])
        }
    }

    @Test("an older program refuses a newer schema", arguments: TestDatabase.available)
    func newerSchema(kind: TestDatabase) async throws {
        try await kind.withDatabase { database in
            try await Migrator(namespace: "t", migrations: [Self.wards, Self.beds]).migrate(database)
            let older = try Migrator(namespace: "t", migrations: [Self.wards])
            await expect(.newerSchema) { try await older.migrate(database) }
        }
    }

    @Test("a migration that was changed after it had been applied is told of", arguments: TestDatabase.available)
    func changed(kind: TestDatabase) async throws {
        try await kind.withDatabase { database in
            try await Migrator(namespace: "t", migrations: [Self.wards]).migrate(database)
            let other = Migration(id: 1, name: "wards", statements: "CREATE TABLE wards (title TEXT)")
            let migrator = try Migrator(namespace: "t", migrations: [other])
            await expect(.changed) { try await migrator.migrate(database) }
        }
    }

    @Test("a migration numbered below one already applied is refused", arguments: TestDatabase.available)
    func outOfOrder(kind: TestDatabase) async throws {
        try await kind.withDatabase { database in
            let third = Migration(id: 3, name: "third", statements: "CREATE TABLE third (a BIGINT)")
            try await Migrator(namespace: "t", migrations: [Self.wards, third]).migrate(database)
            let migrator = try Migrator(namespace: "t", migrations: [Self.wards, Self.beds, third])
            await expect(.outOfOrder) { try await migrator.migrate(database) }
        }
    }

    @Test func `a name that no database can store is refused before anything runs`() {
        func reason(_ body: () throws -> Migrator) -> String {
            do { _ = try body() } catch { return "\(error)" }
            return ""
        }
        let nul = Migration(id: 7, name: "a\u{0}b", statements: "SELECT 1")
        #expect(reason { try Migrator(namespace: "t", migrations: [nul]) }.contains("migration 7 of t: the name"))
        for (schema, problem) in [("", "is empty"), ("a\u{0}", "NUL"), (String(repeating: "s", count: 80), "80 bytes")]
        {
            let text = reason { try Migrator(namespace: "t", migrations: [], schema: schema) }
            #expect(text.contains("schema ") && text.contains(problem), "\(text)")
        }
    }

    @Test("a list with a number twice, below one, or without a namespace is refused")
    func invalidLists() {
        for (namespace, ids) in [("t", [1, 1]), ("t", [0]), ("", [1])] {
            let migrations = ids.map { Migration(id: $0, name: "x", statements: "SELECT 1") }
            #expect(throws: MigrationError.self) { try Migrator(namespace: namespace, migrations: migrations) }
        }
    }

    @Test("blanks at the ends of lines do not change the checksum, other changes do")
    func checksums() {
        func sum(_ text: String) -> String { Migration(id: 1, name: "", statements: text).checksum }
        #expect(sum("SELECT 1 \r\nFROM t") == sum("SELECT 1\nFROM t\n"))
        #expect(sum("SELECT 1") != sum("SELECT 2"))
        let postgres = Migration(id: 1, name: "", postgres: "SELECT 1", sqlite: "")
        let sqlite = Migration(id: 1, name: "", postgres: "", sqlite: "SELECT 1")
        let code = Migration(id: 1, name: "", version: "1") { _ in }
        let texts = Migration(id: 1, name: "", postgres: "code", sqlite: "1")
        #expect(postgres.checksum != sqlite.checksum && code.checksum != texts.checksum)
        #expect(sum("SELECT 1;\n\n SELECT 2 -- a \n") == sum("\n \nSELECT 1; \n SELECT 2 -- a"))
        #expect(sum("SELECT 'a\n\nb'") != sum("SELECT 'a\nb'"))
        #expect(sum("SELECT 'a \nb'") != sum("SELECT 'a\nb'"))
        #expect(sum("SELECT $$a\r\nb$$") != sum("SELECT $$a\nb$$"))
        #expect(sum("").hasPrefix("2:") && sum("").count == 18)
    }
}
