import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// What only looks alike is not the same, and a statement is its text and the types of its parameters.
@Suite(needsServer, .serialized) struct ExactTests {
    static let spellings = ["caf\u{e9}", "cafe\u{301}"]

    @Test func `two spellings of a name are two tables, through every way a statement can run`() async throws {
        try await withConnection { connection in
            for (value, name) in Self.spellings.enumerated() {
                try await connection.execute("CREATE TEMPORARY TABLE \(identifier: name) (a int)")
                try await connection.execute("INSERT INTO \(identifier: name) VALUES (\(value))")
            }
            for _ in 0..<4 {
                for (value, name) in Self.spellings.enumerated() {
                    let query: SQLQuery = "SELECT a, octet_length(\(name)) FROM \(identifier: name)"
                    let expected: [SQLValue] = [.integer(Int64(value)), .integer(Int64(name.utf8.count))]
                    #expect(try await connection.query(query).map(\.values) == [expected])
                    #expect(try await connection.pipeline([query])[0].rows.map(\.values) == [expected])
                    #expect(try await connection.batch([query])[0].get().rows.map(\.values) == [expected])
                    let literal = try await connection.query(SQLQuery(unsafe: "SELECT octet_length('\(name)')"))
                    #expect(literal.map(\.values) == [[.integer(Int64(name.utf8.count))]])
                    #expect(try await connection.execute("UPDATE \(identifier: name) SET a = a") == 1)
                }
                // Beside each other, where equal texts would share a preparation.
                let counts = try await connection.batch(
                    Self.spellings.map { "SELECT a FROM \(identifier: $0)" as SQLQuery })
                #expect(try counts.map { try $0.get().rows[0].decode(0, as: Int.self) } == [0, 1])
            }
        }
    }

    @Test func `two spellings of a channel are two channels`() async throws {
        let server = try await PostgresServer.shared()
        let database = try PostgresDatabase(configuration: PostgresConfiguration(server.dsn()))
        try await withThrowingTaskGroup(of: [String].self) { group in
            let ready = Guarded(0)
            for name in Self.spellings {
                group.addTask {
                    var heard: [String] = []
                    for try await event in database.notifications(on: [name]) {
                        switch event {
                        case .listening: ready.with { $0 += 1 }
                        case .notification(let notification): heard.append(notification.payload)
                        default: break
                        }
                        if heard.count == 2 { break }
                    }
                    return heard.map { "\(name.utf8.count) \($0)" }
                }
            }
            while ready.with({ $0 }) < 2 { await Task.yield() }
            for round in 0..<2 {
                for name in Self.spellings { try await database.notify(name, "\(name.utf8.count) \(round)") }
            }
            for try await heard in group {
                let length = heard[0].prefix(1)
                #expect(heard == ["\(length) \(length) 0", "\(length) \(length) 1"])
            }
        }
        await database.shutdown()
    }

    @Test func `a batch with parameters of other kinds runs after a change of the schema`() async throws {
        try await withConnection { connection in
            func read(_ value: String?) -> SQLQuery { "SELECT COALESCE(v, \(value))::text FROM exact_cc" }
            try await connection.executeScript(
                "CREATE TABLE IF NOT EXISTS exact_cc (v smallint); DELETE FROM exact_cc; INSERT INTO exact_cc VALUES (1)"
            )
            for _ in 0..<3 { _ = try await connection.query(read(nil)) }
            try await withConnection { other in
                try await other.executeScript(
                    "DROP TABLE exact_cc; CREATE TABLE exact_cc (v numeric); INSERT INTO exact_cc VALUES (1.5)")
            }
            let results = try await connection.batch([read(nil), read("7"), read("7")])
            for result in results { #expect(try result.get().rows[0].decode(0, as: String.self) == "1.5") }
            try await connection.execute("DROP TABLE exact_cc")
        }
    }

    @Test func `a transaction whose batch met a stale preparation runs again`() async throws {
        let server = try await PostgresServer.shared()
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration(server.dsn()),
            poolConfiguration: PoolConfiguration(size: 1, maxOverflow: 0))
        let none: Int? = nil
        let insert: SQLQuery = "INSERT INTO exact_stale VALUES (\(none))"
        try await database.withConnection { try await $0.executeScript("CREATE TABLE exact_stale (v text)") }
        for _ in 0..<3 { try await database.execute(insert) }
        try await withConnection { other in
            try await other.executeScript("DROP TABLE exact_stale; CREATE TABLE exact_stale (v bool)")
        }
        var runs = 0
        try await database.withTransaction(retry: .standard) { connection in
            runs += 1
            _ = try await connection.batch([insert])[0].get()
        }
        #expect(runs <= 2)
        let count = try await database.query("SELECT count(*) FROM exact_stale")
        #expect(try count[0].decode(0, as: Int.self) == 1)
        try await database.execute("DROP TABLE exact_stale")
        await database.shutdown()
    }

    @Test func `a COPY that was given up at its limit has changed nothing, and says so`() async throws {
        try await withConnection { connection in
            try await connection.execute("CREATE TEMPORARY TABLE exact_copy (a int)")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.copyIn("COPY exact_copy FROM STDIN", timeout: .milliseconds(200)) { writer in
                    try await Task.sleep(for: .milliseconds(500))
                    try await writer.write([.integer(1)])
                }
            }
            #expect(error?.outcome == .notApplied)
            #expect(try await connection.number("SELECT count(*) FROM exact_copy") == 0)
        }
    }

    @Test(arguments: ["294247-01-10 04:00:54.775806", "294247-01-10 04:00:54.775807"])
    func `the last moment before infinity is not infinity`(text: String) async throws {
        try await withConnection { connection in
            for type in ["timestamptz", "timestamp"] {
                let query = SQLQuery(unsafe: "SELECT '\(text)'::\(type)")
                for _ in 0..<2 {
                    let value = try? await connection.query(query)[0].values[0]
                    #expect(value != .timestamp(microseconds: .max))
                    if text.hasSuffix("6") { #expect(value == .timestamp(microseconds: .max - 1)) }
                }
            }
        }
    }

    /// `box` is the one built-in type whose arrays are not split at commas.
    @Test func `an array of boxes goes and comes in every way`() async throws {
        let boxes: [SQLValue] = [
            .other(text: "(3,4),(1,2)", typeOID: 603), .null, .other(text: "(7,8),(5,6)", typeOID: 603),
        ]
        let values: [SQLValue] = [.array(boxes), .array([.null]), .array([.array([boxes[0]]), .array([boxes[2]])])]
        try await withConnection { connection in
            try await connection.execute("CREATE TEMPORARY TABLE shapes (id int, boxes box[])")
            for (id, value) in values.enumerated() {
                let query: SQLQuery = "SELECT \(value)::box[]::text"
                let text = try await connection.query(query)[0].decode(0, as: String.self)
                #expect(text.contains(";") == (id != 1))
                #expect(try await connection.pipeline([query])[0].rows[0].decode(0, as: String.self) == text)
                try await connection.execute("INSERT INTO shapes VALUES (\(id), \(value))")
                try await connection.copyIn("COPY shapes FROM STDIN") {
                    try await $0.write([.integer(Int64(id)), value])
                }
            }
            for (id, value) in values.enumerated() {
                let stored = try await connection.query("SELECT boxes FROM shapes WHERE id = \(id)")
                #expect(stored.map(\.values) == [[value], [value]])
            }
        }
    }
}
