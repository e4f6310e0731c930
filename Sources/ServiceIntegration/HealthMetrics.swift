public import HealthChecks
public import ServiceMetrics

/// The metrics of health checks.
///
/// | metric | labels |
/// |---|---|
/// | `health_check_status`: 1 healthy, 0.5 degraded, 0 unhealthy or unknown | `check` |
/// | `health_check_duration_seconds` | `check` |
/// | `health_check_timeouts_total`, `health_check_transitions_total` | `check` |
public struct HealthMetrics: Sendable {
    /// Registers the metrics and follows a registry's looks.
    /// - Throws: `MetricError` when a name is taken by a metric of another type.
    @discardableResult
    public init(_ health: HealthRegistry, registry: MetricRegistry) throws {
        let durations = try registry.histogram(
            "health_check_duration_seconds", help: "How long looks took; the timeout where none answered.",
            labels: "check")
        let timeouts = try registry.counter(
            "health_check_timeouts_total", help: "Looks without an answer in their time.", labels: "check")
        let transitions = try registry.counter(
            "health_check_transitions_total", help: "Changes of a check from one status to another.", labels: "check")
        try registry.gauge(
            "health_check_status", help: "1 healthy, 0.5 degraded, 0 unhealthy or unknown.", labels: ["check"]
        ) { [weak health] in
            health?.report().checks.map { (values: [$0.name], value: Self.figure($0.status)) } ?? []
        }
        health.onLook { look in
            durations.with(look.name).observe(look.duration)
            // A zero is there before the first one, or a rate would miss it.
            _ = transitions.with(look.name)
            let timeouts = timeouts.with(look.name)
            if look.isTimeout { timeouts.increment() }
        }
        health.onTransition { transitions.with($0.name).increment() }
    }

    private static func figure(_ status: HealthStatus) -> Double {
        switch status {
        case .healthy: 1
        case .degraded: 0.5
        case .unhealthy, .unknown: 0
        }
    }
}
