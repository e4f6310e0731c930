import JobQueue
import JobQueueTestKit
import Testing

@Suite struct EnqueueAssertionTests {
    private let clock = ManualJobClock()

    private func stocked() async throws -> JobClient {
        let client = JobClient(store: MemoryJobStore(clock: clock), clock: clock)
        _ = try await client.enqueue([Add(a: 1, b: 1), Add(a: 2, b: 2)])
        _ = try await client.enqueue(Add(a: 3, b: 3), options: .init(queue: "mail"))
        _ = try await client.enqueue(Note(name: "n"), options: .init(start: .after(.seconds(60))))
        return client
    }

    @Test func `enqueued jobs are those that have not ended, decoded, the oldest first`() async throws {
        let client = try await stocked()
        let all = try await client.store.enqueued(Add.self)
        #expect(all.map(\.parameters.a) == [1, 2, 3])
        #expect(all.map(\.record.queue) == ["default", "default", "mail"])
        #expect(all.map(\.id) == all.map(\.record.id))
        #expect(try await client.store.enqueued(Add.self, in: "mail").map(\.parameters.a) == [3])
        #expect(try await client.store.enqueued(Note.self).map(\.record.state) == [.scheduled])
        try await client.cancel(all[0].id)
        #expect(try await client.store.enqueued(Add.self).map(\.parameters.a) == [2, 3])
    }

    @Test func `jobs that wait for others or for a place, and running ones, have not ended`() async throws {
        let store = MemoryJobStore(clock: clock)
        let client = JobClient(store: store, clock: clock)
        let first = try await client.enqueue(Add(a: 1, b: 0))
        let worker = try await store.register(
            WorkerDescription(host: "test", process: 0, queues: ["default"]), lease: .seconds(60))
        let claim = ExchangeRequest(worker: worker, claims: [QueueClaim(queue: "default", limit: 1)])
        #expect(try await store.exchange(claim).claimed.map(\.id) == [first.id])
        _ = try await client.enqueue(Add(a: 2, b: 0), options: .init(dependsOn: [first.id]))
        _ = try await client.enqueue(
            [Add(a: 3, b: 0), Add(a: 4, b: 0)], options: .init(concurrency: ConcurrencyLimit(key: "k", limit: 1)))
        let jobs = try await store.enqueued(Add.self)
        #expect(jobs.map(\.parameters.a) == [1, 2, 3, 4])
        #expect(jobs.map(\.record.state) == [.running, .blocked, .ready, .throttled])
    }

    @Test func `more jobs than a page are all there, in order`() async throws {
        let client = JobClient(store: MemoryJobStore())
        _ = try await client.enqueue((0..<2500).map { Add(a: $0, b: 0) })
        #expect(try await client.store.enqueued(Add.self).map(\.parameters.a) == Array(0..<2500))
    }

    @Test func `a job whose data does not decode is an error that names the trouble`() async throws {
        let store = MemoryJobStore()
        _ = try await store.enqueue([NewJob(kind: Add.kind, payload: Array("{}".utf8))])
        let error = await #expect(throws: JobError.self) { try await store.enqueued(Add.self) }
        #expect(error?.code == .decodingFailed)
    }

    @Test func `an assertion that holds returns the jobs that match`() async throws {
        let store = try await stocked().store
        #expect(try await store.assertEnqueued(Add.self).count == 3)
        #expect(try await store.assertEnqueued(Add.self, where: { $0.a > 1 }).map(\.parameters.a) == [2, 3])
        #expect(try await store.assertEnqueued(Add.self, in: "mail", count: 1) { $0.b == 3 }.count == 1)
        try await store.assertEnqueued(Add.self, count: 3)
        try await store.assertEnqueued(Add.self, in: "nowhere", count: 0)
        try await store.assertNotEnqueued(Endless.self)
        try await store.assertNotEnqueued(Add.self, in: "nowhere")
        try await store.assertNotEnqueued(Add.self, in: "mail") { $0.a == 1 }
    }

