import HealthChecks
import InMemoryTracing
import JobQueue
import Logging
import ServiceIntegration
import Testing
import Tracing

private struct Traced: JobParameters {
    static let kind = "traced"
}

/// Does not end when it is asked to.
private struct Stubborn: JobParameters {
    static let kind = "stubborn"
    static let options = JobOptions(limits: TimeLimits(hard: .milliseconds(50)))
}

private struct StubbornHandler: JobHandler {
    func run(_ parameters: Stubborn, _ context: JobContext) async throws {
        while !context.isCancelled { await Task.yield() }
        // Cancelled, and going on all the same for a while.
        let end = ContinuousClock.now + .milliseconds(300)
        while ContinuousClock.now < end { await Task.yield() }
    }
}

@Suite struct JobTracingTests {
    private let store = MemoryJobStore()
    private let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test func `a run is a span below the one in which the job was enqueued`() async throws {
        let tracer = InMemoryTracer()
        let tracing = JobTracing(tracer: tracer)
        let client = JobClient(store: store, middleware: [tracing])
        let handle = try await tracer.withAnySpan("request", context: .topLevel, ofKind: .server) { _ in
            try await client.enqueue(Traced())
        }
        let record = try #require(try await store.job(handle.id))
        #expect(!record.job.metadata.isEmpty, "the context travels with the job")

        let worker = try JobWorker(
            store: store, queues: ["default": 1], middleware: [tracing], logger: quiet
        ) { jobs in jobs.register(Traced.self) { _, _ in } }
        async let running: Void = worker.run()
        _ = try await handle.waitUntilFinished()
        worker.stop()
        try await running

        let request = try #require(tracer.finishedSpans.first { $0.operationName == "request" })
        let run = try #require(tracer.finishedSpans.first { $0.operationName == "job traced" })
        #expect(run.kind == .consumer)
        #expect(run.traceID == request.traceID)
        #expect(run.parentSpanID == request.spanID)
        #expect(run.attributes.get("job.attempt") == SpanAttribute.int64(1))
    }

    @Test func `a worker whose job ignored its hard limit is unhealthy: it should be restarted`() async throws {
        let client = JobClient(store: store)
        let worker = try JobWorker(
            store: store, queues: ["default": 1], logger: quiet
        ) { $0.register(StubbornHandler()) }
        let health = HealthRegistry()
        health.add(.jobWorker(worker))
        await health.refresh()
        #expect(health.report().status == .healthy)
        async let running: Void = worker.run()
        _ = try await client.enqueue(Stubborn())
        while worker.restartReason == nil { try await Task.sleep(for: .milliseconds(5)) }
        await health.refresh()
        #expect(health.report().status == .unhealthy)
        worker.stop()
        try await running
    }
}
