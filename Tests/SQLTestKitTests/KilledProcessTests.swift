import Foundation
import SQLTestKit
import TestServers
import Testing

/// Whether tests may start a server of their own.
let environmentNamesNoServer = ProcessInfo.processInfo.environment["VITALS_TEST_POSTGRES"] == nil

/// The program that uses test databases until it is killed; built beside the tests.
private let program: String? = {
    let here = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    let path = here.appendingPathComponent("test-database-user").path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
}()

@Suite(
    "A test process that is killed", .serialized,
    .enabled(if: program != nil && PostgresServer.canStart, "needs PostgreSQL's programs and test-database-user"))
struct KilledProcessTests {
    private func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<3000 {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// Starts the program and kills it once it holds its databases. Returns what it held.
    private func holdings(environment: [String: String]) async throws -> [String] {
        let output = FileManager.default.temporaryDirectory.path + "/holdings-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: output) }
        let child = try ChildProcess.start(try #require(program), [], environment: environment, output: output)
        func lines() -> [String] {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map { String($0) }
        }
        let isReady = try await eventually { lines().count >= 4 || !child.isRunning }
        #expect(isReady && child.isRunning, "\(lines())")
        child.signal(SIGKILL)
        _ = await child.ended()
        try #require(lines().count == 4)
        return lines()
    }

    @Test func `leaves no server and no files`() async throws {
        let held = try await holdings(environment: ["VITALS_TEST_POSTGRES": ""])
        let server = try #require(pid_t(held[0]))
        let hasEnded = try await eventually { kill(server, 0) != 0 }
        #expect(hasEnded)
        for path in [held[1], held[3]] {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            let isGone = try await eventually { !FileManager.default.fileExists(atPath: folder) }
            #expect(isGone, "\(folder)")
        }
    }

    @Test func `that ends normally instead leaves no database on a server of others`() async throws {
        let server = try await PostgresServer.start()
        let output = FileManager.default.temporaryDirectory.path + "/ends-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: output) }
        let child = try ChildProcess.start(
            try #require(program), ["ends"], environment: ["VITALS_TEST_POSTGRES": server.dsn()], output: output)
        _ = await child.ended()
        let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 4, "\(lines)")
        let left = try await server.run(
            sql: "SELECT datname FROM pg_database WHERE datname LIKE 'vitals\\_test\\_%'")
        #expect(left.isEmpty, "\(left)")
        await server.remove()
    }

    @Test func `has its databases on a server of others dropped by the next process, but nobody else's`() async throws {
        let server = try await PostgresServer.start()
        let environment = ["VITALS_TEST_POSTGRES": server.dsn()]
        let query = "SELECT datname FROM pg_database WHERE datname LIKE 'vitals%' OR datname = 'precious' ORDER BY 1"
        try await server.run(sql: "CREATE DATABASE precious")
        try await server.run(sql: "CREATE DATABASE vitals_test_of_mine")
        _ = try await holdings(environment: environment)
        let left = try await server.run(sql: query).split(separator: "\n")
        // The template and the copy of the killed process.
        #expect(left.count == 4)

        let output = FileManager.default.temporaryDirectory.path + "/next-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: output) }
        let next = try ChildProcess.start(try #require(program), [], environment: environment, output: output)
        let isReady = try await eventually {
            ((try? String(contentsOfFile: output, encoding: .utf8)) ?? "").split(separator: "\n").count >= 4
        }
        #expect(isReady)
        // Its own two are there, those of the killed one are not; those of a live process survive a third.
        let during = try await server.run(sql: query).split(separator: "\n")
        #expect(during.count == 4)
        #expect(Set(during).intersection(left) == ["precious", "vitals_test_of_mine"])
        _ = try await holdings(environment: environment)
        let together = try await server.run(sql: query).split(separator: "\n")
        #expect(Set(together).isSuperset(of: during))
        next.signal(SIGKILL)
        _ = await next.ended()
        await server.remove()
    }
}
