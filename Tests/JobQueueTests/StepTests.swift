import JobQueueTestKit
import Synchronization
import Testing

@testable import JobQueue

private struct Order: JobParameters {
    typealias Output = [String]
    static let kind = "order"
    static let options = JobOptions(retry: .constant(.milliseconds(1), maxAttempts: 1000))
    var steps: Int
}

/// Parts of jobs that are done once.
@Suite struct StepTests {
    private struct Trouble: Error {}

    @Test(arguments: 0..<30)
    func `steps that have been done are not done again, whatever fails between them`(_ seed: Int) async throws {
        let random = Lock(SplitMix(state: UInt64(seed)))
        let store = MemoryJobStore()
        let client = JobClient(store: store)
        let done = Lock<[String]>([])
        let handle = try await client.enqueue(Order(steps: 8))
        let worker = try JobWorker(
            store: store,
            configuration: JobWorkerConfiguration(queues: ["default": 2], maintenanceInterval: .milliseconds(2))
        ) { jobs in
            jobs.register(Order.self) { order, context in
                func maybeFail() throws { if random.with({ $0.next(below: 5) }) == 0 { throw Trouble() } }
                var results: [String] = []
                for number in 0..<order.steps {
                    try maybeFail()
                    if number == 3 {
                        let earlier = try context.restore(Int.self) ?? 0
                        try await context.checkpoint(earlier + 1)
                    }
                    if number == 5 {
                        // At the same time.
                        async let one = context.step("left") {
                            done.with { $0.append("left") }; return "l"
                        }
                        async let two = context.step("right") {
                            done.with { $0.append("right") }; return "r"
                        }
                        results += try await [one, two]
                    }
                    results.append(
                        try await context.step("step \(number)") {
                            try maybeFail()
                            done.with { $0.append("\(number)") }
                            return "result \(number)"
                        })
                }
                try await context.step("end") { done.with { $0.append("end") } }
                return results
            }
        }
        let running = Task { try await worker.run() }
        let result = try await handle.result()
        worker.stop()
        try await running.value
        #expect(result == (0..<5).map { "result \($0)" } + ["l", "r"] + (5..<8).map { "result \($0)" })
        #expect(
            done.with { $0.sorted() } == ((0..<8).map { "\($0)" } + ["left", "right", "end"]).sorted(), "seed \(seed)")
    }

    @Test func `a step that fails is done again, a second one of its name is not, and a changed type is named`()
        async throws
    {
        let count = Lock(0)
        let run = try await perform(Order(steps: 1)) { _, context in
            await #expect(throws: Trouble.self) { try await context.step("a") { throw Trouble() } }
            let first = try await context.step("a") {
                count.with { $0 += 1 }; return 1
            }
            let second = try await context.step("a") {
                count.with { $0 += 1 }; return 2
            }
            #expect(first == 1 && second == 1)
            let error = await #expect(throws: JobError.self) { try await context.step("a") { "text" } }
            #expect(error?.code == .decodingFailed && error?.message.contains("step a") == true)
            let empty = await #expect(throws: JobError.self) { try await context.step("") { 1 } }
            #expect(empty?.code == .invalidOption)
            return []
        }
        #expect(count.with { $0 } == 1)
        guard case .completed = run.outcome else {
            Issue.record("\(run.outcome)")
            return
        }
    }

    @Test func `a checkpoint without steps is stored as it always was, and is read beside steps`() throws {
        var state = SavedState()
        state.checkpoint = Array("{\"a\":1}".utf8)
        #expect(try state.encoded() == Array("{\"a\":1}".utf8))
        #expect(try SavedState(state.encoded() ?? []) == state)
        state.steps = ["é": Array("1".utf8), "e\u{301}x": Array("\"zwei\"".utf8)]
        #expect(try SavedState(state.encoded() ?? []) == state)
        #expect(throws: JobError.self) { try SavedState([0] + Array("steps{".utf8)) }
        var random = SplitMix(state: 7)
        for _ in 0..<2000 {
            var bytes = try #require(try state.encoded())
            bytes[random.next(below: bytes.count)] ^= UInt8(1 << random.next(below: 8))
            _ = try? SavedState(bytes)
        }
    }
}
