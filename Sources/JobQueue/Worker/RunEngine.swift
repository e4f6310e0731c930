package import Logging

/// Runs one claimed job: opens its payload, passes it through the middleware, seals its result, judges how it ended.
package struct RunEngine: Sendable {
    let kinds: [String: RegisteredKind]
    let middleware: [any JobMiddleware]
    let sealing: (any PayloadSealing)?
    /// The largest result or checkpoint, in bytes.
    package let maxPayload: Int

    package init(
        _ registry: JobRegistry, middleware: [any JobMiddleware] = [], sealing: (any PayloadSealing)? = nil,
        maxPayload: Int = 1_048_576
    ) throws(JobError) {
        if let kind = registry.duplicate {
            throw JobError(.invalidConfiguration, "the kind \(kind) is registered twice; register each kind once")
        }
        kinds = registry.kinds
        self.middleware = middleware
        self.sealing = sealing
        self.maxPayload = maxPayload
    }

    package var kindNames: some Sequence<String> { kinds.keys }

    package func options(of kind: String) -> JobOptions? { kinds[kind]?.options }

    /// Creates what a run knows of itself, with the engine's sealing for its checkpoints.
    package func context(for job: ClaimedJob, logger: Logger, link: any RunLink) -> JobContext {
        JobContext(job, logger: logger, link: link, sealing: sealing, maxPayload: maxPayload)
    }

    /// Runs a job whose kind is known.
    /// - Returns: The outcome; `nil` where the run is no longer ours and there is nothing to tell.
    package func run(_ job: ClaimedJob, _ context: JobContext) async -> JobOutcome? {
        guard let kind = kinds[job.kind] else { return .snoozed(.seconds(30)) }
        return await run(context, kind)
    }

    func run(_ context: JobContext, _ kind: RegisteredKind) async -> JobOutcome? {
        do {
            let content = SealedContent(.result, of: kind.name)
            let result = try await perform(kind, context).map { try SealedForm.seal($0, for: content, by: sealing) }
            if let result, result.count > maxPayload, !context.isCommitted {
                let size = result.count
                return .dead(error: "\(JobError(.payloadTooLarge, "a result of \(size) bytes is above the cap"))")
            }
            return .completed(result: result)
        } catch  where context.isCommitted {
            context.logger.warning(
                "A job failed after it had been completed by its own transaction; it does not run again.",
                metadata: ["error": "\(error)"])
            return .completed(result: nil)
        } catch {
            return judge(error, context.job, context)
        }
    }

    private func perform(_ kind: RegisteredKind, _ context: JobContext) async throws -> [UInt8]? {
        let payload = try SealedForm.open(
            context.job.payload, for: SealedContent(.payload, of: kind.name), by: sealing)
        guard !middleware.isEmpty else { return try await kind.perform(payload, context) }
        let result = Lock<[UInt8]?>(nil)
        var next: @Sendable () async throws -> Void = {
            let bytes = try await kind.perform(payload, context)
            result.with { $0 = bytes }
        }
        for layer in middleware.reversed() {
            let inner = next
            next = { try await layer.run(context, next: inner) }
        }
        try await next()
        return result.with { $0 }
    }

    /// The outcome of a run that threw, or was ended from outside.
    package func judge(_ error: any Error, _ job: ClaimedJob, _ context: JobContext) -> JobOutcome? {
        let outcome = RunVerdict.outcome(
            of: error, job: job, policy: kinds[job.kind]?.options.retry ?? RetryPolicy(),
            cancellation: context.cancellation, random: Double.random(in: 0..<1))
        if outcome == .returned || outcome == nil {
            context.logger.info("The run was given up.", metadata: ["error": "\(error)"])
        } else if !(error is JobControl) {
            context.logger.warning(
                "The run failed.", metadata: ["error": "\(error)", "outcome": "\(outcome?.name ?? "")"])
        }
        return outcome
    }
}
