import SQLDatabase
import Testing

/// A migration that was changed after it had been applied is noticed, whoever listed it.
@Suite struct MigratorChecksumTests {
    private static func migration(_ postgres: String, _ sqlite: String) -> Migration {
        Migration(id: 1, name: "a", postgres: postgres, sqlite: sqlite)
    }

    @Test(
        arguments: TestDatabase.available,
        [
            (migration("SELECT 1", ""), migration("", "SELECT 1")),
            (migration("SELECT 'a\n\nb'", "SELECT 'a\n\nb'"), migration("SELECT 'a\nb'", "SELECT 'a\nb'")),
            (migration("SELECT 'a \nb'", "SELECT 'a \nb'"), migration("SELECT 'a\nb'", "SELECT 'a\nb'")),
            (migration("SELECT '\u{e9}'", ""), migration("SELECT 'e\u{301}'", "")),
        ])
    func `a change is refused, and so is the way back`(engine: TestDatabase, pair: (Migration, Migration)) async throws
    {
        for (first, second) in [pair, (pair.1, pair.0)] {
            try await engine.withDatabase { database in
                #expect(first != second)
                try await Migrator(namespace: "t", migrations: [first]).migrate(database)
                let changed = try Migrator(namespace: "t", migrations: [second])
                await expect(.changed) { try await changed.status(of: database) }
                try await changed.mark(1, as: .applied, in: database)
                #expect(try await changed.status(of: database).isCurrent)
            }
        }
    }

    /// What version 0.1 listed is compared in that version's form until it is marked anew.
    @Test(arguments: TestDatabase.available) func `an entry of version 0.1 is accepted, and no other text`(
        engine: TestDatabase
    ) async throws {
        try await engine.withDatabase { database in
            let code = Migration(id: 2, name: "code", version: "1") { _ in }
            let first = try Migrator(namespace: "t", migrations: [Self.migration("SELECT 1;\n\nSELECT 2", ""), code])
            try await first.migrate(database)
            // FNV-1a over the lines "SELECT 1;" and "SELECT 2", and over "code" and "1".
            for (id, checksum) in [(1, "80c1f589102328e1"), (2, "18946eff8166a081")] {
                try await database.write {
                    _ = try await $0.execute("UPDATE vitals_migrations SET checksum = \(checksum) WHERE id = \(id)")
                }
            }
            #expect(try await first.status(of: database).isCurrent)
            #expect(try await first.migrate(database).isEmpty)
            let changed = try Migrator(namespace: "t", migrations: [Self.migration("SELECT 1;\n\nSELECT 3", ""), code])
            await expect(.changed) { try await changed.status(of: database) }
            try await first.mark(1, as: .applied, in: database)
            let stored = try await rows(of: "SELECT checksum FROM vitals_migrations WHERE id = 1", in: database)
            #expect(stored == [[.text(first.migrations[0].checksum)]])
        }
    }
}
