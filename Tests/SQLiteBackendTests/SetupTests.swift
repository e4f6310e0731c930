import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import SQLiteBackend

@Suite("Preparing SQLite connections")
struct SetupTests {
    struct Failure: Error, Equatable {}

    @Test(
        "functions, attached files and settings are there on each connection, also after a reset",
        arguments: [false, true])
    func prepared(inMemory: Bool) async throws {
        try await withFolder { folder in
            let other = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/other.sqlite"))
            try await other.run("CREATE TABLE o (a); INSERT INTO o VALUES (5)")
            await other.shutdown()
            let path = folder + "/other.sqlite"
            try await withDatabase(
                inMemory: inMemory,
                prepare: { connection in
                    try connection.execute("ATTACH \(path) AS other")
                    try connection.execute("PRAGMA recursive_triggers = ON")
                    try connection.execute("CREATE TEMP TABLE settings AS SELECT 'a' AS name")
                    try connection.addFunction("initials", arguments: 1) { values in
                        guard case .text(let name) = values[0] else { return .null }
                        return .text(String(name.split(separator: " ").compactMap(\.first)))
                    }
                }
            ) { database in
                let query: SQLQuery =
                    "SELECT initials('Ada Lovelace'), (SELECT a FROM o), (SELECT name FROM settings), initials(1)"
                let expected: [[SQLValue]] = [[.text("AL"), .integer(5), .text("a"), .null]]
                for round in 0..<3 {
                    #expect(try await database.rows(query) == expected, "\(round)")
                    try await database.withWriter { connection in
                        #expect(try await connection.query(query).map(\.values) == expected)
                        #expect(try await connection.query("PRAGMA recursive_triggers")[0].values == [.integer(1)])
                        try await connection.executeScript(
                            "PRAGMA recursive_triggers = OFF; ATTACH ':memory:' AS x; CREATE TEMP TABLE y (a)")
                    }
                }
            }
        }
    }

    @Test("a function's arguments and results are values of each kind, and its error is the cause")
    func functions() async throws {
        try await withDatabase(
            inMemory: true,
            prepare: { connection in
                try connection.addFunction("same", arguments: 1) { $0[0] }
                try connection.addFunction("number", arguments: nil) { .integer(Int64($0.count)) }
                try connection.addFunction("fails", arguments: 0) { _ in throw Failure() }
                try connection.addFunction("odd", arguments: 0) { _ in .double(.nan) }
                try connection.addFunction("moment", arguments: 0) { _ in .timestamp(microseconds: 0) }
                try connection.addFunction("safe", arguments: 1, usableInSchema: true) { $0[0] }
            }
        ) { database in
            for value: SQLValue in [
                .integer(.min), .double(0.5), .text(""), .text("a\0b"), .blob([]), .blob([1, 0]), .null,
            ] {
                #expect(try await database.rows("SELECT same(\(value))") == [[value]])
            }
            #expect(
                try await database.rows("SELECT number(), number(1, 2, 3), moment()")
                    == [[.integer(0), .integer(3), .text("1970-01-01 00:00:00")]])
            let error = await expect(.functionFailed) { try await database.rows("SELECT fails()") }
            #expect(error?.underlying as? Failure == Failure())
            let odd = await expect(.functionFailed) { try await database.rows("SELECT odd()") }
            #expect(odd?.description.contains("the result of the function odd") == true)
            #expect(odd?.description.contains("parameter") == false)
            try await database.run(
                "CREATE TABLE t (a); CREATE VIEW v AS SELECT same(a) FROM t; INSERT INTO t VALUES (1)")
            await expect(.other) { try await database.rows("SELECT * FROM v") }
            try await database.run("CREATE VIEW w AS SELECT safe(a) FROM t")
            #expect(try await database.rows("SELECT * FROM w") == [[.integer(1)]])
        }
    }

    @Test("what cannot be prepared is reported when the database is first used")
    func failing() async throws {
        typealias Setup = @Sendable (SQLiteSetup) throws -> Void
        let noName: Setup = { try $0.addFunction("", arguments: 0) { _ in .null } }
        let manyArguments: Setup = { try $0.addFunction("f", arguments: 128) { _ in .null } }
        let open: Setup = { try $0.execute("BEGIN") }
        let extensionMissing: Setup = { try $0.loadExtension("/nowhere/at/all") }
        let tableMissing: Setup = { _ = try $0.query("SELECT * FROM missing") }
        for (prepare, code) in [
            (noName, SQLiteError.Code.misuse), (manyArguments, .misuse), (open, .misuse),
            (extensionMissing, .cannotOpen), (tableMissing, .undefinedObject),
        ] {
            try await withDatabase(prepare: prepare) { database in
                await expect(code) { try await database.rows("SELECT 1") }
            }
        }
    }

    @Test("extensions cannot be loaded from SQL")
    func noExtensions() async throws {
        try await withDatabase(inMemory: true) { database in
            await #expect(throws: SQLiteError.self) {
                try await database.rows("SELECT load_extension('/nowhere/at/all')")
            }
        }
    }

    @Test("prepared statements take no more memory than the limit, whatever their number")
    func cacheBytes() async throws {
        try await withDatabase(inMemory: true) {
            $0.statementCacheKiB = 64
            $0.statementCacheSize = 10_000
        } _: { database in
            try await database.withWriter { connection in
                for number in 0..<500 {
                    let columns = (0..<20).map { "\($0) + \(number) AS c\($0)" }.joined(separator: ", ")
                    _ = try await connection.withSession { try $0.execute("SELECT \(columns)", each: [[]]) }
                }
                let (count, bytes) = try connection.handle.withDatabase { _, state in
                    (state.core.cache.count, state.core.cache.bytes)
                }
                #expect(bytes <= 65_536)
                #expect(count > 1)
                // One that alone exceeds the limit runs all the same.
                let long = "SELECT " + (0..<1500).map { "\($0) AS c\($0)" }.joined(separator: ", ")
                _ = try await connection.withSession { try $0.execute(long, each: [[]]) }
                let after = try connection.handle.withDatabase { _, state in state.core.cache.bytes }
                #expect(after <= 65_536)
            }
        }
    }

    @Test("the cache keeps what was used last, like a list kept by hand", arguments: 0..<10)
    func cacheOrder(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let texts = (0..<300).map { _ in "SELECT \(Int.random(in: 0..<12, using: &random))" }
        try await withDatabase(inMemory: true) {
            $0.statementCacheSize = 5
        } _: { database in
            try await database.withWriter { connection in
                var model: [String] = []
                for text in texts {
                    _ = try await connection.withSession { try $0.execute(text, each: [[]]) }
                    model.removeAll { $0 == text }
                    model.append(text)
                    if model.count > 5 { model.removeFirst() }
                    let kept = try connection.handle.withDatabase { _, state in
                        (0..<12).map { "SELECT \($0)" }.filter { state.core.cache.contains($0) }
                    }
                    #expect(Set(kept) == Set(model))
                }
            }
        }
    }
}
