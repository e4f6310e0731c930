import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// A Python that has psycopg 3, which answers first.
enum OraclePython {
    /// Of the environment variable, or the system's; `nil` when neither has it.
    static let path: String? = {
        let named = ProcessInfo.processInfo.environment["VITALS_TEST_PYTHON"]
        return ([named, "/usr/bin/python3", "/usr/local/bin/python3"] as [String?]).compactMap { $0 }.first { path in
            guard FileManager.default.isExecutableFile(atPath: path) else { return false }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = ["-c", "from psycopg import RawCursor"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
    }()

    /// Asks psycopg every case, in a database that must be empty.
    static func cases(dsn: String, seed: UInt64) async throws -> [OracleCase] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Validators/postgres_oracle.py").path
        let output = FileManager.default.temporaryDirectory.path + "/oracle-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: output) }
        try await ChildProcess.run(path ?? "", ["-B", script, dsn, String(seed), output])
        return try OracleCase.read(output)
    }
}

/// The same statements through psycopg 3 and through the driver, each way a statement can run.
@Suite(needsServer, .enabled(if: OraclePython.path != nil, "no Python with psycopg 3.2; VITALS_TEST_PYTHON names one"))
struct OracleTests {
    /// `VITALS_TEST_SEED` repeats a run; the seed is printed.
    private static let seed = ProcessInfo.processInfo.environment["VITALS_TEST_SEED"].flatMap { UInt64($0) } ?? 17

    @Test(.timeLimit(.minutes(3))) func `every statement returns what psycopg returns, each way it can run`()
        async throws
    {
        let dsn = try await PostgresServer.shared().makeDatabase()
        let tests = try await OraclePython.cases(dsn: dsn, seed: Self.seed)
        #expect(tests.count >= 600)
        #expect(Set(tests.map(\.id)).count == tests.count)
        var judgement = OracleJudgement()
        var count = 0
        for way in OracleWay.allCases {
            var runner = try await OracleRunner(dsn: dsn)
            for test in tests {
                for compared in try await runner.answers(to: test, way) {
                    count += 1
                    judgement.judge(test, compared)
                }
            }
            await runner.close()
        }
        print("oracle: seed \(Self.seed), \(tests.count) cases, \(count) answers,", Self.counts(judgement))
        try publish(judgement.report, name: "oracle")
        judgement.checkLists()
    }

    private static func counts(_ judgement: OracleJudgement) -> String {
        "\(judgement.report.cases.count) cases differ, \(judgement.listed.count) as listed"
    }

    @Test(.timeLimit(.minutes(3)), Pooler.isAvailable)
    func `every client gets the rows of its own statements behind a pooler of transactions`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        let all = try await OraclePython.cases(dsn: dsn, seed: Self.seed)
        // What changes the session is refused there, and transactions would wait for each other's locks.
        let tests = all.filter { test in
            !test.writes && !test.outside && !["utility", "copy", "malformed"].contains { test.id.hasPrefix($0) }
        }
        let judgement = try await Pooler.transactions.with(dsn) { pooled in
            try await withThrowingTaskGroup(of: OracleJudgement.self) { group in
                for client in 0..<4 {
                    group.addTask { try await Self.ask(tests, dsn: pooled, seed: Self.seed &+ UInt64(client)) }
                }
                return try await group.reduce(into: OracleJudgement()) { $0.merge($1) }
            }
        }
        print("oracle behind a pooler: seed \(Self.seed), \(tests.count) cases,", Self.counts(judgement))
        try publish(judgement.report, name: "oracle, pooler")
    }

    /// Runs some of the cases as one of several clients, in an order of its own.
    private static func ask(_ tests: [OracleCase], dsn: String, seed: UInt64) async throws -> OracleJudgement {
        var chance = SplitMix64(seed: seed)
        var judgement = OracleJudgement()
        var runner = try await OracleRunner(dsn: dsn, configure: Pooler.transactions.configure)
        for test in tests.shuffled(using: &chance).prefix(800) {
            let way = [OracleWay.run, .pipeline, .batch, .rows].randomElement(using: &chance) ?? .run
            for compared in try await runner.answers(to: test, way) { judgement.judge(test, compared) }
        }
        await runner.close()
        return judgement
    }

    /// Records an issue for each group, and writes the whole report where `VITALS_TEST_REPORTS` names a folder.
    private func publish(_ report: OracleReport, name: String) throws {
        if let folder = ProcessInfo.processInfo.environment["VITALS_TEST_REPORTS"] {
            let text = report.lines().map { "## \($0)\n" + $1.joined(separator: "\n") }.joined(separator: "\n\n")
                .replacing("\0", with: "\\0")
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name).txt"))
        }
        for (group, lines) in report.lines(limit: 5) {
            let text = lines.joined(separator: "\n").replacing("\0", with: "\\0")
            Issue.record("\(name), seed \(Self.seed), \(group)\n\(text)")
        }
    }
}
