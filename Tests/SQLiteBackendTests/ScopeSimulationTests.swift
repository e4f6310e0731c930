import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

/// Random trees of concurrent tasks on one connection, and a model that says what they leave behind.
@Suite("Transactions of concurrent tasks, generated")
struct ScopeSimulationTests {
    struct Stop: Error {}

    /// What a task does, in order.
    indirect enum Step: Sendable {
        case insert(Int)
        case read
        case transaction([Step], fails: Bool)
        case savepoint([Step], fails: Bool)
        case session([Int])
        case cursor([Step])
        case parallel([[Step]])
        case pause
    }

    @Test("what commits is there, what throws is not, whoever ran beside it", arguments: 0..<60)
    func trees(seed: Int) async throws {
        var random = SplitMix64(seed: UInt64(seed))
        var next = 0
        let steps = Self.block(depth: 4, &next, &random)
        var expected: Set<Int> = []
        Self.model(steps, &expected)
        try await withDatabase(inMemory: seed % 3 == 0) { database in
            try await database.run("CREATE TABLE t (a INTEGER PRIMARY KEY)")
            if seed % 2 == 0 {
                try await database.write { try await Self.run(steps, on: $0) }
            } else {
                try await database.withWriter { try await Self.run(steps, on: $0) }
            }
            let rows = try await database.rows("SELECT a FROM t ORDER BY a").map { $0[0] }
            #expect(rows == expected.sorted().map { .integer(Int64($0)) })
        }
    }

    // MARK: Parts

    static func block(depth: Int, _ next: inout Int, _ random: inout SplitMix64) -> [Step] {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in step(depth: depth, &next, &random) }
    }

    static func step(depth: Int, _ next: inout Int, _ random: inout SplitMix64) -> Step {
        next += 1
        switch Int.random(in: 0..<(depth > 0 ? 12 : 4), using: &random) {
        case 0, 1: return .insert(next)
        case 2: return .read
        case 3: return .pause
        case 4, 5: return .transaction(block(depth: depth - 1, &next, &random), fails: .random(using: &random))
        case 6, 7: return .savepoint(block(depth: depth - 1, &next, &random), fails: .random(using: &random))
        case 8:
            next += 3
            return .session([next - 2, next - 1, next])
        case 9: return .cursor(block(depth: depth - 1, &next, &random))
        default:
            return .parallel(
                (0..<Int.random(in: 2...4, using: &random)).map { _ in block(depth: depth - 1, &next, &random) })
        }
    }

    static func model(_ steps: [Step], _ rows: inout Set<Int>) {
        for step in steps {
            switch step {
            case .insert(let number): rows.insert(number)
            case .session(let numbers): rows.formUnion(numbers)
            case .transaction(let inner, let fails), .savepoint(let inner, let fails):
                if !fails { model(inner, &rows) }
            case .cursor(let inner): model(inner, &rows)
            case .parallel(let blocks): for block in blocks { model(block, &rows) }
            case .read, .pause: break
            }
        }
    }

    static func run(_ steps: [Step], on connection: SQLiteConnection) async throws {
        for step in steps {
            switch step {
            case .insert(let number): try await connection.execute("INSERT INTO t VALUES (\(number))")
            case .read: _ = try await connection.query("SELECT count(*) FROM t")
            case .pause: try await Task.sleep(for: .microseconds(300))
            case .transaction(let inner, let fails):
                try await swallowing {
                    try await connection.withTransaction { connection in
                        try await run(inner, on: connection)
                        if fails { throw Stop() }
                    }
                }
            case .savepoint(let inner, let fails):
                try await swallowing {
                    try await connection.withSavepoint { connection in
                        try await run(inner, on: connection)
                        if fails { throw Stop() }
                    }
                }
            case .session(let numbers):
                try await connection.withSession { session in
                    for number in numbers { try session.execute("INSERT INTO t VALUES (\(number))") }
                }
            case .cursor(let inner):
                try await connection.withRows(of: "SELECT 1 UNION ALL SELECT 2") { rows in
                    for try await _ in rows { break }
                    try await run(inner, on: connection)
                }
            case .parallel(let blocks):
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for block in blocks { group.addTask { try await run(block, on: connection) } }
                    try await group.waitForAll()
                }
            }
        }
    }

    private static func swallowing(_ body: () async throws -> Void) async throws {
        do { try await body() } catch is Stop {}
    }
}
