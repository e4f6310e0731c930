public import ConnectionPool
public import HealthChecks

extension HealthCheck {
    /// A look at a database through its pool, as a request would reach it: a connection is borrowed and proved with a
    /// round trip.
    ///
    /// A pool that is all lent out is *degraded*, not unhealthy: the database answers, the service is slow, and taking
    /// it out of the load balancer would send its load to the others. A database that cannot be reached is unhealthy,
    /// with the cause, and so is one that does not answer while connections are made, checked or closed, unless some are in
    /// use.
    ///
    /// Its details are `pool_size`, `checked_out_connections`, `overflow`, `total`, `waiting`, `suspected_leaks`.
    /// - Parameters:
    ///   - name: The check's name.
    ///   - pool: The pool.
    ///   - criticality: What a failure means for the whole.
    ///   - timeout: How long one look may take. It waits for a connection for at most half of that.
    ///   - interval: How long after one look the next begins.
    ///   - failuresToFail: Failures in a row before the check fails.
    ///   - showsErrors: Whether the message is the error's text, which names the database's address and user; without, it
    ///     names the error's code and type. A pool observer hears the text in any case.
    public static func pool<Backend: ConnectionBackend>(
        _ name: String, _ pool: Pool<Backend>, criticality: Criticality = .critical, timeout: Duration = .seconds(2),
        interval: Duration = .seconds(5), failuresToFail: Int = 2, showsErrors: Bool = false
    ) -> HealthCheck {
        HealthCheck(
            name: name, criticality: criticality, timeout: timeout, interval: interval, failuresToFail: failuresToFail,
            tags: ["database"]
        ) {
            await look(pool, patience: timeout / 2, showsErrors: showsErrors)
        }
    }

    /// How much of a pool is lent, without borrowing from it. Degraded while all of it is lent and callers wait, or above
    /// a share; never unhealthy. The same details as ``pool(_:_:criticality:timeout:interval:failuresToFail:showsErrors:)``.
    /// - Parameters:
    ///   - name: The check's name.
    ///   - degradedAbove: The share of the limit, 0…1.
    ///   - statistics: The pool's own.
    public static func poolSaturation(
        _ name: String = "pool", criticality: Criticality = .optional, degradedAbove: Double = 0.9,
        interval: Duration = .seconds(2), statistics: @escaping @Sendable () -> PoolStatistics
    ) -> HealthCheck {
        HealthCheck(name: name, criticality: criticality, interval: interval, tags: ["database"]) {
            let figures = statistics()
            let isHigh = figures.isSaturated || figures.utilisation > degradedAbove
            return HealthResult(
                isHigh ? .degraded : .healthy,
                isHigh ? figures.saturation + "; look for leases held long" : nil, details: figures.healthDetails)
        }
    }

    private static func look<Backend: ConnectionBackend>(
        _ pool: Pool<Backend>, patience: Duration, showsErrors: Bool
    ) async -> HealthResult {
        func result(_ status: HealthStatus, _ message: String? = nil) -> HealthResult {
            HealthResult(status, message, details: pool.statistics.healthDetails)
        }
        do {
            try await pool.withConnection(timeout: patience, priority: 1) { connection in
                try await pool.backend.validate(connection)
            }
            let statistics = pool.statistics
            return statistics.isSaturated ? result(.degraded, statistics.saturation) : result(.healthy)
        } catch let error as PoolError where error.code == .timeout && error.underlying == nil {
            let figures = error.snapshot ?? pool.statistics
            if figures.isSuspended { return result(.degraded, "suspended: nothing is lent until resume()") }
            // Where most is lent, or was until this moment, the database is not what fails.
            return figures.isHeldUp
                ? result(figures.heldUpStatus, figures.holdUp) : result(.degraded, figures.saturation)
        } catch {
            return result(.unhealthy, showsErrors ? "\(error)" : "\(kind(of: error)); the log says more")
        }
    }

    /// What an error is, without its text: `connectFailed, PostgresError`.
    private static func kind(of error: any Error) -> String {
        guard let error = error as? PoolError else { return "\(type(of: error))" }
        return error.code.rawValue + (error.underlying.map { ", \(type(of: $0))" } ?? "")
    }
}

extension PoolStatistics {
    /// Callers that wait while there is room are waiting for a connection to be made.
    fileprivate var isSaturated: Bool { limit > 0 && inUse >= limit && waiting > 0 }

    /// Whether callers wait for calls of the backend, and not for each other.
    fileprivate var isHeldUp: Bool { inUse < limit && connecting + checking + closing > 0 }

    /// While some connections are in use the database works for somebody.
    fileprivate var heldUpStatus: HealthStatus { inUse > 0 ? .degraded : .unhealthy }

    fileprivate var holdUp: String {
        "no answer: of \(limit) connections \(inUse) are in use, \(connecting) are being made, \(checking) checked and "
            + "\(closing) closed"
    }

    fileprivate var saturation: String { "saturated: \(inUse) of \(limit) connections are in use, \(waiting) wait" }

    /// The figures that a health report shows.
    public var healthDetails: [HealthResult.Detail] {
        [
            .init("pool_size", Double(size)), .init("checked_out_connections", Double(inUse)),
            .init("overflow", Double(overflow)), .init("total", Double(total)), .init("waiting", Double(waiting)),
            .init("suspected_leaks", Double(leaks)),
        ]
    }
}
