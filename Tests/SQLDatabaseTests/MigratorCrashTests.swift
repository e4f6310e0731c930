import Foundation
import PostgresBackend
import SQLDatabase
import SQLiteBackend
import Synchronization
import TestServers
import Testing

/// Random lists of migrations that fail, and whose connections are killed, at random steps; held against a model of
/// what must have taken effect.
@Suite struct MigratorCrashTests {
    private enum Kind: CaseIterable { case statements, code, batches, standalone }

    private struct Step {
        let id: Int
        let kind: Kind
        /// Statements, or batches.
        let parts: Int
    }

    /// What happens at a part of a step: the statement fails, or its session is ended.
    private enum Fault: Int { case none = 0, fails = 1, isKilled = 2 }

    private struct Injected: Error {}

    /// A statement that logs a part, unless a fault is set for it in the table `faults`.
    private static func logging(_ id: Int, _ part: Int, _ dialect: SQLDialect) -> [String] {
        let fault = "(SELECT state FROM faults WHERE step = \(id) AND part = \(part))"
        let log = "INSERT INTO log SELECT \(id), \(part), CASE WHEN \(fault) = 1 THEN NULL ELSE 1 END"
        guard dialect == .postgres else { return [log] }
        return ["SELECT CASE WHEN \(fault) = 2 THEN pg_terminate_backend(pg_backend_pid()) END", log]
    }

    private static func migration(_ step: Step) -> Migration {
        func text(_ dialect: SQLDialect) -> String {
            (1...step.parts).flatMap { logging(step.id, $0, dialect) }.joined(separator: ";\n")
        }
        switch step.kind {
        case .statements:
            return Migration(id: step.id, name: "s", postgres: text(.postgres), sqlite: text(.sqlite))
        case .code:
            return Migration(id: step.id, name: "c", version: "1") { connection in
                for part in 1...step.parts {
                    for statement in logging(step.id, part, connection.dialect) {
                        try await connection.executeScript(statement)
                    }
                }
            }
        case .batches:
            return Migration.batches(id: step.id, name: "b", version: "1") { batch in
                for statement in logging(step.id, batch.completed + 1, batch.connection.dialect) {
                    try await batch.connection.executeScript(statement)
                }
                return batch.completed + 1 == step.parts ? .finished : .next(checkpoint: "\(batch.completed + 1)")
            }
        case .standalone:
            let indexes = (1...step.parts).flatMap { part in
                logging(step.id, part, .postgres) + ["CREATE INDEX CONCURRENTLY i\(step.id)_\(part) ON log (step)"]
            }
            return Migration(
                id: step.id, name: "n", postgres: indexes.joined(separator: ";\n"), sqlite: "VACUUM; ANALYZE",
                transaction: .none)
        }
    }

    /// What must have taken effect.
    private struct Model {
        let steps: [Step]
        let dialect: SQLDialect
        private(set) var applied = 0
        /// The completed parts of the next step, where its kind keeps them.
        private(set) var kept = 0

        init(_ steps: [Step], _ dialect: SQLDialect) {
            self.steps = steps
            self.dialect = dialect
        }

        func logs(_ step: Step) -> Bool { step.kind != .standalone || dialect == .postgres }

        /// A run with a fault at a part of a step; returns whether it fails.
        mutating func run(faultAt fault: (step: Step, part: Int)?) -> Bool {
            guard let fault, logs(fault.step), fault.step.id > applied else { return finish() }
            if fault.step.id == applied + 1, fault.part <= kept { return finish() }
            applied = fault.step.id - 1
            kept = [.batches, .standalone].contains(fault.step.kind) ? fault.part - 1 : 0
            return true
        }

        private mutating func finish() -> Bool {
            applied = steps.count
            kept = 0
            return false
        }

        var log: [[SQLValue]] {
            steps.prefix(applied + 1).filter(logs).flatMap { step in
                (0..<(step.id <= applied ? step.parts : kept)).map {
                    [.integer(Int64(step.id)), .integer(Int64($0 + 1))]
                }
            }
        }
    }

