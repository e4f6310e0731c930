public import ConnectionPool
public import ServiceMetrics

/// The metrics of connection pools, read from their statistics when they are scraped.
public struct PoolMetrics: Sendable {
    private let pools: [(name: String, read: @Sendable () -> PoolStatistics)]

    /// Metrics of named pools.
    public init(_ pools: [(name: String, read: @Sendable () -> PoolStatistics)]) { self.pools = pools }

    /// Registers `db_connections_active`, `db_connections_max` and what explains them, each by `pool`.
    public func register(in registry: MetricRegistry) throws {
        func gauge(_ name: String, _ help: String, _ value: @escaping @Sendable (PoolStatistics) -> Double) throws {
            let pools = pools
            try registry.gauge(name, help: help, labels: ["pool"]) {
                pools.map { (values: [$0.name], value: value($0.read())) }
            }
        }
        try gauge("db_connections_active", "Connections in use.") { Double($0.inUse) }
        try gauge("db_connections_idle", "Connections ready to be lent.") { Double($0.idle) }
        try gauge("db_connections_max", "The most connections there can be, overflow included.") { Double($0.limit) }
        try gauge("db_connections_waiting", "Callers that wait for a connection.") { Double($0.waiting) }
        try gauge("db_pool_leases", "Leases given since the start.") { Double($0.leases) }
        try gauge("db_pool_connections_created", "Connections made since the start.") { Double($0.created) }
        try gauge("db_pool_timeouts", "Callers that waited too long since the start.") { Double($0.timeouts) }
        try gauge("db_pool_suspected_leaks", "Leases held too long since the start.") { Double($0.leaks) }
    }
}