    @Test func `an assertion that does not hold says what was expected, where, and what is there`() async throws {
        let client = try await stocked()
        let store = client.store
        try await client.cancel(try await store.enqueued(Add.self)[0].id)
        let missing = await #expect(throws: JobAssertionFailure.self) {
            try await store.assertEnqueued(
                Add.self, in: "mail", where: { $0.a == 7 }, file: "Some/File.swift", line: 12)
        }
        let text = try #require(missing?.description)
        #expect(
            text.hasPrefix(
                "expected at least 1 unfinished matching add in queue mail, found 0 (Some/File.swift:12); the store has:"
            ))
        // The jobs of the kind come first, those that have ended after the others.
        let lines = text.split(separator: "\n").dropFirst().map { $0.split(separator: ":")[0] }
        #expect(
            lines == [
                "  add in default, ready", "  add in mail, ready", "  add in default, cancelled",
                "  note in default, scheduled",
            ])
        #expect(text.contains(#"{"name":"n"}"#))

        let count = await #expect(throws: JobAssertionFailure.self) {
            try await store.assertEnqueued(Add.self, count: 3)
        }
        #expect(count?.description.hasPrefix("expected 3 unfinished matching add, found 2 (JobQueueTests/") == true)
        let unwanted = await #expect(throws: JobAssertionFailure.self) { try await store.assertNotEnqueued(Note.self) }
        #expect(unwanted?.description.hasPrefix("expected no unfinished matching note, found 1 (") == true)
        let empty = await #expect(throws: JobAssertionFailure.self) {
            try await MemoryJobStore().assertEnqueued(Add.self)
        }
        #expect(empty?.description.hasSuffix("the store has no unfinished job and none of the kind") == true)
    }

    @Test func `a failure lists at most twenty jobs, and long or unreadable data shortened`() async throws {
        let client = JobClient(store: MemoryJobStore())
        _ = try await client.enqueue((0..<25).map { _ in Note(name: String(repeating: "x", count: 1000)) })
        let failure = await #expect(throws: JobAssertionFailure.self) {
            try await client.store.assertNotEnqueued(Note.self)
        }
        let lines = try #require(failure?.description.split(separator: "\n"))
        #expect(lines.count == 22 && lines.last == "  and 5 more")
        #expect(lines.allSatisfy { $0.count < 300 } && lines[1].hasSuffix("…"))
        let store = MemoryJobStore()
        _ = try await store.enqueue([NewJob(kind: "blob", payload: [0xFF, 0xFE])])
        let bytes = await #expect(throws: JobAssertionFailure.self) { try await store.assertEnqueued(Note.self) }
        #expect(bytes?.description.contains("blob in default, ready: 2 bytes that are no text") == true)
    }

    @Test func `what a condition throws is thrown`() async throws {
        let store = try await stocked().store
        await #expect(throws: Trouble.self) { try await store.assertEnqueued(Add.self) { _ in throw Trouble() } }
    }

    @Test func `waiting ends when the jobs are there`() async throws {
        let client = JobClient(store: MemoryJobStore())
        async let found = client.store.waitUntilEnqueued(Add.self, count: 2, within: .seconds(30)) { $0.b == 0 }
        _ = try await client.enqueue(Add(a: 1, b: 0))
        _ = try await client.enqueue(Add(a: 9, b: 9))
        _ = try await client.enqueue(Add(a: 2, b: 0))
        #expect(try await found.map(\.parameters.a) == [1, 2])
        #expect(try await client.store.waitUntilEnqueued(Add.self, within: .zero).count == 3)
    }

    @Test func `waiting in vain ends after the limit, and with its task`() async throws {
        let store = MemoryJobStore()
        let began = ContinuousClock.now
        let failure = await #expect(throws: JobAssertionFailure.self) {
            try await store.waitUntilEnqueued(Add.self, in: "mail", within: .milliseconds(30))
        }
        #expect(ContinuousClock.now - began >= .milliseconds(30))
        #expect(
            failure?.description.hasPrefix(
                "expected at least 1 unfinished matching add in queue mail within 0.03 seconds, found 0 (")
                == true)
        let waiting = Task { try await store.waitUntilEnqueued(Add.self, within: .seconds(3600)) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
