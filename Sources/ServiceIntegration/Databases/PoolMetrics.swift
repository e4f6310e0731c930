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

    /// Registers `db_connections_active`, `db_connections_max` and what explains them, among them the histograms
    /// `db_connection_create_seconds`, `db_connection_wait_seconds` and `db_connection_use_seconds`, each by `pool`.
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
        try registry.counter(
            "db_pool_connections_closed_total", help: "Connections closed, by cause.", labels: ["pool", "reason"]
        ) { [pools] in
            pools.flatMap { pool in
                let closings = pool.read().closings
                return PoolCloseReason.allCases.map {
                    (values: [pool.name, $0.rawValue], value: Double(closings[$0] ?? 0))
                }
            }
        }
        try counter("db_pool_connect_failures_total", "Attempts to connect that failed.") { $0.connectFailures }
        try counter("db_pool_timeouts_total", "Callers that waited too long.") { $0.timeouts }
        try registry.counter(
            "db_pool_shed_total", help: "Callers refused early because more came than could be served, by priority.",
            labels: ["pool", "priority"]
        ) { [pools] in
            pools.flatMap { pool in
                pool.read().shedByPriority.merging([0: 0]) { counted, _ in counted }.map {
                    (values: [pool.name, "\($0.key)"], value: Double($0.value))
                }
            }
        }
        try gauge("db_pool_overloaded", "Whether callers are refused early: 1 or 0.") { $0.isOverloaded ? 1 : 0 }
        try counter("db_pool_suspected_leaks_total", "Leases held longer than the leak threshold.") { $0.leaks }
        try counter("db_pool_lost_events_total", "Events that the pool's observer took too long for.") { $0.lostEvents }
        try gauge("db_pool_stuck_calls", "Calls of the backend that did not return in their time and still have not.") {
            Double($0.stuckCalls)
        }
        try counter("db_pool_abandoned_calls_total", "Calls of the backend that the pool went on without.") {
            $0.abandonedCalls
        }
        func times(
            _ name: String, _ help: String, _ value: @escaping @Sendable (PoolStatistics) -> DurationHistogram
        ) throws {
            try registry.histogram(name, help: help, labels: ["pool"], buckets: Buckets(DurationHistogram.bounds)) {
                [pools] in pools.map { (values: [$0.name], value: HistogramSnapshot(value($0.read()))) }
            }
        }
        try times("db_connection_create_seconds", "How long connections take to be made.") { $0.createTimes }
        try times("db_connection_wait_seconds", "How long callers waited for a connection.") { $0.waitTimes }
        try times("db_connection_use_seconds", "How long connections were lent.") { $0.useTimes }
    }
}

extension HistogramSnapshot {
    /// The times that a pool has counted, in seconds.
    fileprivate init(_ times: DurationHistogram) {
        self.init(
            buckets: Buckets(DurationHistogram.bounds), counts: times.counts, sum: times.sum / .seconds(1))
    }
}
