import JobQueue
import JobQueueTestKit
import Testing

/// A sum, as a handler of its own.
private struct Adder: JobHandler {
    func run(_ parameters: Add, _ context: JobContext) async throws -> Int { parameters.a + parameters.b }
}

private struct NoteTaker: JobHandler {
    let ledger: Ledger
    func run(_ parameters: Note, _ context: JobContext) async throws { ledger.note(parameters.name) }
}

/// Data that encodes as something that it does not decode from.
private struct OneWay: JobParameters {
    static let kind = "one-way"
    static let options = JobOptions(retry: .constant(.seconds(5), maxAttempts: 2), maxConcurrent: 1)
    init() {}
    init(from decoder: any Decoder) throws { throw Trouble() }
    func encode(to encoder: any Encoder) throws { try "text".encode(to: encoder) }
}

private struct Around: JobMiddleware {
    let ledger: Ledger
    func willEnqueue(_ job: inout NewJob) { job.metadata["layer"] = "here" }
    func run(_ context: JobContext, next: @Sendable () async throws -> Void) async throws {
        ledger.note("before \(context.metadata["layer"] ?? "")")
        try await next()
        ledger.note("after")
    }
}

/// Makes jobs wait for their time, or for another job.
private struct Delaying: JobMiddleware {
    var other: JobID?
    func willEnqueue(_ job: inout NewJob) {
        job.start = .after(.seconds(60))
        if let other { job.dependsOn = [other] }
    }
}

private struct Refusing: JobMiddleware {
    func run(_ context: JobContext, next: @Sendable () async throws -> Void) async throws { throw Trouble() }
}

/// Returns never, and throws when the task is cancelled.
private func waitUntilCancelled() async throws -> Never {
    let (silence, continuation) = AsyncStream.makeStream(of: Void.self)
    for await _ in silence {}
    withExtendedLifetime(continuation) {}
    throw CancellationError()
}

