/// How long one run of a job may take, on the monotonic clock.
///
/// The soft limit cancels the job's task: the job can clean up, and is retried by its policy. The hard limit is for a
/// job that ignores this. In a process of its own it is killed; inside the worker's process it cannot be, so its run
/// is fenced, its slot freed, and the worker asks to be restarted.
public struct TimeLimits: Sendable, Hashable {
    /// After so long the job is cancelled; `nil` for never.
    public var soft: Duration?
    /// After so long the run is given up; `nil` for never.
    public var hard: Duration?

    /// Limits; `hard` should be well above `soft`.
    public init(soft: Duration? = nil, hard: Duration? = nil) {
        self.soft = soft
        self.hard = hard
    }
}

/// Where a job's code runs.
public enum JobIsolation: Sendable, Hashable {
    /// In the worker's own process.
    case inProcess
    /// In a pool of processes beside it: a crash, a leak or an endless loop harms one job and nothing else.
    ///
    /// A process is replaced after `maxJobs` jobs. A job whose process grows above `maxRSS` bytes is killed at once.
    case processPool(maxJobs: Int = 100, maxRSS: Int? = nil)
}

/// When a job may start.
public enum JobStart: Sendable, Hashable {
    /// At once.
    case now
    /// After a while, by the store's clock.
    case after(Duration)
    /// At a moment, given in microseconds since 1970; ``at(_:)`` takes a date.
    case atMicroseconds(Int64)
}
