import SQLiteBackend
import TestServers
import Testing

@testable import SQLDatabase

/// Rows that referred to no row before a migration are told from those that it left so.
@Suite struct ForeignKeyIdentityTests {
    private static let forms = ["INTEGER PRIMARY KEY", "TEXT PRIMARY KEY", "TEXT PRIMARY KEY NOT NULL"]

    /// Tables `parent` and `child`, with rows of which some dangle. `form` decides how rows of `child` are numbered.
    private static func base(_ form: Int, _ rows: [Int: Int]) -> Migration {
        let suffix = form == 2 ? " WITHOUT ROWID" : ""
        let key = forms[form]
        let inserts = rows.sorted { $0.key < $1.key }.map { "INSERT INTO child VALUES (\($0.key), \($0.value));" }
        return Migration(
            id: 1, name: "base",
            statements: """
                CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
                CREATE TABLE child (id \(key), parent INTEGER REFERENCES parent)\(suffix);
                INSERT INTO parent VALUES (1, 'a'), (2, 'b'), (3, 'c'); \(inserts.joined())
                """)
    }

    /// Stores the base without any check, then runs a migration.
    private func apply(
        _ text: String, to form: Int, _ rows: [Int: Int], in database: SQLiteDatabase
    ) async throws {
        let base = Self.base(form, rows)
        try await script("PRAGMA foreign_keys = OFF; \(base.statements(for: .sqlite))", on: database)
        let empty = Migration(id: 1, name: "empty", statements: "")
        let next = Migration(id: 2, name: "next", statements: text)
        try await Migrator(namespace: "t", migrations: [empty, next]).migrate(database)
    }

    @Test(arguments: 0..<3) func `a row that dangles anew is not set off by one that vanished`(form: Int) async throws {
        try await withSQLite { database in
            let error = await expect(.foreignKeyViolation) {
                try await apply(
                    "DELETE FROM child WHERE id = 9; INSERT INTO child VALUES (10, 78)", to: form, [1: 1, 9: 77],
                    in: database)
            }
            #expect(error?.message.contains("1 row of child would refer to no row of parent") == true)
            try await expectCount(1, "SELECT count(*) FROM child WHERE parent = 77", in: database)
        }
        try await withSQLite { database in
            await expect(.foreignKeyViolation) {
                try await apply("UPDATE child SET parent = 78 WHERE id = 9", to: form, [1: 1, 9: 77], in: database)
            }
        }
    }

    @Test(
        arguments: 0..<3,
        [
            "ALTER TABLE child RENAME TO kid", "ALTER TABLE parent RENAME TO elder",
            "ALTER TABLE child RENAME COLUMN parent TO elder", "ALTER TABLE child RENAME COLUMN id TO number",
            "ALTER TABLE child RENAME TO kid; ALTER TABLE parent RENAME TO child; ALTER TABLE kid RENAME TO parent",
            "DELETE FROM child WHERE id = 9", "UPDATE child SET parent = 1 WHERE id = 9",
            "ALTER TABLE child ADD COLUMN beds INTEGER; ALTER TABLE child RENAME TO kid; INSERT INTO kid VALUES (4, 2, 5)",
            """
            CREATE TABLE new (id TEXT PRIMARY KEY, parent INTEGER REFERENCES parent, beds INTEGER) WITHOUT ROWID;
            INSERT INTO new SELECT id, parent, 1 FROM child ORDER BY id DESC; DROP TABLE child;
            ALTER TABLE new RENAME TO child; UPDATE child SET beds = 2
            """,
        ])
    func `rows that dangled before do not stop a rename or a rebuild`(form: Int, text: String) async throws {
        // The rebuild of the last text turns numbers into text, which is another key.
        guard form > 0 || !text.contains("CREATE") else { return }
        try await withSQLite { database in
            try await apply(text, to: form, [1: 1, 2: 1, 9: 77, 10: 77], in: database)
            let applied = try await database.query(
                "SELECT count(*) FROM sqlite_schema WHERE name = 'child' OR name = 'kid'")
            #expect(try applied[0].decode(Int.self) >= 1)
        }
    }

    private enum Change: CaseIterable { case insert, delete, point, add, remove, renameChild, renameParent, rebuild }

    /// Random changes, whose outcome a model of the rows knows.
    @Test func `exactly the migrations that leave a new dangling reference are refused`() async throws {
        for seed in 0..<150 {
            var random = SplitMix64(seed: UInt64(seed))
            let form = seed % 3
            var rows: [Int: Int] = [:]
            for id in 1...6 { rows[id] = Int.random(in: 1...6, using: &random) }
            let first = rows
            var parents: Set = [1, 2, 3]
            var (child, parent) = ("child", "parent")
            var text: [String] = []
            for number in 1...Int.random(in: 1...6, using: &random) {
                let id = Int.random(in: 1...9, using: &random)
                let value = Int.random(in: 1...6, using: &random)
                switch Change.allCases.randomElement(using: &random) ?? .insert {
                case .insert where rows[id] == nil:
                    rows[id] = value
                    text.append("INSERT INTO \(child) VALUES (\(id), \(value))")
                case .delete:
                    rows[id] = nil
                    text.append("DELETE FROM \(child) WHERE id = \(id)")
                case .insert, .point:
                    if rows[id] != nil { rows[id] = value }
                    text.append("UPDATE \(child) SET parent = \(value) WHERE id = \(id)")
                case .add:
                    parents.insert(value)
                    text.append("INSERT OR IGNORE INTO \(parent) VALUES (\(value), 'x')")
                case .remove:
                    parents.remove(value)
                    text.append("DELETE FROM \(parent) WHERE id = \(value)")
                case .renameChild:
                    text.append("ALTER TABLE \(child) RENAME TO child\(number)")
                    child = "child\(number)"
                case .renameParent:
                    text.append("ALTER TABLE \(parent) RENAME TO parent\(number)")
                    parent = "parent\(number)"
                case .rebuild:
                    let suffix = form == 2 ? " WITHOUT ROWID" : ""
                    text.append(
                        """
                        CREATE TABLE new (id \(Self.forms[form]), parent INTEGER REFERENCES \(parent))\(suffix);
                        INSERT INTO new SELECT * FROM \(child); DROP TABLE \(child); ALTER TABLE new RENAME TO \(child)
                        """)
                }
            }
            let dangled = first.filter { !(1...3).contains($0.value) }
            let dangles = rows.filter { !parents.contains($0.value) }
            // A table that is both built anew and renamed has no identity, so that its rows count as new.
            let hasIdentity = child == "child" || !text.contains { $0.contains("CREATE") }
            let isNew = dangles.contains { dangled[$0.key] != $0.value }
            try await withSQLite { database in
                let label = "seed \(seed): \(first) \(text)"
                do {
                    try await apply(text.joined(separator: ";\n"), to: form, first, in: database)
                    #expect(!isNew, "\(label)")
                } catch let error as MigrationError {
                    #expect(error.code == .foreignKeyViolation, "\(label): \(error)")
                    #expect(isNew || !hasIdentity && !dangles.isEmpty, "\(label): \(error)")
                }
            }
        }
    }
}