@Suite struct PerformTests {
    @Test func `a closure or a handler runs once, and its result is decoded`() async throws {
        let ledger = Ledger()
        let sum = try await perform(Add(a: 20, b: 22)) { parameters, _ in parameters.a + parameters.b }
        #expect(try sum.result() == 42)
        #expect(sum.outcome == .completed(result: Array("42".utf8)))
        #expect(sum.error == nil && sum.control == nil && sum.progress == nil && sum.progressMessage == nil)
        #expect(try sum.checkpoint(as: Int.self) == nil)
        #expect(try await perform(Add(a: 1, b: 2), with: Adder()).result() == 3)
        #expect(
            try await perform(Note(name: "once"), with: NoteTaker(ledger: ledger)).outcome == .completed(result: nil))
        let closure = try await perform(Note(name: "twice")) { parameters, _ in ledger.note(parameters.name) }
        #expect(closure.outcome == .completed(result: nil))
        #expect(ledger.count("once") == 1 && ledger.count("twice") == 1)
    }

    @Test func `the run has the circumstances that were chosen`() async throws {
        let parent = JobID()
        let options = PerformOptions(
            attempt: 3, maxAttempts: 4, checkpoint: ["page": 7], queue: "mail", metadata: ["tenant": "42"],
            parent: parent,
            waited: .seconds(9))
        let run = try await perform(Note(name: "n"), options: options) { _, context in
            #expect(context.attempt == 3 && context.maxAttempts == 4)
            let restored = try context.restore([String: Int].self)
            #expect(restored == ["page": 7])
            #expect(context.kind == "note" && context.queue == "mail" && context.metadata == ["tenant": "42"])
            #expect(context.parent == parent && context.waited == .seconds(9) && !context.isCancelled)
        }
        #expect(run.outcome == .completed(result: nil))
        let plain = try await perform(Flaky(failures: 0)) { _, context in
            #expect(context.attempt == 1 && context.maxAttempts == 3 && context.queue == "default")
            #expect(context.parent == nil && context.waited == .zero)
            let restored = try context.restore(Int.self)
            #expect(restored == nil)
            return 0
        }
        #expect(try plain.result() == 0)
    }

    @Test(arguments: [0, 4]) func `an attempt that the job does not have is refused`(_ attempt: Int) async throws {
        let error = await #expect(throws: JobError.self) {
            try await perform(Flaky(failures: 0), options: .init(attempt: attempt), with: FlakyHandler())
        }
        #expect(error?.code == .invalidOption)
    }

    @Test func `progress and checkpoint are those of the end`() async throws {
        let run = try await perform(Note(name: "n")) { _, context in
            context.progress(0.25, "started")
            try await context.checkpoint(1)
            context.progress(0.75)
            try await context.checkpoint(2)
        }
        #expect(run.progress == 0.75 && run.progressMessage == "started")
        #expect(try run.checkpoint(as: Int.self) == 2)
        #expect(throws: JobError.self) { try run.checkpoint(as: String.self) }
    }

    @Test func `a checkpoint or result above the worker's cap is refused`() async throws {
        let run = try await perform(Note(name: "n")) { _, context in
            try await context.checkpoint(String(repeating: "x", count: 1_048_576))
        }
        #expect((run.error as? JobError)?.code == .payloadTooLarge)
        #expect(try run.checkpoint(as: String.self) == nil)
    }

    @Test(arguments: [
        (JobControl.snooze(.seconds(9)), JobOutcome.snoozed(.seconds(9))),
        (.retry(after: .seconds(9), reason: "later"), .retry(after: .seconds(9), error: "later")),
        (.cancel(reason: "no"), .cancelled(reason: "no")), (.discard(reason: "no"), .discarded(reason: "no")),
        (.fail(reason: "no"), .dead(error: "no")), (.waitForChildren, .waitingForChildren),
    ]) func `what the code asks for is told`(_ control: JobControl, _ outcome: JobOutcome) async throws {
        let run = try await perform(Note(name: "n")) { _, _ in throw control }
        #expect(run.control == control && run.outcome == outcome)
    }

    @Test func `an error is judged by the kind's policy and the attempt`() async throws {
        let failed = try await perform(Flaky(failures: 9), with: FlakyHandler())
        #expect(failed.error is Trouble && failed.control == nil)
        #expect(failed.outcome == .retry(after: .milliseconds(1), error: "Trouble()"))
        let error = #expect(throws: JobError.self) { try failed.result() }
        #expect(error?.code == .jobFailed && error?.underlying is Trouble)
        let last = try await perform(Flaky(failures: 9), options: .init(attempt: 3), with: FlakyHandler())
        #expect(last.outcome == .dead(error: "Trouble()"))
        #expect(try await perform(Flaky(failures: 2), options: .init(attempt: 3), with: FlakyHandler()).result() == 3)
    }

    @Test func `parameters are encoded and decoded, also of a kind with one place`() async throws {
        let ledger = Ledger()
        let run = try await perform(OneWay()) { _, _ in ledger.note("ran") }
        #expect((run.error as? JobError)?.code == .decodingFailed && ledger.count("ran") == 0)
        guard case .retry(.seconds(5), _) = run.outcome else { return #expect(Bool(false), "\(run.outcome as Any)") }
    }

    @Test func `what a client would refuse is thrown`() async throws {
        let error = await #expect(throws: JobError.self) {
            try await perform(Note(name: String(repeating: "x", count: 300_000))) { _, _ in }
        }
        #expect(error?.code == .payloadTooLarge)
    }

    @Test func `middleware prepares the job and goes around the run`() async throws {
        let ledger = Ledger()
        let around = Around(ledger: ledger)
        _ = try await perform(Add(a: 1, b: 1), options: .init(middleware: [around]), with: Adder())
        #expect(ledger.count("before here") == 1 && ledger.count("after") == 1)
        let refused = try await perform(
            Add(a: 1, b: 1), options: .init(middleware: [around, Refusing()]), with: Adder())
        #expect(refused.error is Trouble && ledger.count("before here") == 2 && ledger.count("after") == 1)
    }

    @Test func `a job that a middleware delays runs at once, one that must wait for others is an error`() async throws {
        let delayed = try await perform(Add(a: 1, b: 1), options: .init(middleware: [Delaying()]), with: Adder())
        #expect(try delayed.result() == 2)
        let error = await #expect(throws: JobError.self) {
            try await perform(Add(a: 1, b: 1), options: .init(middleware: [Delaying(other: JobID())]), with: Adder())
        }
        #expect(error?.code == .unknownDependency)
    }

    @Test(arguments: [
        (JobCancellation.requested, JobOutcome?.some(.cancelled(reason: ""))), (.shutdown, .returned),
        (.leaseLost, nil),
    ]) func `a run that is asked to stop ends as a worker's`(_ reason: JobCancellation, _ outcome: JobOutcome?)
        async throws
    {
        let run = try await perform(Endless(), options: .init(cancellation: reason)) { _, context in
            #expect(context.cancellation == reason)
            try? await context.checkpoint(5)
            try await waitUntilCancelled()
        }
        #expect(run.outcome == outcome && run.error is CancellationError)
        #expect(try run.checkpoint(as: Int.self) == (reason == .leaseLost ? nil : 5))
    }

    @Test func `what a job does at its soft limit is told`() async throws {
        let run = try await perform(Note(name: "n"), options: .init(cancellation: .softLimit)) { _, context in
            if context.isCancelled { throw JobControl.snooze(.seconds(1)) }
        }
        #expect(run.outcome == .snoozed(.seconds(1)))
    }

    @Test func `a cancellation of the caller's task reaches the code`() async throws {
        let (began, hasBegun) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await perform(Endless()) { _, _ in
                hasBegun.yield()
                try await waitUntilCancelled()
            }
        }
        for await _ in began { break }
        task.cancel()
        #expect(try await task.value.error is CancellationError)
    }

    @Test func `the jobs that a run enqueues are in the store of its own, and it is not`() async throws {
        let run = try await perform(Note(name: "parent")) { _, context in
            try await context.spawn([Note(name: "first"), Note(name: "second")])
            _ = try await context.client.enqueue(Add(a: 1, b: 2))
            throw JobControl.waitForChildren
        }
        #expect(run.outcome == .waitingForChildren)
        let children = try await run.store.assertEnqueued(Note.self, count: 2)
        #expect(children.map(\.parameters.name) == ["first", "second"])
        #expect(children.allSatisfy { $0.record.job.parent == run.id && $0.record.state == .ready })
        try await run.store.assertEnqueued(Add.self, count: 1)
        #expect(try await run.store.job(run.id) == nil)
    }
}
