import SQLDatabase
import SQLiteBackend
import Testing

/// SQLite knows five forms of placeholders and numbers them in one sequence; only the driver's own are bound.
@Suite("Placeholders in SQLite")
struct PlaceholderTests {
    static let foreign: [SQLQuery] = [
        "SELECT \(7), ?, \(8)", "SELECT ?, \(7)", "SELECT \(7), ?2, \(8)", "SELECT ?1, \(7)", "SELECT \(7), :a, \(8)",
        "SELECT \(7), @a, \(8)", "SELECT \(7), $a, \(8)", "SELECT \(7), #a, \(8)", "SELECT ?", "SELECT ?2", "SELECT :a",
        "SELECT \(7) WHERE \("? = 1" as SQLQuery) AND \(8) = 8", statement("SELECT ?", [.integer(1)]),
        statement("SELECT ?1, ?2", [.integer(1), .integer(2)]), statement("SELECT $1, ?", [.integer(1), .integer(2)]),
        statement("SELECT $01", [.integer(1)]), statement("SELECT $1a", [.integer(1)]),
        statement("SELECT $1(a)", [.integer(1)]),
    ]

    @Test("one that is written out beside bound values is refused on every way", arguments: foreign)
    func foreignForms(query: SQLQuery) async throws {
        try await withDatabase { database in
            for _ in 0..<2 {
                let errors = [
                    await expect(.misuse) { try await database.rows(query) },
                    await expect(.misuse) { try await database.write { try await $0.execute(query) } },
                    await expect(.misuse) {
                        try await database.read { try await $0.withRows(of: query) { for try await _ in $0 {} } }
                    },
                    await expect(.misuse) {
                        try await database.withWriter { connection in
                            try await connection.withSession {
                                try $0.execute(query.sql, each: [query.parameters, query.parameters])
                            }
                        }
                    },
                ]
                for error in errors where !query.sql.contains("#") {
                    #expect(error?.message.contains("writes out a placeholder") == true, "\(query)")
                }
            }
        }
    }

    @Test("a question mark that is no placeholder is text")
    func texts() async throws {
        try await withDatabase { database in
            let rows = try await database.rows("SELECT '?', \(1), \"?\" FROM (SELECT 2 AS \"?\") -- ?\n/* ? */")
            #expect(rows == [[.text("?"), .integer(1), .integer(2)]])
        }
    }

    @Test("a script is told that it takes no parameters")
    func scripts() async throws {
        try await withDatabase { database in
            for script in ["SELECT ?", "SELECT $1"] {
                let error = await expect(.misuse) { try await database.run(script) }
                #expect(error?.message.contains("a script takes no parameters") == true)
            }
        }
    }
}
