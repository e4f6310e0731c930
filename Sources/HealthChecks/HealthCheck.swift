/// Something that is looked at again and again.
public struct HealthCheck: Sendable {
    /// What a check speaks for.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Whether the process works; depends on nothing remote.
        case live
        /// Whether it can serve.
        case ready
        /// Whether it has started.
        case startup
    }

    /// What a failing check means for the whole.
    public enum Criticality: String, Sendable, Hashable, CaseIterable {
        /// The service cannot do without: unhealthy.
        case critical
        /// The service does with less: degraded.
        case optional
        /// For information only.
        case informational
    }

    /// The name, unique in the registry.
    public let name: String
    /// What it speaks for.
    public let kind: Kind
    /// What its failure means.
    public let criticality: Criticality
    /// How long one look may take.
    public let timeout: Duration
    /// How long after one look the next begins.
    public let interval: Duration
    /// The age at which a result no longer counts.
    public let maxAge: Duration
    /// Failures in a row before the check fails.
    public let failuresToFail: Int
    /// Successes in a row before a failed check is well again.
    public let successesToPass: Int
    /// Words to group checks by.
    public let tags: Set<String>
    let look: @Sendable () async throws -> HealthResult

    /// A check.
    public init(
        name: String, kind: Kind = .ready, criticality: Criticality = .critical, timeout: Duration = .seconds(2),
        interval: Duration = .seconds(5), maxAge: Duration = .seconds(30), failuresToFail: Int = 1,
        successesToPass: Int = 1, tags: Set<String> = [], _ look: @escaping @Sendable () async throws -> HealthResult
    ) {
        self.name = name
        self.kind = kind
        self.criticality = criticality
        self.timeout = timeout
        self.interval = interval
        self.maxAge = maxAge
        self.failuresToFail = max(1, failuresToFail)
        self.successesToPass = max(1, successesToPass)
        self.tags = tags
        self.look = look
    }
}
