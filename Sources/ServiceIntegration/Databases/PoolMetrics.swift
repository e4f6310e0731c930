public import ConnectionPool
public import ServiceMetrics

/// The metrics of connection pools, read from their statistics when they are scraped: nothing is counted on the way of
/// a lease.
///
/// ```swift
/// try PoolMetrics([(name: "main", read: { database.pool.statistics })]).register(in: registry)
/// ```
public struct PoolMetrics: Sendable {
    private let pools: [(name: String, read: @Sendable () -> PoolStatistics)]

    /// Metrics of named pools.
    public init(_ pools: [(name: String, read: @Sendable () -> PoolStatistics)]) { self.pools = pools }

    /// Registers `db_connections_active`, `db_connections_max` and what explains them, each by `pool`.
    /// - Throws: `MetricError` when one of the names is taken.
    public func register(in registry: MetricRegistry) throws {
        func series(
            _ value: @escaping @Sendable (PoolStatistics) -> Double
        ) -> @Sendable () -> [(values: [String], value: Double)] {
            { [pools] in pools.map { (values: [$0.name], value: value($0.read())) } }
        }
        func gauge(_ name: String, _ help: String, _ value: @escaping @Sendable (PoolStatistics) -> Double) throws {
            try registry.gauge(name, help: help, labels: ["pool"], read: series(value))
        }
        func counter(_ name: String, _ help: String, _ value: @escaping @Sendable (PoolStatistics) -> UInt64) throws {
            try registry.counter(name, help: help, labels: ["pool"], read: series { Double(value($0)) })
        }
        try gauge("db_connections_active", "Connections in use.") { Double($0.inUse) }
        try gauge("db_connections_idle", "Connections ready to be lent.") { Double($0.idle) }
        try gauge("db_connections_overflow", "Connections beyond the persistent ones.") { Double($0.overflow) }
        try gauge("db_connections_max", "The most connections there can be, overflow included.") { Double($0.limit) }
        try gauge("db_connections_waiting", "Callers that wait for a connection.") { Double($0.waiting) }
        try gauge("db_pool_utilisation_ratio", "Share of the limit that is lent, 0 to 1.") { $0.utilisation }
        try counter("db_pool_leases_total", "Leases given.") { $0.leases }
        try counter("db_pool_connections_created_total", "Connections made.") { $0.created }
        try counter("db_pool_connections_closed_total", "Connections closed.") { $0.closed }
        try counter("db_pool_connect_failures_total", "Attempts to connect that failed.") { $0.connectFailures }
        try counter("db_pool_timeouts_total", "Callers that waited too long.") { $0.timeouts }
        try counter("db_pool_suspected_leaks_total", "Leases held longer than the leak threshold.") { $0.leaks }
    }
}

/// The times of connections, as a pool tells its observer: how long they take to be made, how long callers waited and
/// how long they held them.
///
/// The waits and holds are told only by pools with `echo` set; without it nothing is measured on the way of a lease.
///
/// ```swift
/// let times = try PoolTimes(registry: registry)
/// let database = try PostgresDatabase(configuration: configuration, poolObserver: times.observer("main", next: logs))
/// ```
public struct PoolTimes: Sendable {
    private let created: HistogramFamily
    private let waited: HistogramFamily
    private let held: HistogramFamily
    private let closed: CounterFamily

    /// Registers `db_connection_create_seconds`, `db_connection_wait_seconds`, `db_connection_use_seconds` and
    /// `db_connections_closed_total`, by `pool`.
    /// - Throws: `MetricError` when one of the names is taken.
    public init(registry: MetricRegistry) throws {
        created = try registry.histogram(
            "db_connection_create_seconds", help: "How long connections take to be made.", labels: "pool")
        waited = try registry.histogram(
            "db_connection_wait_seconds", help: "How long callers waited for a connection.", labels: "pool")
        held = try registry.histogram(
            "db_connection_use_seconds", help: "How long connections were lent.", labels: "pool")
        closed = try registry.counter(
            "db_connections_closed_total", help: "Connections closed, by cause.", labels: "pool", "reason")
    }

    /// The observer of one pool.
    /// - Parameters:
    ///   - pool: The label.
    ///   - next: Is told everything as well: one that logs, for instance.
    public func observer(_ pool: String, next: (any PoolObserver)? = nil) -> any PoolObserver {
        Observer(
            created: created.with(pool), waited: waited.with(pool), held: held.with(pool), closed: closed, pool: pool,
            next: next)
    }

    private struct Observer: PoolObserver {
        let created: Histogram
        let waited: Histogram
        let held: Histogram
        let closed: CounterFamily
        let pool: String
        let next: (any PoolObserver)?

        func pool(did event: PoolEvent) {
            switch event {
            case .connected(let duration): created.observe(duration)
            case .acquired(let duration, _), .timedOut(let duration, _): waited.observe(duration)
            case .released(let duration, _): held.observe(duration)
            case .closed(let reason): closed.with(pool, reason.rawValue).increment()
            default: break
            }
            next?.pool(did: event)
        }
    }
}
