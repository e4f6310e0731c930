import SQLDatabase
import TestServers
import Testing

@testable import SQLiteBackend

/// Savepoints that borrowers open by statements, inside and around the driver's scopes.
@Suite("SQLite savepoints of borrowers")
struct SavepointTests {
    struct Stop: Error {}

    indirect enum Step: Sendable {
        case insert(Int)
        case begin(String), release(String), rollBack(String)
        case transaction([Step], fails: Bool), savepoint([Step], fails: Bool)
        case session([Step])

        var sql: String {
            switch self {
            case .insert(let number): "INSERT INTO t VALUES (\(number))"
            case .begin(let name): "SAVEPOINT \(name)"
            case .release(let name): "RELEASE SAVEPOINT \(name)"
            case .rollBack(let name): "ROLLBACK TRANSACTION TO \(name)"
            default: ""
            }
        }
    }

    /// What SQLite's rules say, with a scope as a bottom that no statement reaches through.
    struct Model {
        private enum Frame {
            case savepoint(String, Set<Int>)
            case scope(Set<Int>)
        }

        var rows: Set<Int> = []
        private var frames: [Frame] = []

        /// Whether a statement is allowed; it has run then.
        mutating func run(_ step: Step) -> Bool {
            switch step {
            case .insert(let number): rows.insert(number)
            case .begin(let name): frames.append(.savepoint(name.lowercased(), rows))
            case .release(let name):
                guard let index = find(name) else { return false }
                frames.removeSubrange(index...)
            case .rollBack(let name):
                guard let index = find(name), case .savepoint(_, let then) = frames[index] else { return false }
                rows = then
                frames.removeSubrange((index + 1)...)
            default: break
            }
            return true
        }

        private func find(_ name: String) -> Int? {
            for index in frames.indices.reversed() {
                switch frames[index] {
                case .scope: return nil
                case .savepoint(name.lowercased(), _): return index
                case .savepoint: continue
                }
            }
            return nil
        }

        mutating func open() -> Int {
            frames.append(.scope(rows))
            return frames.count - 1
        }

        mutating func close(_ index: Int, fails: Bool) {
            if fails, case .scope(let then) = frames[index] { rows = then }
            frames.removeSubrange(index...)
        }

        /// A loan ends with a transaction open: it is undone.
        mutating func end() {
            if case .savepoint(_, let then) = frames.first { rows = then }
            frames = []
        }
    }

    @Test("what a scope that throws did is gone, whatever savepoints its body ends", arguments: 0..<120)
    func generated(seed: Int) async throws {
        var random = SplitMix64(seed: UInt64(seed))
        var next = 0
        let steps = Self.block(depth: 4, &next, &random)
        let model = SystemModel()
        try await withDatabase(inMemory: seed % 3 == 0) { database in
            try await database.run("CREATE TABLE t (a INTEGER PRIMARY KEY)")
            if seed % 2 == 0 {
                let scope = model.value.open()
                try await database.write { try await Self.run(steps, on: $0, model) }
                model.value.close(scope, fails: false)
            } else {
                try await database.withWriter { try await Self.run(steps, on: $0, model) }
                model.value.end()
            }
            let rows = try await database.rows("SELECT a FROM t ORDER BY a").map { $0[0] }
            #expect(rows == model.value.rows.sorted().map { .integer(Int64($0)) }, "\(steps)")
        }
    }

