import JobQueue
import Testing

@Suite struct WorkerTests {
    @Test func `a job runs and its result comes back`() async throws {
        let client = JobClient(store: MemoryJobStore())
        let handle = try await client.enqueue(Add(a: 2, b: 3))
        let result = try await withWorker(client.store) { _ in try await handle.result() }
        #expect(result == 5)
    }

    @Test func `a job that fails is tried again by its policy`() async throws {
        let client = JobClient(store: MemoryJobStore())
        let twice = try await client.enqueue(Flaky(failures: 2))
        let always = try await client.enqueue(Flaky(failures: 9))
        try await withWorker(client.store) { _ in
            #expect(try await twice.result() == 3)
            let record = try await always.waitUntilFinished()
            #expect(record.state == .dead)
            #expect(record.attempt == 3)
            #expect(record.error?.contains("Trouble") == true)
        }
    }

    @Test func `a running job is cancelled from anywhere`() async throws {
        let client = JobClient(store: MemoryJobStore())
        let ledger = Ledger()
        let handle = try await client.enqueue(Endless())
        try await withWorker(client.store, ledger) { worker in
            while ledger.count("endless \(handle.id)") == 0 { try await Task.sleep(for: .milliseconds(1)) }
            #expect(try await handle.cancel())
            #expect(try await handle.waitUntilFinished().state == .cancelled)
        }
    }

    @Test func `a parent runs after its children, and with their failure it fails`() async throws {
        let client = JobClient(store: MemoryJobStore())
        let good = try await client.enqueue(batch: [Add(a: 1, b: 1), Add(a: 2, b: 2)], then: Add(a: 5, b: 5))
        let bad = try await client.enqueue(batch: [Flaky(failures: 0), Flaky(failures: 9)], then: Add(a: 0, b: 0))
        #expect(try await good.status()?.state == .blocked)
        try await withWorker(client.store) { _ in
            #expect(try await good.result() == 10)
            #expect(try await client.store.children(of: good.id) == [.completed: 2])
            let record = try await bad.waitUntilFinished()
            #expect(record.state == .dead)
            #expect(record.error?.contains("Trouble") == true)
        }
    }

    @Test func `ten thousand jobs run once each`() async throws {
        let client = JobClient(store: MemoryJobStore())
        let ledger = Ledger()
        let name = "ten thousand"
        let handles = try await client.enqueue((0..<10_000).map { _ in Note(name: name) })
        try await withWorker(client.store, ledger, queues: ["default": 50]) { _ in
            for handle in handles { _ = try await handle.waitUntilFinished() }
        }
        #expect(ledger.count(name) == 10_000)
    }

    /// Throws what no store could keep as it is.
    struct Hostile: JobParameters {
        static let kind = "hostile"
        static let options = JobOptions(retry: .none)
        var number: Int

        static func end(_ number: Int) throws {
            switch number % 5 {
            case 0: throw HostileError(description: "bad\0byte")
            case 1: throw HostileError(description: String(repeating: "\0é", count: 100_000))
            case 2: throw JobControl.snooze(.seconds(Int64.max))
            case 3: throw JobControl.retry(after: .seconds(Int64.min), reason: "\0")
            default: throw JobControl.fail(reason: String(repeating: "x", count: 1_000_000))
            }
        }
    }

    struct HostileError: Error, CustomStringConvertible { var description: String }

    @Test func `whatever a job throws, those beside it run`() async throws {
        let client = JobClient(store: MemoryJobStore())
        let hostile = try await client.enqueue((0..<200).map { Hostile(number: $0) })
        let good = try await client.enqueue((0..<50).map { Add(a: $0, b: 1) })
        try await withWorker(
            client.store,
            register: { jobs in jobs.register(Hostile.self) { parameters, _ in try Hostile.end(parameters.number) } }
        ) { _ in
            for (number, handle) in good.enumerated() {
                let result = try await handle.result()
                #expect(result == number + 1)
            }
            for (number, handle) in hostile.enumerated() where number % 5 != 2 {
                let record = try await handle.waitUntilFinished()
                #expect(record.state == .dead)
            }
        }
        let left = try await client.store.jobs(JobFilter(kind: Hostile.kind, limit: 1000))
        #expect(left.allSatisfy { $0.state == .dead || $0.state == .scheduled })
        #expect(left.allSatisfy { ($0.error?.utf8.count ?? 0) <= 2000 })
    }

    @Test func `a worker without code for a kind leaves its jobs to one that has it`() async throws {
        let store = MemoryJobStore()
        let client = JobClient(store: store)
        let ledger = Ledger()
        let handles = try await client.enqueue((0..<200).map { _ in Note(name: "new kind") })
        let old = try JobWorker(store: store, queues: ["default": 8]) { jobs in
            jobs.register(Add.self) { parameters, _ in parameters.a + parameters.b }
        }
        async let running: Void = old.run()
        // It has looked once it has done what came later.
        #expect(try await client.enqueue(Add(a: 1, b: 2)).result() == 3)
        #expect(try await store.statistics().first?.untaken == ["note": 200])
        try await withWorker(store, ledger) { _ in
            for handle in handles {
                let record = try await handle.waitUntilFinished()
                #expect(record.state == .completed && record.attempt == 1 && record.run == 1)
            }
        }
        old.stop()
        try await running
    }
}
