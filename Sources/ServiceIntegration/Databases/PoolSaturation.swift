public import ConnectionPool
public import HealthChecks

extension HealthCheck {
    /// A round trip through the application's own pool, with a short deadline. A pool that has nothing left to lend reads
    /// "degraded: saturated", not "down": the database works, and taking the instance out would only move the load.
    /// - Parameters:
    ///   - timeout: Of the round trip, the wait for a connection included.
    ///   - statistics: The pool's own.
    ///   - ping: One round trip.
    public static func database(
        name: String = "database", criticality: Criticality = .critical, timeout: Duration = .seconds(2),
        interval: Duration = .seconds(2), failuresToFail: Int = 2,
        statistics: @escaping @Sendable () -> PoolStatistics, ping: @escaping @Sendable () async throws -> Void
    ) -> HealthCheck {
        HealthCheck(
            name: name, criticality: criticality, timeout: timeout, interval: interval, failuresToFail: failuresToFail,
            tags: ["database"]
        ) {
            if let saturated = saturation(statistics()) { return saturated }
            do {
                // Ends before the check's own time does, so that an exhausted pool is told from a database that hangs.
                try await withDeadline(timeout * 3 / 4, ping)
            } catch {
                if let saturated = saturation(statistics()) { return saturated }
                throw error
            }
            return .healthy
        }
    }

    /// How much of a pool is lent. Degraded while callers wait, or above a share; never unhealthy.
    /// - Parameters:
    ///   - degradedAbove: The share of the limit, 0…1.
    ///   - statistics: The pool's own.
    public static func poolSaturation(
        name: String = "pool", criticality: Criticality = .optional, degradedAbove: Double = 0.9,
        statistics: @escaping @Sendable () -> PoolStatistics
    ) -> HealthCheck {
        HealthCheck(name: name, criticality: criticality, interval: .seconds(2), tags: ["database"]) {
            let figures = statistics()
            let isHigh = figures.waiting > 0 || figures.utilisation > degradedAbove
            return HealthResult(
                isHigh ? .degraded : .healthy, isHigh ? "saturated: look for leases held long" : nil,
                details: details(figures))
        }
    }

    private static func saturation(_ figures: PoolStatistics) -> HealthResult? {
        guard figures.limit > 0, figures.inUse >= figures.limit else { return nil }
        return HealthResult(
            .degraded,
            "saturated: all \(figures.limit) connections are lent, \(figures.waiting) callers wait",
            details: details(figures))
    }

    private static func details(_ figures: PoolStatistics) -> [HealthResult.Detail] {
        [
            .init("in_use", Double(figures.inUse)), .init("limit", Double(figures.limit)),
            .init("waiting", Double(figures.waiting)), .init("suspected_leaks", Double(figures.leaks)),
        ]
    }
}

/// What did not end in its time.
struct DeadlineExceeded: Error {}

/// Runs a body, cancelled after a time.
func withDeadline(_ time: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: time)
            throw DeadlineExceeded()
        }
        defer { group.cancelAll() }
        _ = try await group.next()
    }
}
