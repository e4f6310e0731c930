/// How a pool behaves. Every setting has a default that suits a service with one database.
public struct PoolConfiguration: Sendable, Hashable {
    /// Connections that are kept, 1…1,024.
    public var size: Int
    /// Connections made beyond ``size`` when all are lent; each is closed at its return. 0…1,024.
    public var maxOverflow: Int
    /// Connections kept open when they are not used, 0…``size``.
    public var minimumIdle: Int
    /// How long a caller waits for a connection before it gets ``PoolError/Code/timeout``.
    public var timeout: Duration
    /// The age at which a connection is replaced when it comes back or is idle; up to a tenth less, so that
    /// connections that were made together do not expire together.
    public var maxLifetime: Duration
    /// How long a connection beyond ``minimumIdle`` may lie idle before it is closed.
    public var idleTimeout: Duration
    /// How often an idle connection is used so that firewalls and servers do not cut it; `nil` for never.
    public var keepAlive: Duration?
    /// When a connection is checked before it is lent.
    public var validation: PoolValidation
    /// How long a connection may be lent before the pool reports a suspected leak; `nil` reports none.
    public var leakThreshold: Duration?
    /// Whether the observer receives every event, leases as well.
    public var echo: Bool
    /// What happens when more callers come than can be served.
    public var overload: PoolOverload
    /// How long the backend may take to make a connection. Then the attempt counts as failed, and the pool goes on without
    /// it; should a connection come of it later, it is closed.
    public var connectTimeout: Duration
    /// How long the backend may take to validate, reset or close a connection. Then the connection is given up, and another
    /// one takes its place.
    public var checkTimeout: Duration
    /// The longest first pause after a failed connection attempt. It doubles with each further failure; the pause is
    /// drawn evenly between nothing and that.
    public var backoffBase: Duration
    /// The longest pause between connection attempts, whatever the number of failures.
    public var backoffCap: Duration

    /// The settings, with the defaults of the field.
    public init(
        size: Int = 20, maxOverflow: Int = 10, minimumIdle: Int = 0, timeout: Duration = .seconds(30),
        maxLifetime: Duration = .seconds(3600), idleTimeout: Duration = .seconds(600),
        keepAlive: Duration? = nil, validation: PoolValidation = .whenIdle(longerThan: .milliseconds(500)),
        leakThreshold: Duration? = .seconds(60),
        echo: Bool = false, overload: PoolOverload = .queue, connectTimeout: Duration = .seconds(15),
        checkTimeout: Duration = .seconds(10),
        backoffBase: Duration = .milliseconds(100), backoffCap: Duration = .seconds(10)
    ) {
        self.size = size
        self.maxOverflow = maxOverflow
        self.minimumIdle = minimumIdle
        self.timeout = timeout
        self.maxLifetime = maxLifetime
        self.idleTimeout = idleTimeout
        self.keepAlive = keepAlive
        self.validation = validation
        self.leakThreshold = leakThreshold
        self.echo = echo
        self.overload = overload
        self.connectTimeout = connectTimeout
        self.checkTimeout = checkTimeout
        self.backoffBase = backoffBase
        self.backoffCap = backoffCap
    }
}

/// When a connection is checked before it is lent.
public enum PoolValidation: Sendable, Hashable {
    /// With a round trip before every lease.
    case always
    /// Without a round trip when it was idle longer than this, and with one where the backend cannot know.
    case whenIdle(longerThan: Duration)
    /// Never.
    case never
}
