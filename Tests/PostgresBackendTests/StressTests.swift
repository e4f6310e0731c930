import Foundation
import TestServers
import Testing

/// The program `database-stress`, beside the tests.
private let program: String? = {
    let here = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let path = here.appendingPathComponent("database-stress").path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
}()

@Suite(needsServer, .enabled(if: program != nil, "needs the program database-stress beside the tests"))
struct StressTests {
    private struct Figures: Decodable {
        var descriptors: Int
        var threads: Int
        var residentBytes: Int
    }

    private struct Outcome: Decodable {
        var before: Figures
        var after: Figures
        var statements: Int
        var cancelled: Int
        var failed: Int
        var unexpected: [String]
        var leases: Int
        var created: Int
    }

    @Test func `two hundred users leave descriptors, threads, memory and the server as they found them`() async throws {
        let server = try await PostgresServer.shared()
        let name = uniqueName()
        let seconds = ProcessInfo.processInfo.environment["VITALS_LONG_TESTS"] == "1" ? "60" : "4"
        let path = try #require(program)
        let output = try await ChildProcess.run(path, [try await server.makeDatabase(), name, "200", seconds])
        let outcome = try JSONDecoder().decode(Outcome.self, from: Data(output.utf8))
        #expect(outcome.unexpected == [])
        #expect(outcome.statements > 1000)
        #expect(outcome.cancelled > 10)
        #expect(outcome.failed > 10)
        #expect(outcome.after.descriptors <= outcome.before.descriptors)
        #expect(outcome.after.threads <= outcome.before.threads)
        #expect(outcome.after.residentBytes - outcome.before.residentBytes < 32 << 20)
        // At most 1 % of the leases needed a new connection; 30 is the most there can be at once.
        #expect(outcome.created * 100 < outcome.leases, "\(outcome.created) made for \(outcome.leases) leases")
        try await waitUntil { try await sessions(of: name) == 0 }
    }
}
