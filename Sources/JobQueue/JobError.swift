/// What went wrong in the queue itself.
public struct JobError: Error, Sendable, CustomStringConvertible {
    /// The kinds of trouble.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// A job, checkpoint or result cannot be encoded.
        case encodingFailed
        /// Stored bytes do not read as the type asked for.
        case decodingFailed
        /// A payload, checkpoint or result cannot be sealed or opened: the sealing is missing, or refuses it.
        case sealingFailed
        /// A payload, checkpoint or result is larger than the configured cap.
        case payloadTooLarge
        /// An option has a value outside its range.
        case invalidOption
        /// A job depends on one that the store does not know.
        case unknownDependency
        /// There is no job of this id.
        case jobNotFound
        /// Jobs are still being cancelled that the call needs to be at rest.
        case stillStopping
        /// The worker has no type for this kind of job.
        case unknownKind
        /// The run has been taken away: its lease ended, or it was fenced.
        case leaseLost
        /// The job ended without a result: it died, was cancelled or discarded.
        case jobFailed
        /// The job took longer than its limit.
        case timeLimitExceeded
        /// The job's process used more memory than allowed.
        case memoryLimitExceeded
        /// The job's process ended in the middle of the job.
        case processDied
        /// A cron expression or time zone cannot be read.
        case invalidSchedule
        /// The store cannot be reached or refused.
        case storeFailed
        /// The configuration is not usable.
        case invalidConfiguration
    }

    /// The kind of trouble.
    public let code: Code
    /// One sentence that says what happened and what helps.
    public let message: String
    /// The error below this one.
    public let underlying: (any Error)?

    /// An error.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// One line for a log.
    public var description: String {
        underlying.map { "\(code.rawValue): \(message) (\($0))" } ?? "\(code.rawValue): \(message)"
    }
}

extension JobError {
    /// - Throws: `payloadTooLarge` for more bytes than a part of a job's data may have.
    static func checkCap(of bytes: [UInt8], _ part: SealedContent.Part, _ cap: Int) throws(JobError) {
        guard bytes.count > cap else { return }
        throw JobError(.payloadTooLarge, "a \(part.rawValue) of \(bytes.count) bytes is above the cap of \(cap)")
    }
}

/// What a job throws to say what shall become of it, instead of failing by its retry policy.
public enum JobControl: Error, Sendable, Hashable {
    /// Run again after a while; counts as a failed attempt, but not against the policy's delays.
    case retry(after: Duration, reason: String = "")
    /// Run again after a while; not a failure, and not counted.
    case snooze(Duration)
    /// Give up without a trace in the dead letter.
    case discard(reason: String = "")
    /// End as cancelled.
    case cancel(reason: String = "")
    /// Give up at once: to the dead letter.
    case fail(reason: String)
    /// Run again when all children are done; not a failure, and not counted.
    case waitForChildren
}
