public import JobQueue

/// What one run of a job came to; see `perform(_:options:with:)`.
public struct PerformedJob<Parameters: JobParameters>: Sendable {
    /// The identity that the job had.
    public let id: JobID
    /// What a worker would tell its store; `nil` for a run whose lease was lost, of which a worker tells nothing.
    ///
    /// The delay of a retry by policy has the policy's jitter: compare it with a range.
    public let outcome: JobOutcome?
    /// The error that the run threw: the code's own, a middleware's, or a `JobError` with `decodingFailed` or `encodingFailed`.
    public let error: (any Error)?
    /// The progress that the code reported last, 0…1; `nil` where it reported none.
    public let progress: Double?
    /// The last words that the code reported with its progress.
    public let progressMessage: String?
    /// Holds the jobs that the run enqueued with `context.spawn` and `context.client`, and not the job itself.
    public let store: MemoryJobStore
    let checkpoint: [UInt8]?

    /// What the code asked for by throwing a `JobControl`: to snooze, to retry, to be cancelled. `nil` where it returned or threw
    /// another error.
    public var control: JobControl? { error as? JobControl }

    /// Returns the checkpoint that this run saved last; `nil` where it saved none.
    /// - Throws: `JobError` with `decodingFailed` where it does not decode as `type`.
    public func checkpoint<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value? {
        try checkpoint.map { try JobCoding.decode(type, from: $0) }
    }
}

extension PerformedJob where Parameters.Output: Decodable {
    /// Returns the result, encoded as a worker stores it and decoded again.
    /// - Throws: `JobError` with `jobFailed` where the run did not complete, or `decodingFailed` where the result does not decode.
    public func result() throws -> Parameters.Output {
        guard case .completed(let bytes?) = outcome else {
            let end = outcome.map { "ended as \($0.name)" } ?? "lost its lease"
            throw JobError(
                .jobFailed, "the run of \(Parameters.kind) \(end) without a result; see its error", underlying: error)
        }
        return try JobCoding.decode(Parameters.Output.self, from: bytes)
    }
}
