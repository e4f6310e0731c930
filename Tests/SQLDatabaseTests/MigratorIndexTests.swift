import Foundation
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// Indexes that a migration without a transaction began to build, when its text is corrected afterwards.
@Suite(needsPostgres) struct MigratorIndexTests {
    private static let wards = Migration(
        id: 1, name: "wards",
        statements: "CREATE TABLE wards (id bigint, name text); INSERT INTO wards VALUES (1, 'a'), (2, 'a')")

    private func migrator(_ step: Migration?) throws -> Migrator {
        try Migrator(namespace: "t", migrations: [Self.wards] + (step.map { [$0] } ?? []))
    }

    private func plain(_ text: String) -> Migration {
        Migration(id: 2, name: "index", statements: text, transaction: .none)
    }

    private let unique = "CREATE UNIQUE INDEX CONCURRENTLY u ON wards (name)"

    private func expectIndex(_ state: String, in database: PostgresDatabase) async throws {
        let rows = try await database.query(
            """
            SELECT CASE WHEN indisvalid THEN 'valid' ELSE 'invalid' END || CASE WHEN indisunique THEN ' unique' ELSE '' END
            FROM pg_index WHERE indexrelid = to_regclass('u')
            """)
        #expect(try rows.first?.decode(0, as: String.self) ?? "missing" == state)
    }

    /// Has a build of the index fail, as the rows are not unique.
    private func failing(_ body: (PostgresDatabase) async throws -> Void) async throws {
        try await withPostgres { database in
            await expect(.failed) { try await migrator(plain(unique)).migrate(database) }
            try await expectIndex("invalid unique", in: database)
            try await body(database)
        }
    }

    @Test func `a failed build is dropped when the text is corrected, whatever it is then`() async throws {
        let distinct = "DELETE FROM wards WHERE id = 2; "
        let ifMissing = "\(distinct)CREATE UNIQUE INDEX IF NOT EXISTS u ON wards (name)"
        let corrections: [(Migration, String)] = [
            (Migration(id: 2, name: "index", statements: ifMissing), "valid unique"),
            (plain(ifMissing), "valid unique"), (plain(distinct + unique), "valid unique"),
            (plain("CREATE INDEX CONCURRENTLY other ON wards (name)"), "missing"), (plain(""), "missing"),
            (Migration(id: 2, name: "code", version: "1") { _ in }, "missing"),
            (.batches(id: 2, name: "b", version: "1") { _ in .finished }, "missing"),
        ]
        for (correction, state) in corrections {
            try await failing { database in
                #expect(try await migrator(correction).migrate(database).map(\.id) == [2])
                try await expectIndex(state, in: database)
                try await expectCount(0, "SELECT count(*) FROM vitals_unfinished_migrations", in: database)
            }
        }
    }

    @Test func `a mark does not forget a failed build`() async throws {
        try await failing { database in
            let migrator = try migrator(plain(unique))
            let error = await expect(.unfinished) { try await migrator.mark(2, as: .applied, in: database) }
            #expect(error?.message.contains("DROP INDEX CONCURRENTLY public.u") == true)
            try await migrator.mark(2, as: .pending, in: database)
            try await database.execute("DELETE FROM wards WHERE id = 2")
            #expect(try await migrator.migrate(database).map(\.id) == [2])
            try await expectIndex("valid unique", in: database)
        }
        try await failing { database in
            try await script("DROP INDEX u", on: database)
            try await migrator(plain(unique)).mark(2, as: .applied, in: database)
            #expect(try await migrator(plain(unique)).migrate(database) == [])
        }
    }

    @Test func `a build that the server completed counts only for the statement that began it`() async throws {
        let begun = plain("CREATE INDEX CONCURRENTLY u ON wards (name)")
        let corrections = [
            plain("CREATE UNIQUE INDEX CONCURRENTLY u ON wards (name, id)"), plain("SELECT 1"),
            Migration(id: 2, name: "index", statements: "CREATE UNIQUE INDEX IF NOT EXISTS u ON wards (name, id)"),
        ]
        for correction in corrections {
            try await withPostgres { database in
                await expect(.failed) {
                    try await migrator(plain("CREATE INDEX CONCURRENTLY u ON wards (name, missing)")).migrate(database)
                }
                // As if the program had been killed while it waited for the server's answer.
                try await script("CREATE INDEX u ON wards (name)", on: database)
                let statement = BegunStatementText(begun.statements(for: .postgres), index: "public.u")
                try await database.execute(
                    """
                    UPDATE vitals_unfinished_migrations
                    SET state = 'started', checksum = \(begun.checksum), checkpoint = \(statement.text)
                    """)
                let error = await expect(.unfinished) { try await migrator(correction).migrate(database) }
                #expect(error?.message.contains("DROP INDEX CONCURRENTLY public.u") == true)
                try await expectIndex("valid", in: database)
                #expect(try await migrator(begun).migrate(database).map(\.id) == [2])
            }
        }
    }

    /// What the column `checkpoint` holds of a statement. The checksum is that of a migration with the same two texts.
    private struct BegunStatementText {
        let text: String

        init(_ statement: String, index: String) {
            // FNV-1a over the text and a line feed.
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in (statement + "\n").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            let digits = String(hash, radix: 16)
            text = String(repeating: "0", count: 16 - digits.count) + digits + " " + index
        }
    }

    @Test(arguments: ["\u{c9}1", "\"\u{c9}1\"", "\"a\"\"\u{301}\"", "\"\u{301}a\""])
    func `a failed build is found by its name as the server has it`(name: String) async throws {
        try await withPostgres { database in
            let build = plain("CREATE UNIQUE INDEX CONCURRENTLY \(name) ON wards (name)")
            let error = await expect(.failed) { try await migrator(build).migrate(database) }
            #expect(error?.message.contains("invalid, which the next run drops") == true)
            let other = plain("SELECT 1")
            #expect(try await migrator(other).migrate(database).map(\.id) == [2])
            try await expectCount(0, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", in: database)
        }
    }

    @Test func `parts that took effect are not run again as a whole`() async throws {
        try await withPostgres { database in
            let text = "INSERT INTO wards VALUES (3, 'c'); SELECT missing"
            await expect(.failed) { try await migrator(plain(text)).migrate(database) }
            let whole = Migration(id: 2, name: "index", statements: text)
            let error = await expect(.changed) { try await migrator(whole).migrate(database) }
            #expect(error?.message.contains("1 of its parts took effect") == true)
        }
    }
}
