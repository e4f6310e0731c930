/// How well something is.
public enum HealthStatus: String, Sendable, Hashable, CaseIterable, Comparable {
    /// As it should be.
    case healthy
    /// It works, but not as it should.
    case degraded
    /// It does not work.
    case unhealthy
    /// Nobody has looked for too long.
    case unknown

    private var rank: Int {
        switch self {
        case .healthy: 0
        case .unknown: 1
        case .degraded: 2
        case .unhealthy: 3
        }
    }

    /// Orders from well to ill.
    public static func < (a: HealthStatus, b: HealthStatus) -> Bool { a.rank < b.rank }
}

/// What a check found.
public struct HealthResult: Sendable, Hashable {
    /// How well it is.
    public var status: HealthStatus
    /// A few words for an operator; shown only where details are.
    public var message: String?
    /// Figures and facts, in the order given.
    public var details: [Detail]

    /// One figure.
    public struct Detail: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: Double

        /// A figure.
        public init(_ name: String, _ value: Double) {
            self.name = name
            self.value = value
        }
    }

    /// A result.
    public init(_ status: HealthStatus, _ message: String? = nil, details: [Detail] = []) {
        self.status = status
        self.message = message
        self.details = details
    }

    /// All is well.
    public static let healthy = HealthResult(.healthy)
    /// It works, but not as it should.
    public static func degraded(_ message: String) -> HealthResult { HealthResult(.degraded, message) }
    /// It does not work.
    public static func unhealthy(_ message: String) -> HealthResult { HealthResult(.unhealthy, message) }
}
