import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// The cache against a list in the order of use.
@Suite("Prepared statements, against a model") struct StatementCacheTests {
    /// Texts of many lengths, among them one that is no longer than an eighth of the limit.
    private static let texts = (0..<14).map { "SELECT \($0) \(String(repeating: "-", count: $0 * $0))" }
    private static let values: [[SQLValue]] = [
        [], [.integer(1)], [.integer(100_000)], [.text("a")], [.integer(1), .null], [.array([.text("a")])],
    ]

    private static func query(_ random: inout SplitMix64) -> SQLQuery {
        SQLQuery(
            unsafe: texts.randomElement(using: &random) ?? "", values.randomElement(using: &random) ?? [])
    }

    private static func statement(_ query: SQLQuery) -> PreparedStatement {
        let traits = StatementTraits(query.sql)
        return PreparedStatement(sql: query.sql, types: ParameterType.of(query.parameters, traits), traits: traits)
    }

    @Test(arguments: 0..<200) func `the least recently used make room, by number and by bytes`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let capacity = Int.random(in: 1...10, using: &random)
        let limit = Int.random(in: 200...1600, using: &random)
        let cache = StatementCache(capacity: capacity, byteLimit: limit)
        // The most recently used is the last.
        var kept: [PreparedStatement] = []
        var retired: [(statement: PreparedStatement, isStale: Bool)] = []
        var dropped: PreparedStatement?
        for _ in 0..<500 {
            switch Int.random(in: 0..<13, using: &random) {
            case 0..<8:
                let query = Self.query(&random)
                let wanted = Self.statement(query)
                func isWanted(_ other: PreparedStatement) -> Bool {
                    other.sql == wanted.sql && other.types == wanted.types
                }
                let found = cache.find(query)
                if let index = kept.firstIndex(where: isWanted) {
                    #expect(found === kept[index])
                    kept.append(kept.remove(at: index))
                } else if let index = retired.firstIndex(where: { !$0.isStale && isWanted($0.statement) }) {
                    // Displaced, and not closed yet: it is the server's still.
                    #expect(found === retired[index].statement)
                    kept.append(retired.remove(at: index).statement)
                } else {
                    #expect(found == nil)
                    #expect(cache.accepts(query.sql) == (query.sql.utf8.count <= limit / 8))
                    guard cache.accepts(query.sql) else { break }
                    cache.insert(wanted)
                    kept.append(wanted)
                }
                while kept.count > capacity || kept.reduce(0, { $0 + $1.sql.utf8.count }) > limit {
                    retired.append((kept.removeFirst(), false))
                }
            case 8:
                guard let statement = kept.randomElement(using: &random) else { break }
                cache.forget(statement)
                kept.removeAll { $0 === statement }
                retired.append((statement, true))
                dropped = statement
            case 9:
                guard let statement = kept.randomElement(using: &random) else { break }
                #expect(cache.drop(statement))
                kept.removeAll { $0 === statement }
                dropped = statement
            case 10:
                let taken = cache.takeRetired()
                #expect(taken.map(\.name) == retired.map(\.statement.name))
                #expect(cache.retired.isEmpty)
                if Bool.random(using: &random) { cache.retire(taken) } else { retired = [] }
                // What is no longer kept is not removed twice.
                if let dropped {
                    cache.forget(dropped)
                    #expect(!cache.drop(dropped))
                }
            case 11 where Int.random(in: 0..<10, using: &random) == 0:
                cache.forgetAll()
                retired = retired.map { ($0.statement, true) } + kept.reversed().map { ($0, true) }
                kept = []
            default:
                guard Int.random(in: 0..<10, using: &random) == 0 else { break }
                cache.removeAll()
                kept = []
                retired = []
            }
            #expect(cache.count == kept.count)
            #expect(cache.bytes == kept.reduce(0) { $0 + $1.sql.utf8.count })
            #expect(cache.count <= capacity && cache.bytes <= limit)
            #expect(cache.retired.map(\.name) == retired.map(\.statement.name))
        }
        for statement in kept { #expect(cache.drop(statement)) }
        #expect(cache.count == 0 && cache.bytes == 0)
    }

    @Test func `one text and one list of types have one name, others another`() {
        var names: [String: String] = [:]
        for text in Self.texts + ["SELECT 0\u{0}", "SELECT", "select"] {
            for types: [UInt32] in [[], [0], [0, 0], [23], [20], [23, 20], [20, 23], [0x1700], [0x17, 0]] {
                let traits = StatementTraits(text)
                let name = PreparedStatement(sql: text, types: types, traits: traits).name
                #expect(name == PreparedStatement(sql: text, types: types, traits: traits).name)
                #expect(name.utf8.count == 39)
                #expect(names.updateValue("\(text) \(types)", forKey: name) == nil)
            }
        }
    }

    @Test func `a cache of many statements is released without recursion`() {
        let traits = StatementTraits("SELECT")
        let cache = StatementCache(capacity: 200_000, byteLimit: .max)
        for number in 0..<200_000 { cache.insert(PreparedStatement(sql: "\(number)", types: [], traits: traits)) }
        #expect(cache.count == 200_000)
    }

    /// What is prepared, displaced and prepared again within one message to the server.
    @Test(needsServer, arguments: [1, 2, 3])
    func `statements that displace each other in one pipeline all run, each time`(_ capacity: Int) async throws {
        try await withConnection({ $0.statementCacheSize = capacity }) { connection in
            let sequence = [1, 2, 1, 3, 4, 2, 1, 1, 4, 3, 2, 1]
            for round in 0..<4 {
                let queries: [SQLQuery] = sequence.map { "SELECT \($0 + round) AS n, \(unsafe: "\($0)") AS text" }
                let results = try await connection.pipeline(queries)
                #expect(try results.map { try $0.rows[0].decode("n", as: Int.self) } == sequence.map { $0 + round })
                #expect(try results.map { try $0.rows[0].decode("text", as: Int.self) } == sequence)
                let separate = try await connection.batch(queries)
                #expect(try separate.map { try $0.get().rows[0].decode("text", as: Int.self) } == sequence)
            }
            let kept = try await connection.query("SELECT count(*) FROM pg_prepared_statements")[0].decode(Int.self)
            #expect(kept <= capacity + 1)
        }
    }

    /// A refused statement must not lose what was to be closed before it.
    @Test(needsServer) func `a statement that is refused before it is sent leaves the others as they were`()
        async throws
    {
        try await withConnection({ $0.statementCacheSize = 1 }) { connection in
            try await connection.withTransaction { connection in
                for _ in 0..<3 {
                    for number in 0..<3 {
                        let rows = try await connection.query("SELECT \(unsafe: "\(number)") AS n")
                        #expect(try rows[0].decode("n", as: Int.self) == number)
                        await #expect(throws: PostgresError.self) {
                            _ = try await connection.query("SELECT \("a\u{0}b")::text, \(unsafe: "\(number)")")
                        }
                    }
                }
            }
        }
    }
}
