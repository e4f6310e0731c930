import JobQueue
import Testing

/// Ignores cancellation until it is let go.
private struct Deaf: Job {
    static let kind = "deaf"
    static let options = JobOptions(
        limits: TimeLimits(soft: .milliseconds(50), hard: .milliseconds(150)), retry: .none)
    var name: String
    func run(_ context: JobContext) async throws -> String {
        Ledger.shared.note(name)
        while Ledger.shared.count("\(name) may go") == 0 {
            await Task.detached { try? await Task.sleep(for: .milliseconds(5)) }.value
        }
        Ledger.shared.note("\(name) went")
        return "too late"
    }
}

@Suite struct LimitTests {
    @Test func `a job that ignores its hard limit is fenced, its slot is freed and the worker asks for a restart`()
        async throws
    {
        let client = JobClient(store: MemoryJobStore())
        let name = "fenced"
        let deaf = try await client.enqueue(Deaf(name: name))
        try await withWorker(client.store, [Deaf.self, Add.self], queues: ["default": 1]) { worker in
            let record = try await deaf.finished()
            #expect(record.state == .dead)
            #expect(record.error?.contains("hard limit") == true)
            #expect(worker.restartReason?.contains("ignores its hard limit") == true)
            // The only slot works again although the job still runs.
            let next = try await client.enqueue(Add(a: 1, b: 2))
            #expect(try await next.result() == 3)
            #expect(Ledger.shared.count("\(name) went") == 0)
            Ledger.shared.note("\(name) may go")
            while Ledger.shared.count("\(name) went") == 0 { try await Task.sleep(for: .milliseconds(1)) }
            // What it returned in the end changes nothing.
            #expect(try await deaf.status() == record)
        }
    }

    @Test func `a worker that has done its share asks to be replaced and stops`() async throws {
        let client = JobClient(store: MemoryJobStore())
        _ = try await client.enqueue((0..<30).map { Add(a: $0, b: 1) })
        try await withWorker(
            client.store, [Add.self], queues: ["default": 1],
            change: {
                $0.pollInterval = .milliseconds(5)
                $0.recycling = .init(maxJobs: 10)
            }
        ) { worker in
            while worker.restartReason == nil { try await Task.sleep(for: .milliseconds(1)) }
            #expect(worker.restartReason?.contains("10 jobs") == true)
        }
        // What it left is there for its successor.
        let done = try await client.store.jobs(JobFilter(states: [.completed])).count
        let left = try await client.store.jobs(JobFilter(states: [.ready])).count
        #expect(done >= 10)
        #expect(done + left == 30)
    }
}
