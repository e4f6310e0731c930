import Foundation
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

/// The program that writes until it is killed; built beside the tests.
private let writer: String? = {
    let here = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    let path = here.appendingPathComponent("sqlite-writer").path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
}()

@Suite("SQLite after kill -9")
struct KillTests {
    @Test(
        "a writing process killed fifty times leaves every committed row and no half one",
        .enabled(if: writer != nil, "needs the program sqlite-writer beside the tests"))
    func killed() async throws {
        let program = try #require(writer)
        try await withFolder { folder in
            let path = folder + "/killed.sqlite"
            var random = SystemRandomNumberGenerator()
            var known = 0
            for round in 0..<50 {
                let output = folder + "/said-\(round)"
                let synchronous = round % 2 == 0 ? "NORMAL" : "FULL"
                let child = try ChildProcess.start(program, [path, synchronous], output: output)
                let wanted = Int.random(in: 1...60, using: &random)
                try await eventually { try said(output) >= known + wanted || !child.isRunning }
                child.signal(SIGKILL)
                #expect(await child.ended() == 128 + SIGKILL)

                let last = try said(output)
                let database = try SQLiteDatabase(SQLiteConfiguration(path: path))
                let row = try await database.read {
                    try await $0.query(
                        "SELECT max(n) AS last, count(*) AS count, count(*) FILTER (WHERE other = half) AS whole FROM rows"
                    )[0]
                }
                let kept = try row.decode("last", as: Int.self)
                // Between a commit and its word the process may have been killed.
                #expect((last...last + 1).contains(kept))
                #expect(try row.decode("count", as: Int.self) == kept)
                #expect(try row.decode("whole", as: Int.self) == kept)
                let problems = try await database.integrityProblems()
                #expect(problems == [])
                await database.shutdown()
                known = kept
            }
        }
    }
}

/// The last number in a file of lines that is whole.
private func said(_ path: String) throws -> Int {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return 0 }
    return text.split(separator: "\n").last.flatMap { Int($0) } ?? 0
}
