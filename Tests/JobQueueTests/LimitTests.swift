import JobQueue
import Testing

/// Ignores cancellation until it is let go.
private struct Deaf: JobParameters {
    typealias Output = String
    static let kind = "deaf"
    static let options = JobOptions(
        limits: TimeLimits(soft: .milliseconds(50), hard: .milliseconds(150)), retry: .none)
}

@Suite struct LimitTests {
    @Test func `a job that ignores its hard limit is fenced, its slot is freed and the worker asks for a restart`()
        async throws
    {
        let client = JobClient(store: MemoryJobStore())
        let ledger = Ledger()
        let deaf = try await client.enqueue(Deaf())
        try await withWorker(
            client.store, ledger, queues: ["default": 1],
            register: { jobs in
                jobs.register(Deaf.self) { _, _ in
                    while ledger.count("may go") == 0 {
                        await Task.detached { try? await Task.sleep(for: .milliseconds(5)) }.value
                    }
                    ledger.note("went")
                    return "too late"
                }
            }
        ) { worker in
            let record = try await deaf.waitUntilFinished()
            #expect(record.state == .dead)
            #expect(record.error?.contains("hard limit") == true)
            #expect(worker.restartReason?.contains("ignores its hard limit") == true)
            // The only slot works again although the job still runs.
            let next = try await client.enqueue(Add(a: 1, b: 2))
            #expect(try await next.result() == 3)
            #expect(ledger.count("went") == 0)
            ledger.note("may go")
            while ledger.count("went") == 0 { try await Task.sleep(for: .milliseconds(1)) }
            // What it returned in the end changes nothing.
            #expect(try await deaf.status() == record)
        }
    }

    @Test func `a worker that has done its share asks to be replaced and stops`() async throws {
        let client = JobClient(store: MemoryJobStore())
        _ = try await client.enqueue((0..<30).map { Add(a: $0, b: 1) })
        try await withWorker(
            client.store, queues: ["default": 1],
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

    /// Checkpoints, and decides what happens, when it is asked to stop.
    private struct Careful: JobParameters {
        static let kind = "careful"
        static let options = JobOptions(limits: TimeLimits(soft: .milliseconds(20)), retry: .none)
        var gives: String
    }

    @Test func `what a job decides at its soft limit holds`() async throws {
        let client = JobClient(store: MemoryJobStore())
        let snoozed = try await client.enqueue(Careful(gives: "snooze"))
        let failed = try await client.enqueue(Careful(gives: "fail"))
        let silent = try await client.enqueue(Careful(gives: "nothing"))
        try await withWorker(
            client.store,
            register: { jobs in
                jobs.register(Careful.self) { parameters, context in
                    if try context.restore(Int.self) == 3 { return }
                    while !context.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
                    switch parameters.gives {
                    case "snooze":
                        try await context.checkpoint((context.restore(Int.self) ?? 0) + 1)
                        throw JobControl.snooze(.milliseconds(1))
                    case "fail": throw JobControl.fail(reason: "by choice")
                    default: throw CancellationError()
                    }
                }
            }
        ) { _ in
            // Three soft limits, and still its only attempt.
            let record = try await snoozed.waitUntilFinished()
            #expect(record.state == .completed && record.attempt == 1 && record.run == 4)
            #expect(try await failed.waitUntilFinished().error == "by choice")
            #expect(try await silent.waitUntilFinished().error?.contains("soft limit") == true)
        }
    }

    @Test func `what a job decides while the worker stops holds`() async throws {
        let client = JobClient(store: MemoryJobStore())
        let failed = try await client.enqueue(Careful(gives: "fail"))
        let returned = try await client.enqueue(Careful(gives: "nothing"))
        try await withWorker(
            client.store, change: { $0.drainTimeout = .milliseconds(1) },
            register: { jobs in
                jobs.register(Careful.self) { parameters, context in
                    while context.cancellation != .shutdown { await Task.yield() }
                    if parameters.gives == "fail" { throw JobControl.fail(reason: "by choice") }
                    throw CancellationError()
                }
            }
        ) { worker in
            while worker.runningCount < 2 { try await Task.sleep(for: .milliseconds(1)) }
        }
        #expect(try await failed.status()?.error == "by choice")
        #expect(try await returned.status()?.state == .ready)
    }
}
