extension PoolConfiguration {
    /// The most persistent connections, and the most beyond them.
    static let largest = 1024

    /// Checks every setting.
    /// - Throws: ``PoolError`` with the code ``PoolError/Code/invalidConfiguration`` that names the setting, its rule
    ///   and its value.
    public func validate() throws(PoolError) {
        func require(_ holds: Bool, _ rule: String) throws(PoolError) {
            if !holds { throw PoolError(.invalidConfiguration, rule) }
        }
        let largest = Self.largest
        try require((1...largest).contains(size), "size must be from 1 to \(largest), it is \(size)")
        try require(
            (0...largest).contains(maxOverflow), "maxOverflow must be from 0 to \(largest), it is \(maxOverflow)")
        try require(
            (0...size).contains(minimumIdle), "minimumIdle must be from 0 to size (\(size)), it is \(minimumIdle)")
        try require(timeout > .zero, "timeout must be above zero, it is \(timeout)")
        try require(maxLifetime >= .seconds(1), "maxLifetime must be a second or more, it is \(maxLifetime)")
        try require(idleTimeout >= .milliseconds(10), "idleTimeout must be 10 ms or more, it is \(idleTimeout)")
        if let keepAlive {
            try require(keepAlive >= .seconds(1), "keepAlive must be a second or more, or nil; it is \(keepAlive)")
        }
        if case .whenIdle(let limit) = validation {
            try require(limit >= .zero, "validation whenIdle(longerThan:) must not be negative, it is \(limit)")
        }
        try require(
            backoffBase > .zero && backoffBase <= backoffCap,
            "backoffBase must be above zero and at most backoffCap (\(backoffCap)), it is \(backoffBase)")
        if case .shed(let target, let interval) = overload {
            try require(
                target > .zero && interval >= target,
                "overload: shed needs a target above zero and an interval that is not shorter, they are \(target) and "
                    + "\(interval)")
        }
        try require(connectTimeout > .zero, "connectTimeout must be above zero, it is \(connectTimeout)")
        try require(checkTimeout > .zero, "checkTimeout must be above zero, it is \(checkTimeout)")
        if let leakThreshold {
            try require(leakThreshold > .zero, "leakThreshold must be above zero, or nil; it is \(leakThreshold)")
        }
    }
}

/// The settings under the names that SQLAlchemy gave them.
extension PoolConfiguration {
    /// Settings as they are in the configuration of a service that came from SQLAlchemy.
    /// - Parameters:
    ///   - poolSize: ``size``.
    ///   - maxOverflow: ``maxOverflow``.
    ///   - poolTimeout: ``timeout`` in seconds.
    ///   - poolRecycle: ``maxLifetime`` in seconds; -1 for connections that never grow too old.
    ///   - poolPrePing: Whether each connection is checked with a round trip before it is lent; if not, one that rested
    ///     for more than half a second is looked at without one.
    ///   - echoPool: ``echo``.
    public init(
        poolSize: Int, maxOverflow: Int = 10, poolTimeout: Double = 30, poolRecycle: Double = 3600,
        poolPrePing: Bool = true, echoPool: Bool = false
    ) {
        self.init(
            size: poolSize, maxOverflow: maxOverflow, timeout: Self.seconds(poolTimeout),
            maxLifetime: Self.seconds(poolRecycle < 0 ? .infinity : poolRecycle),
            validation: poolPrePing ? .always : .whenIdle(longerThan: .milliseconds(500)), echo: echoPool)
    }

    /// A time that may be no number, which is none, or more than can be counted, which is a hundred years.
    private static func seconds(_ value: Double) -> Duration {
        value.isNaN ? .zero : .seconds(min(max(value, 0), 100 * 365 * 86_400))
    }
}
