import Testing

@testable import JobQueue

/// Processes of a pool that do not come to run jobs.
@Suite struct ProcessStartTests {
    private let sleeper = ProcessCommand(path: "/bin/sleep", arguments: ["1000"])

    @Test func `a process that does not become ready is ended, and the error says so`() async throws {
        let pool = ProcessPool(
            command: sleeper, maxJobs: 1, maxRSS: nil, observer: nil, startLimit: .milliseconds(100))
        let error = await #expect(throws: JobError.self) { _ = try await pool.take() }
        #expect(error?.code == .processDied)
        #expect(error?.message.contains("not ready after 0.1 seconds") == true, "\(error?.message ?? "")")
    }

    @Test func `a pool that is closed ends what is starting, and what is started after`() async throws {
        let pool = ProcessPool(command: sleeper, maxJobs: 1, maxRSS: nil, observer: nil, startLimit: .seconds(600))
        let first = Task { try await pool.take() }
        while pool.startingCount == 0 { await Task.yield() }
        pool.close()
        let early = await #expect(throws: JobError.self) { _ = try await first.value }
        #expect(early?.code == .processDied)
        let late = await #expect(throws: JobError.self) { _ = try await pool.take() }
        #expect(late?.code == .processDied)
        #expect(pool.startingCount == 0)
    }
}
