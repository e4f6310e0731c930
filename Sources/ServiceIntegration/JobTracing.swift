public import JobQueue
public import Tracing

/// Carries the trace of whoever enqueues a job to its runs: each run is a span below the one that enqueued it.
///
/// ```swift
/// let client = JobClient(store: store, middleware: [JobTracing()])
/// let worker = try JobWorker(store: store, queues: ["default": 8], middleware: [JobTracing()], register: registerJobs)
/// ```
/// The context travels in the job's metadata, as the instrument of the process writes it (`traceparent`).
public struct JobTracing: JobMiddleware {
    private let tracer: (any Tracer)?

    /// The middleware.
    /// - Parameter tracer: Where spans go; the process's own by default.
    public init(tracer: (any Tracer)? = nil) { self.tracer = tracer }

    /// Writes the context of the current task into the job's metadata.
    public func willEnqueue(_ job: inout NewJob) {
        guard let context = ServiceContext.current else { return }
        instrument.inject(context, into: &job.metadata, using: MetadataInjector())
    }

    /// Runs the job in a span.
    public func run(_ context: JobContext, next: @Sendable () async throws -> Void) async throws {
        var parent = ServiceContext.topLevel
        instrument.extract(context.metadata, into: &parent, using: MetadataExtractor())
        let tracer = tracer ?? InstrumentationSystem.tracer
        try await tracer.withAnySpan("job \(context.kind)", context: parent, ofKind: .consumer) { span in
            span.attributes["messaging.destination.name"] = context.queue
            span.attributes["messaging.message.id"] = context.id.description
            span.attributes["job.attempt"] = context.attempt
            try await next()
        }
    }

    private var instrument: any Instrument { tracer ?? InstrumentationSystem.instrument }
}

private struct MetadataInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
}

private struct MetadataExtractor: Extractor {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}
