/// A check's change from one status to another.
public struct HealthTransition: Sendable, Hashable {
    /// The check.
    public let name: String
    /// What it was.
    public let from: HealthStatus
    /// What it is since.
    public let to: HealthStatus
    /// When.
    public let at: ContinuousClock.Instant
    /// What the check said, where it said something.
    public let message: String?
}

/// One look at a check, as metrics want it.
public struct HealthLook: Sendable, Hashable {
    /// The check.
    public let name: String
    /// What this look found, whatever the thresholds make of it.
    public let found: HealthStatus
    /// What counts after it.
    public let status: HealthStatus
    /// How long it took; the timeout where it gave no answer.
    public let duration: Duration
    /// Whether it gave no answer in its time.
    public let isTimeout: Bool
    /// Changes of the check so far.
    public let transitions: Int
}
