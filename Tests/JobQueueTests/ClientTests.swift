import Foundation
import JobQueue
import JobQueueTestKit
import Logging
import Testing

/// Notes what goes through it.
private struct Layer: JobMiddleware {
    var name: String
    var ledger: Ledger
    func willEnqueue(_ job: inout NewJob) { job.metadata["layers", default: ""] += name }
    func run(_ context: JobContext, next: @Sendable () async throws -> Void) async throws {
        ledger.note("\(name) of \(context.id): \(context.metadata["layers"] ?? "")")
        try await next()
        ledger.note("\(name) of \(context.id) after")
    }
}

@Suite struct ClientTests {
    @Test func `a payload above the cap is refused`() async throws {
        let client = JobClient(store: MemoryJobStore(), maxPayload: 100)
        let error = await #expect(throws: JobError.self) {
            try await client.enqueue(Note(name: String(repeating: "x", count: 100)))
        }
        #expect(error?.code == .payloadTooLarge)
        _ = try await client.enqueue(Note(name: "small"))
        #expect(try await client.store.jobs(JobFilter()).count == 1)
    }

    @Test func `middleware goes around enqueuing and running, the first outermost`() async throws {
        let ledger = Ledger()
        let layers = [Layer(name: "outer", ledger: ledger), Layer(name: "inner", ledger: ledger)]
        let client = JobClient(store: MemoryJobStore(), middleware: layers)
        let handle = try await client.enqueue(Add(a: 1, b: 1))
        try await withWorker(client.store, middleware: layers) { _ in _ = try await handle.result() }
        for name in ["outer", "inner"] {
            #expect(ledger.count("\(name) of \(handle.id): outerinner") == 1)
            #expect(ledger.count("\(name) of \(handle.id) after") == 1)
        }
    }

    @Test func `an idempotency window lets one job in per stretch of time`() async throws {
        let clock = ManualJobClock()
        let client = JobClient(store: MemoryJobStore(clock: clock), clock: clock)
        let options = EnqueueOptions(idempotencyKey: "report", idempotencyWindow: .seconds(3600))
        #expect(try await client.enqueue(Note(name: "w"), options: options).isNew)
        clock.advance(by: .seconds(3599))
        #expect(try await !client.enqueue(Note(name: "w"), options: options).isNew)
        clock.advance(by: .seconds(1))
        #expect(try await client.enqueue(Note(name: "w"), options: options).isNew)
        for window in [Duration.zero, .seconds(7 * 86_400)] {
            let unusable = EnqueueOptions(idempotencyKey: "report", idempotencyWindow: window)
            let error = #expect(throws: JobError.self) { try client.prepare(Note(name: "w"), options: unusable) }
            #expect(error?.code == .invalidOption)
        }
        let patient = JobClient(store: client.store, clock: clock, keyRetention: .seconds(8 * 86_400))
        let week = EnqueueOptions(idempotencyKey: "week", idempotencyWindow: .seconds(7 * 86_400))
        #expect(try await patient.enqueue(Note(name: "w"), options: week).isNew)
    }

    @Test func `a worker keeps a schedule: one job a tick, and after a pause the last one missed`() async throws {
        let clock = ManualJobClock()
        let store = MemoryJobStore(clock: clock)
        let schedule = try JobSchedule("hourly", cron: "@hourly", catchUp: .seconds(7200)) { tick in
            Note(name: "tick \(tick.timeIntervalSince1970)")
        }
        let worker = try JobWorker(
            store: store, configuration: .init(queues: ["default": 1], lease: .seconds(1_000_000)),
            schedules: [schedule], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            clock: clock
        ) { $0.registerFixtures(Ledger()) }
        async let running: Void = worker.run()
        func ticks() async throws -> [Int] {
            try await store.jobs(JobFilter()).compactMap { $0.job.metadata["tick"].flatMap(Int.init) }.sorted()
        }
        // The clock stands at a full hour: that tick is the one to catch up with.
        while try await ticks().count < 1 { try await Task.sleep(for: .milliseconds(1)) }
        let first = try await ticks()
        while try await ticks().count < 3 {
            clock.advance(by: .seconds(300))
            try await Task.sleep(for: .milliseconds(2))
        }
        let all = try await ticks()
        #expect(all[0] == first[0])
        #expect(Set(all).count == all.count)
        #expect(all.allSatisfy { $0.isMultiple(of: 3600) })
        worker.stop()
        // What pauses here pauses on the clock that is moved by hand.
        let moving = Task {
            while !Task.isCancelled {
                clock.advance(by: .seconds(1))
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        try await running
        moving.cancel()
    }

    @Test func `jobs claimed ahead run once each, and what has not begun goes back uncounted`() async throws {
        let client = JobClient(store: MemoryJobStore())
        let ledger = Ledger()
        let name = "ahead"
        let handles = try await client.enqueue((0..<2000).map { _ in Note(name: name) })
        try await withWorker(
            client.store, ledger, queues: ["default": 2],
            change: {
                $0.prefetch = .adaptive(maxHold: .milliseconds(200))
                $0.drainTimeout = .milliseconds(10)
                $0.cancelTimeout = .milliseconds(200)
            }
        ) { worker in
            for handle in handles { _ = try await handle.waitUntilFinished() }
            #expect(ledger.count(name) == 2000)
            // Now the slots are taken for good; what was claimed ahead waits, and is given back.
            let endless = try await client.enqueue((0..<20).map { _ in Endless() })
            while worker.runningCount < 2 { try await Task.sleep(for: .milliseconds(1)) }
            let waiting = endless.last
            #expect(try await waiting?.cancel() == true)
            #expect(try await waiting?.waitUntilFinished().state == .cancelled)
        }
        let left = try await client.store.jobs(JobFilter(states: [.ready]))
        #expect(left.count == 19)
        #expect(left.allSatisfy { $0.attempt == 0 && $0.rescues == 0 })
    }

    @Test func `an inline drain until idle runs what is retried, snoozed and scheduled`() async throws {
        let clock = ManualJobClock()
        let store = MemoryJobStore(clock: clock)
        let client = JobClient(store: store, clock: clock)
        let ledger = Ledger()
        let flaky = try await client.enqueue(Flaky(failures: 2))
        let later = try await client.enqueue(Note(name: "later"), options: .init(start: .after(.seconds(3600))))
        let drain = try InlineDrain(store: store, clock: clock) { jobs in
            jobs.registerFixtures(ledger)
        }
        let runs = try await drain.run(untilIdle: true)
        #expect(runs.map(\.outcome.name) == ["retry", "retry", "completed", "completed"])
        #expect(try await flaky.result() == 3)
        #expect(try await later.status()?.state == .completed)
    }
}
