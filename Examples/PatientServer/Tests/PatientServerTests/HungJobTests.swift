import Foundation
import JobQueue
import Logging
import ServerTestSupport
import Testing

@testable import PatientServer

/// Asks for the end of its own process, and then hears of nothing any more.
private struct Hung: JobParameters {
    static let kind = "hung"
    static let options = JobOptions(queue: "generation")
    /// Whether it keeps a thread of the cooperative pool as well.
    var keepsThread: Bool
}

private struct HungHandler: JobHandler {
    func run(_ parameters: Hung, _ context: JobContext) async throws {
        kill(getpid(), SIGTERM)
        if parameters.keepsThread { while true { pause() } }
        let (never, end) = AsyncStream<Void>.makeStream()
        // A task of its own does not hear of the cancellation.
        await Task.detached { for await _ in never {} }.value
        end.finish()
    }
}

private func settings(_ folder: String) throws -> Settings {
    try Settings.load(
        commandLine: ["database": "sqlite://\(folder)/db.sqlite", "port": "0", "log_level": "warning"],
        environment: ["SHUTDOWN_BUDGET": "5s", "DRAIN_GRACE": "10ms"], folder: nil)
}

@Suite("A hung job and SIGTERM", .serialized, .timeLimit(.minutes(1)))
struct HungJobTests {
    @Test(
        "the server ends with 0 within its budget, and the job is back in its queue for the next one",
        arguments: [false, true])
    func hung(_ keepsThread: Bool) async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // The whole server, with one more kind of job, in a process of its own.
        await #expect(processExitsWith: .success) { [folder = folder as String, keepsThread = keepsThread as Bool] in
            let settings = try settings(folder)
            var application = try ServerApplication(settings: settings, logger: makeLogger(settings))
            application.jobs.register(HungHandler())
            try await application.prepare()
            _ = try await JobClient(store: application.storage.jobs).enqueue(Hung(keepsThread: keepsThread))
            let start = ContinuousClock.now
            try await PatientServer.run(
                application, try application.services(serving: true, host: "127.0.0.1", slots: 1) { _ in })
            guard ContinuousClock.now - start < settings.shutdownBudget else { exit(1) }
            exit(0)
        }
        let storage = try Storage.open(settings(folder), logger: Logger(label: "test"))
        let jobs = try await storage.jobs.jobs(JobFilter(kind: Hung.kind))
        #expect(jobs.count == 1 && jobs.allSatisfy { !$0.state.isTerminal && $0.state != .running })
        await storage.close()
    }
}
