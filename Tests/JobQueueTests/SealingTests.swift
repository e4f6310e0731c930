import JobQueue
import JobQueueTestKit
import Logging
import Testing

/// Turns every bit over, behind the content in the clear; refuses everything else.
private struct Turned: PayloadSealing {
    struct Refused: Error {}
    var accepted: Set<SealedContent.Part>?

    private func head(_ content: SealedContent) -> [UInt8] { Array("\(content.part.rawValue)/\(content.kind)/".utf8) }

    func seal(_ bytes: [UInt8], for content: SealedContent) throws -> [UInt8] { head(content) + bytes.map { ~$0 } }

    func open(_ bytes: [UInt8], for content: SealedContent) throws -> [UInt8] {
        guard bytes.starts(with: head(content)) else { throw Refused() }
        return bytes.dropFirst(head(content).count).map { ~$0 }
    }

    func acceptsUnsealed(_ content: SealedContent) -> Bool {
        accepted?.contains(content.part) ?? (content.part != .payload)
    }
}

/// Leaves what is accepted unsealed to the default.
private struct Plain: PayloadSealing {
    func seal(_ bytes: [UInt8], for content: SealedContent) throws -> [UInt8] { bytes }
    func open(_ bytes: [UInt8], for content: SealedContent) throws -> [UInt8] { bytes }
}

/// Seals nothing, opens nothing.
private struct Broken: PayloadSealing {
    func seal(_ bytes: [UInt8], for content: SealedContent) throws -> [UInt8] { throw Turned.Refused() }
    func open(_ bytes: [UInt8], for content: SealedContent) throws -> [UInt8] { throw Turned.Refused() }
}

/// Saves its number, fails, and returns the sum of that and what it finds.
private struct Resumed: JobParameters {
    typealias Output = Int
    static let kind = "resumed"
    static let options = JobOptions(retry: .constant(.zero, maxAttempts: 2))
    var number: Int
}

private let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

private func drain(_ store: any JobStore, _ sealing: (any PayloadSealing)?) throws -> InlineDrain {
    try InlineDrain(store: store, sealing: sealing, logger: silent) { jobs in
        jobs.registerFixtures(Ledger())
        jobs.register(Resumed.self) { parameters, context in
            if let saved = try context.restore(Int.self) { return saved + parameters.number }
            try await context.checkpoint(parameters.number)
            throw Trouble()
        }
    }
}