    private func checkPlay(seed: UInt64, on database: some SQLClient) async throws {
        var random = SplitMix64(seed: seed)
        let dialect = database.dialect
        let steps = (1...Int.random(in: 2...6, using: &random)).map { id in
            Step(
                id: id, kind: Kind.allCases.randomElement(using: &random) ?? .code,
                parts: Int.random(in: 1...4, using: &random))
        }
        try await script(
            """
            CREATE TABLE log (step BIGINT NOT NULL, part BIGINT NOT NULL, ok BIGINT NOT NULL);
            CREATE TABLE faults (step BIGINT NOT NULL, part BIGINT NOT NULL, state BIGINT NOT NULL)
            """, on: database)
        let migrator = try Migrator(namespace: "t", migrations: steps.map(Self.migration))
        var model = Model(steps, dialect)
        for round in 0..<8 where model.applied < steps.count {
            var fault: (step: Step, part: Int)?
            if round < 7, let step = steps.randomElement(using: &random) {
                let part = Int.random(in: 1...step.parts, using: &random)
                let state: Fault = dialect == .postgres && Bool.random(using: &random) ? .isKilled : .fails
                fault = (step, part)
                try await database.write { connection in
                    try await connection.execute("INSERT INTO faults VALUES (\(step.id), \(part), \(state.rawValue))")
                }
            }
            let mustFail = model.run(faultAt: fault)
            let programs = mustFail ? 1 : Int.random(in: 1...4, using: &random)
            do {
                _ = try await withThrowingTaskGroup(of: [Migration].self) { group in
                    for _ in 0..<programs { group.addTask { try await migrator.migrate(database) } }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(!mustFail, "seed \(seed), round \(round)")
            } catch let error as MigrationError {
                #expect(mustFail && error.code == .failed, "seed \(seed), round \(round): \(error)")
                #expect(error.migrationID == fault?.step.id, "seed \(seed), round \(round): \(error)")
            }
            try await database.write { try await $0.execute("DELETE FROM faults") }
            let status = try await migrator.status(of: database)
            #expect(status.applied == Array(1..<(model.applied + 1)), "seed \(seed), round \(round)")
            let log = try await rows(of: "SELECT step, part FROM log ORDER BY step, part", in: database)
            #expect(log == model.log, "seed \(seed), round \(round)")
        }
        #expect(model.applied == steps.count)
        if dialect == .postgres {
            let indexes = steps.filter { $0.kind == .standalone }.map(\.parts).reduce(0, +)
            try await expectCount(
                indexes, "SELECT count(*) FROM pg_index WHERE indrelid = 'log'::regclass AND indisvalid", in: database)
        }
    }

    @Test func `SQLite has what the model has, whatever fails`() async throws {
        for seed in 0..<40 { try await withSQLite { try await checkPlay(seed: UInt64(seed), on: $0) } }
    }

    @Test(needsPostgres) func `PostgreSQL has what the model has, whatever fails or is killed`() async throws {
        for seed in 0..<20 { try await withPostgres { try await checkPlay(seed: UInt64(seed), on: $0) } }
    }

    // MARK: Killed processes

    /// Runs a list of which the third migration's third batch, or else its second migration, kills the process.
    private static func runAndDie(_ database: some SQLClient, inBatch: Bool) async throws {
        try await migrator(dies: true, inBatch: inBatch).migrate(database)
    }

    private static func migrator(dies: Bool, inBatch: Bool) throws -> Migrator {
        let log = Migration(id: 1, name: "log", statements: "CREATE TABLE log (step BIGINT NOT NULL, part BIGINT)")
        let code = Migration(id: 2, name: "code", version: "1") { connection in
            try await connection.execute("INSERT INTO log VALUES (2, 1)")
            if dies, !inBatch { kill(getpid(), SIGKILL) }
        }
        let batches = Migration.batches(id: 3, name: "batches", version: "1") { batch in
            try await batch.connection.execute("INSERT INTO log VALUES (3, \(batch.completed))")
            if dies, batch.completed == 2 { kill(getpid(), SIGKILL) }
            return batch.completed == 4 ? .finished : .next(checkpoint: "\(batch.completed)")
        }
        return try Migrator(namespace: "t", migrations: [log, code, batches])
    }

    private func check(_ database: some SQLClient, inBatch: Bool) async throws {
        let migrator = try Self.migrator(dies: false, inBatch: inBatch)
        let status = try await migrator.status(of: database)
        #expect(status.applied == (inBatch ? [1, 2] : [1]))
        try await expectCount(inBatch ? 3 : 0, "SELECT count(*) FROM log", in: database)
        #expect(try await migrator.migrate(database).map(\.id) == (inBatch ? [3] : [2, 3]))
        try await expectCount(6, "SELECT count(*) FROM log", in: database)
        try await expectCount(5, "SELECT count(DISTINCT part) FROM log WHERE step = 3", in: database)
    }

    @Test(arguments: [false, true])
    func `a process killed half-way is continued on SQLite`(inBatch: Bool) async throws {
        try await withSQLite { database in
            let path = database.configuration.path
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, inBatch = inBatch as Bool] in
                let database = try SQLiteDatabase(SQLiteConfiguration(path: path))
                try await MigratorCrashTests.runAndDie(database, inBatch: inBatch)
            }
            try await check(database, inBatch: inBatch)
        }
    }

    @Test(needsPostgres, arguments: [false, true])
    func `a process killed half-way is continued on PostgreSQL`(inBatch: Bool) async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        await #expect(processExitsWith: .signal(SIGKILL)) { [dsn = dsn as String, inBatch = inBatch as Bool] in
            let database = try PostgresDatabase(configuration: PostgresConfiguration(dsn))
            try await MigratorCrashTests.runAndDie(database, inBatch: inBatch)
        }
        try await withPostgres(dsn: dsn) { try await check($0, inBatch: inBatch) }
    }
}
