/// What follows a failed attempt.
///
/// The delay before attempt n + 1 is `base × factor^(n − 1)`, at most `maximum`, of which a random part of up to
/// `jitter` is taken away, so that jobs that failed together do not return together.
public struct RetryPolicy: Sendable {
    /// How many attempts a job has in all, 1 or more; after the last it goes to the dead letter.
    public var maxAttempts: Int
    /// The delay after the first failure.
    public var base: Duration
    /// How the delay grows.
    public var factor: Double
    /// The longest delay.
    public var maximum: Duration
    /// The part of the delay that is random, 0…1.
    public var jitter: Double
    /// Decides instead of the figures above; `nil` from it falls back to them.
    public var decide: (@Sendable (RetryRequest) -> RetryDecision?)?

    /// Ten attempts, from one second to an hour between them (about eight minutes in all), up to a fifth of each delay random.
    public init(
        maxAttempts: Int = 10, base: Duration = .seconds(1), factor: Double = 2, maximum: Duration = .seconds(3600),
        jitter: Double = 0.2, decide: (@Sendable (RetryRequest) -> RetryDecision?)? = nil
    ) {
        self.maxAttempts = maxAttempts
        self.base = base
        self.factor = factor
        self.maximum = maximum
        self.jitter = jitter
        self.decide = decide
    }

    /// One attempt and no more.
    public static var none: RetryPolicy { RetryPolicy(maxAttempts: 1) }

    /// The same delay each time.
    public static func constant(_ delay: Duration, maxAttempts: Int) -> RetryPolicy {
        RetryPolicy(maxAttempts: maxAttempts, base: delay, factor: 1, maximum: delay, jitter: 0)
    }

    /// What follows a failure.
    /// - Parameter random: 0 up to 1; where in the jitter the delay falls.
    public func decision(for request: RetryRequest, random: Double) -> RetryDecision {
        if let decision = decide?(request) { return decision }
        guard request.attempt < request.maxAttempts else { return .dead }
        return .retry(after: delay(afterAttempt: request.attempt, random: random))
    }

    /// The delay after the attempt of this number, from 1.
    public func delay(afterAttempt attempt: Int, random: Double) -> Duration {
        var seconds = base.inSeconds
        let ceiling = maximum.inSeconds
        for _ in 1..<max(2, attempt) where attempt > 1 && seconds < ceiling { seconds *= factor }
        seconds = min(seconds, ceiling)
        return .seconds(max(0, seconds * (1 - min(1, max(0, jitter)) * random)))
    }
}

/// A failed attempt, for a policy to judge.
public struct RetryRequest: Sendable {
    /// The job.
    public let id: JobID
    /// Its kind.
    public let kind: String
    /// Which attempt failed, from 1.
    public let attempt: Int
    /// How many the job has in all.
    public let maxAttempts: Int
    /// What it threw.
    public let error: any Error

    /// A failed attempt.
    public init(id: JobID, kind: String, attempt: Int, maxAttempts: Int, error: any Error) {
        self.id = id
        self.kind = kind
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.error = error
    }
}

/// What a policy decides.
public enum RetryDecision: Sendable, Hashable {
    /// Try again after a while.
    case retry(after: Duration)
    /// Give up: to the dead letter.
    case dead
    /// Give up without a trace in the dead letter.
    case discard
    /// End as cancelled.
    case cancel
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// Whole microseconds, held within an `Int64`.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let scaled = seconds.multipliedReportingOverflow(by: 1_000_000)
        if scaled.overflow { return seconds < 0 ? .min : .max }
        return scaled.partialValue.addingReportingOverflow(attoseconds / 1_000_000_000_000).partialValue
    }
}