@Suite struct SealingTests {
    @Test func `payload, checkpoint and result are stored sealed, and opened by worker and client`() async throws {
        let client = JobClient(store: MemoryJobStore(), sealing: Turned())
        let handle = try await client.enqueue(Resumed(number: 21))
        let worker = try JobWorker(
            store: client.store, queues: ["default": 1], sealing: Turned(), logger: silent
        ) { jobs in
            jobs.register(Resumed.self) { parameters, context in
                if let saved = try context.restore(Int.self) { return saved + parameters.number }
                try await context.checkpoint(parameters.number)
                throw Trouble()
            }
        }
        async let running: Void = worker.run()
        #expect(try await handle.result(interval: .milliseconds(10)) == 42)
        worker.stop()
        try await running
        let record = try #require(try await handle.status())
        for (bytes, part, text) in [
            (record.job.payload, "payload", #"{"number":21}"#), (record.checkpoint, "checkpoint", "21"),
            (record.result, "result", "42"),
        ] {
            let sealed = SealedForm.marker + Array("\(part)/resumed/".utf8) + text.utf8.map { ~$0 }
            #expect(bytes == sealed, "\(part)")
        }
        #expect(try record.result(as: Int.self, sealing: Turned()) == 42)
        #expect(try record.parameters(as: Resumed.self, sealing: Turned()).number == 21)
    }

    @Test func `the marker is the documented one, and no JSON begins with it`() throws {
        #expect(SealedForm.marker == [0x00, 0x73, 0x65, 0x61, 0x6C])
        for value in ["\0seal", ""] { #expect(try JobCoding.encode(value).first == UInt8(ascii: "\"")) }
    }

    @Test func `without the sealing, client and worker get an error that says so`() async throws {
        let store = MemoryJobStore()
        let sealed = JobClient(store: store, sealing: Turned())
        let handle = try await sealed.enqueue(Add(a: 40, b: 2))
        let enqueued = await #expect(throws: JobError.self) { try await store.enqueued(Add.self) }
        #expect(enqueued?.code == .sealingFailed)
        #expect(enqueued?.message.hasPrefix("the payload of a job add is sealed, and there is no sealing here") == true)
        // A worker without it: the attempt fails, and the job waits for one that has it.
        let ended = try await drain(store, nil).run()
        guard case .retry(_, let text) = ended.first?.outcome else { Issue.record("\(ended)"); return }
        #expect(text.hasPrefix("sealingFailed: the payload of a job add is sealed, and there is no sealing here"))
        #expect(try await handle.status()?.error == text)
        #expect(try await sealed.cancel(handle.id))

        let done = try await sealed.enqueue(Add(a: 40, b: 2))
        try await drain(store, Turned()).run()
        #expect(try await done.result() == 42)
        let stranger = JobClient(store: store).handle(done.id, of: Add.self)
        let error = await #expect(throws: JobError.self) { try await stranger.result() }
        #expect(error?.code == .sealingFailed)
        let record = try #require(try await stranger.status())
        #expect(throws: JobError.self) { try record.result(as: Int.self) }
    }

    @Test func `a result and a checkpoint of before the sealing are read, a payload is not`() async throws {
        let store = MemoryJobStore()
        let old = try await JobClient(store: store).enqueue(Add(a: 1, b: 2))
        try await drain(store, nil).run()
        #expect(try await JobClient(store: store, sealing: Turned()).handle(old.id, of: Add.self).result() == 3)
        #expect(Plain().acceptsUnsealed(SealedContent(.result, of: "a")))
        #expect(Plain().acceptsUnsealed(SealedContent(.checkpoint, of: "a")))
        #expect(!Plain().acceptsUnsealed(SealedContent(.payload, of: "a")))

        // Switched on between two attempts: the first left its checkpoint unsealed.
        let half = try await JobClient(store: store, sealing: Turned()).enqueue(Resumed(number: 4))
        let worker = try await store.register(
            WorkerDescription(host: "old", process: 0, queues: ["default"]), lease: .seconds(60))
        let claim = ExchangeRequest(worker: worker, claims: [QueueClaim(queue: "default", limit: 1)])
        let run = try #require(try await store.exchange(claim).claimed.first).reference
        _ = try await store.save([RunUpdate(run, checkpoint: Array("5".utf8))], worker: worker)
        let back = Acknowledgement(run, .returned)
        _ = try await store.exchange(ExchangeRequest(worker: worker, acknowledgements: [back]))
        try await drain(store, Turned()).run()
        #expect(try await half.result() == 9)

        _ = try await JobClient(store: store).enqueue(Add(a: 1, b: 2))
        let refused = try await drain(store, Turned()).run()
        guard case .retry(_, let text) = refused.first?.outcome else { Issue.record("\(refused)"); return }
        #expect(text == "sealingFailed: the payload of a job add cannot be opened (Refused())")
    }

    @Test func `what is accepted unsealed is the sealing's to say`() throws {
        let bytes = Array("7".utf8)
        for part in SealedContent.Part.allCases {
            let content = SealedContent(part, of: "a")
            #expect(try SealedForm.open(bytes, for: content, by: Turned(accepted: [part])) == bytes)
            #expect(throws: JobError.self) { try SealedForm.open(bytes, for: content, by: Turned(accepted: [])) }
            // A form of its own without the marker is the sealing's to read.
            let own = try Turned().seal(bytes, for: content)
            #expect(try SealedForm.open(own, for: content, by: Turned(accepted: [])) == bytes)
        }
    }

    @Test func `sealed data of another part or kind is refused`() throws {
        let sealed = try SealedForm.seal([1, 2], for: SealedContent(.result, of: "a"), by: Turned())
        #expect(try SealedForm.open(sealed, for: SealedContent(.result, of: "a"), by: Turned()) == [1, 2])
        for content in [
            SealedContent(.checkpoint, of: "a"), SealedContent(.payload, of: "a"), SealedContent(.result, of: "b"),
        ] {
            let error = #expect(throws: JobError.self) { try SealedForm.open(sealed, for: content, by: Turned()) }
            #expect(error?.code == .sealingFailed && error?.underlying is Turned.Refused)
        }
    }

    @Test func `what cannot be sealed is an error for the client, and a failed attempt for the worker`() async throws {
        let store = MemoryJobStore()
        let error = await #expect(throws: JobError.self) {
            try await JobClient(store: store, sealing: Broken()).enqueue(Add(a: 1, b: 1))
        }
        #expect(error?.code == .sealingFailed && error?.underlying is Turned.Refused)
        #expect(error?.message == "the payload of a job add cannot be sealed")
        #expect(try await store.jobs(JobFilter()).isEmpty)
    }

    @Test func `caps are of what is stored`() async throws {
        // 12 bytes of JSON, 5 of the marker, 13 of the head of this sealing.
        let store = MemoryJobStore()
        let small = JobClient(store: store, maxPayload: 29, sealing: Turned())
        let error = await #expect(throws: JobError.self) { try await small.enqueue(Note(name: "n")) }
        #expect(error?.code == .payloadTooLarge)
        _ = try await JobClient(store: store, maxPayload: 30, sealing: Turned()).enqueue(Note(name: "n"))
    }

    @Test func `a drain refuses a checkpoint above the cap, as a worker does`() async throws {
        let store = MemoryJobStore()
        _ = try await JobClient(store: store).enqueue(Note(name: "n"))
        let drain = try InlineDrain(store: store, logger: silent) { jobs in
            jobs.register(Note.self) { _, context in
                try await context.checkpoint(String(repeating: "x", count: 1_048_576))
            }
        }
        guard case .retry(_, let text) = try await drain.run().first?.outcome else { Issue.record("no retry"); return }
        #expect(text.hasPrefix("payloadTooLarge: a checkpoint of 1048578 bytes"))
    }

    @Test func `assertions open what they list`() async throws {
        let client = JobClient(store: MemoryJobStore(), sealing: Turned())
        _ = try await client.enqueue(Add(a: 1, b: 2))
        try await client.store.assertEnqueued(Add.self, count: 1, sealing: Turned()) { $0.a == 1 }
        try await client.store.assertNotEnqueued(Add.self, sealing: Turned()) { $0.a == 2 }
        try await client.store.waitUntilEnqueued(Add.self, sealing: Turned())
        let open = await #expect(throws: JobAssertionFailure.self) {
            try await client.store.assertNotEnqueued(Add.self, sealing: Turned())
        }
        #expect(open?.description.contains(#""a":1"#) == true)
        let closed = await #expect(throws: JobAssertionFailure.self) {
            try await client.store.assertEnqueued(Note.self)
        }
        #expect(closed?.description.contains("add in default, ready: 30 bytes that are sealed") == true)
    }
}