    @Test("a statement that reaches out of its scope is refused and names the call to use")
    func refused() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            for statement in ["RELEASE x", "ROLLBACK TO x", "rollback transaction to savepoint X", "RELEASE \"x\""] {
                try await database.withWriter { connection in
                    try await connection.execute("SAVEPOINT x")
                    try? await connection.withTransaction { connection in
                        try await connection.execute("INSERT INTO t VALUES (1)")
                        // Explained, nothing is opened and nothing ends.
                        try await connection.executeScript("EXPLAIN SAVEPOINT x; EXPLAIN RELEASE x")
                        let error = await expect(.misuse) { try await connection.executeScript(statement) }
                        #expect(error?.message.contains("withSavepoint") == true)
                        throw Stop()
                    }
                    try await connection.execute("RELEASE x")
                }
            }
            #expect(try await database.integer("SELECT count(*) FROM t") == 0)
        }
    }

    @Test("the driver's own names are refused, also where the driver has compiled the statement")
    func ownNames() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            try await database.write { connection in
                try await connection.withSavepoint { _ in }
                try await connection.executeScript("SAVEPOINT vitals_signs; RELEASE vitals_signs; SAVEPOINT vitals_")
                for sql in ["SAVEPOINT vitals_2", "RELEASE vitals_2", "ROLLBACK TO vitals_2", "SAVEPOINT Vitals_9"] {
                    await expect(.misuse) { try await connection.withSavepoint { try await $0.executeScript(sql) } }
                    await expect(.misuse) {
                        try await connection.withSavepoint { try await $0.execute(statement(sql)) }
                    }
                }
            }
        }
    }

    @Test("a cursor that was opened before a scope does not end it")
    func cursors() async throws {
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (a)")
            for (before, sql) in [("BEGIN", "COMMIT"), ("SAVEPOINT x", "RELEASE x"), ("SELECT 1", "COMMIT")] {
                try? await database.withWriter { connection in
                    try await connection.executeScript(before)
                    _ = try await connection.withRows(of: statement(sql)) { rows in
                        await expect(.misuse) {
                            try await connection.withTransaction { connection in
                                try await connection.execute("INSERT INTO t VALUES (1)")
                                for try await _ in rows {}
                            }
                        }
                    }
                }
                #expect(try await database.integer("SELECT count(*) FROM t") == 0, "\(sql)")
            }
        }
    }

    @Test("the texts of the driver's savepoints are as many as they are deep")
    func names() async throws {
        try await withDatabase { database in
            try await database.write { connection in
                func kept() throws -> Int { try connection.handle.withDatabase { _, state in state.core.cache.count } }
                try await connection.withSavepoint { try await $0.withSavepoint { _ in } }
                let before = try kept()
                for _ in 0..<50 { try await connection.withSavepoint { try await $0.withSavepoint { _ in } } }
                #expect(try kept() == before)
            }
        }
    }

    // MARK: Parts

    /// The model, used by one task at a time.
    final class SystemModel: @unchecked Sendable {
        var value = Model()
    }

    private static func block(depth: Int, _ next: inout Int, _ random: inout SplitMix64) -> [Step] {
        (0..<Int.random(in: 1...6, using: &random)).map { _ in step(depth: depth, &next, &random) }
    }

    private static func step(depth: Int, _ next: inout Int, _ random: inout SplitMix64) -> Step {
        next += 1
        let name = ["a", "A", "b"].randomElement(using: &random) ?? "a"
        switch Int.random(in: 0..<(depth > 0 ? 11 : 6), using: &random) {
        case 0, 1: return .insert(next)
        case 2, 3: return .begin(name)
        case 4: return .release(name)
        case 5: return .rollBack(name)
        case 6, 7: return .transaction(block(depth: depth - 1, &next, &random), fails: .random(using: &random))
        case 8, 9: return .savepoint(block(depth: depth - 1, &next, &random), fails: .random(using: &random))
        default: return .session((0..<4).map { _ in step(depth: 0, &next, &random) })
        }
    }

    private static func run(_ steps: [Step], on connection: SQLiteConnection, _ model: SystemModel) async throws {
        for step in steps {
            switch step {
            case .transaction(let inner, let fails), .savepoint(let inner, let fails):
                let scope = model.value.open()
                let body: @Sendable (SQLiteConnection) async throws -> Void = { connection in
                    try await run(inner, on: connection, model)
                    if fails { throw Stop() }
                }
                do {
                    if case .transaction = step {
                        try await connection.withTransaction(body)
                    } else {
                        try await connection.withSavepoint(body)
                    }
                } catch is Stop {}
                model.value.close(scope, fails: fails)
            case .session(let inner):
                try await connection.withSession { session in
                    for step in inner {
                        if case .insert = step { _ = model.value.run(step) }
                        do {
                            try session.executeScript(step.sql)
                            if case .insert = step { continue }
                            let isAllowed = model.value.run(step)
                            #expect(isAllowed, "\(step) ran")
                        } catch is SQLiteError {
                            let isAllowed = model.value.run(step)
                            #expect(!isAllowed, "\(step) was refused")
                        }
                    }
                }
            default:
                do {
                    try await connection.executeScript(step.sql, timeout: nil)
                    let isAllowed = model.value.run(step)
                    #expect(isAllowed, "\(step) ran")
                } catch is SQLiteError {
                    let isAllowed = model.value.run(step)
                    #expect(!isAllowed, "\(step) was refused")
                }
            }
        }
    }
}
