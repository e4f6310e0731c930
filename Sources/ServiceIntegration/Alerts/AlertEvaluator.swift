public import Foundation
public import Logging
public import ServiceMetrics

/// Raises the alarms of `AlertThresholds` inside the process, for services that no Prometheus watches: on the figures of
/// a registry, with the thresholds and durations of `config/monitoring.yml`.
///
/// ```swift
/// let alerts = AlertEvaluator(registry: registry, thresholds: try AlertThresholds(monitoring: text), logger: logger)
/// // a service of the group: BackgroundService("alerts") { await alerts.run() }
/// let body = alerts.json()
/// ```
/// Changes are logged, and pushed to Alertmanager where a way to send is given: firing alerts again and again, as
/// Alertmanager expects it, and a resolved one until it has taken it.
public final class AlertEvaluator: Sendable {
    /// An alert as it stands.
    public struct Alert: Sendable, Hashable {
        /// The rule's name.
        public let name: String
        /// `page` or `ticket`.
        public let severity: String
        /// What it is about: an endpoint, a pool.
        public let labels: [String: String]
        /// Where it stands.
        public let state: AlertState
        /// The figure looked at last: seconds, or a share of 1; none where the rule has nothing to tell of.
        public let value: Double?
        /// The figure it must not exceed.
        public let threshold: Double
        /// Since when the figure is above.
        public let since: Date?
        /// When it resolved.
        public let resolved: Date?
        /// What is wrong.
        public let summary: String
        /// What to do first.
        public let action: String
    }

    struct Rule {
        let rule: AlertRule
        var machine: AlertMachine
    }

    struct State {
        var rules: [Rule]
        var window: LatencyWindow
        /// Callers that each pool had refused at the last look.
        var refusals: (at: Duration, totals: [String: Double])?
        var pushes = PushPlan()
    }

    /// How often figures are looked at.
    public let interval: Duration
    let state: MetricLock<State>
    private let registry: MetricRegistry
    private let logger: Logger
    let labels: [String: String]
    private let push: (@Sendable ([UInt8]) async throws -> Void)?
    private let now: @Sendable () -> ContinuousClock.Instant
    let wall: @Sendable () -> Date
    let origin: ContinuousClock.Instant

    /// An evaluator.
    /// - Parameters:
    ///   - registry: Whose metrics are looked at; what is not registered raises nothing.
    ///   - thresholds: When to raise the alarm.
    ///   - labels: Stand on every alert that is pushed: the service, the instance.
    ///   - interval: How often to look; by default a quarter of the shortest duration, at most 15 s.
    ///   - logger: Is told of every change.
    ///   - push: Sends a body to `POST /api/v2/alerts` of an Alertmanager.
    ///   - now: The time; tests bring their own.
    ///   - wall: The time of day.
    public init(
        registry: MetricRegistry, thresholds: AlertThresholds, labels: [String: String] = [:],
        interval: Duration? = nil, logger: Logger, push: (@Sendable ([UInt8]) async throws -> Void)? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
        wall: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.registry = registry
        self.logger = logger
        self.labels = labels
        self.push = push
        self.now = now
        self.wall = wall
        origin = now()
        let values = [
            thresholds.highResponseTime, thresholds.connectionPoolExhausted, thresholds.connectionPoolOverloaded,
            thresholds.memoryUsageHigh,
        ]
        let rules = zip(values, thresholds.rules).map { threshold, rule in
            Rule(
                rule: rule,
                machine: AlertMachine(threshold: threshold.value, duration: Self.span(threshold.duration)))
        }
        let shortest = rules.map(\.machine.duration).min() ?? .seconds(60)
        self.interval = interval ?? min(.seconds(15), max(.milliseconds(250), shortest / 4))
        let window = min(.seconds(300), max(self.interval * 2, rules.first?.machine.duration ?? .zero))
        state = MetricLock(State(rules: rules, window: LatencyWindow(length: window)))
    }

    /// Looks again and again until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            evaluate()
            await send()
            try? await Task.sleep(for: interval)
        }
    }

    /// All alerts that are pending, firing or resolved lately, and each rule that has none of them as inactive.
    public var alerts: [Alert] {
        state.withLock { state in
            state.rules.flatMap { rule in
                rule.machine.entries.isEmpty
                    ? [alert(rule, [:], nil)] : rule.machine.entries.map { alert(rule, $0.key, $0.value) }
            }
        }.sorted { ($0.name, $0.labels.description) < ($1.name, $1.labels.description) }
    }

    /// Looks once.
    func evaluate() {
        let moment = now() - origin
        let latencies = registry.observations(of: "api_request_duration_seconds", by: "endpoint")
        let pools = registry.totals(of: "db_connections_active", by: "pool")
        let limits = registry.totals(of: "db_connections_max", by: "pool")
        let refused = registry.totals(of: "db_pool_shed_total", by: "pool")
        let memory = registry.value(of: "process_memory_working_set_bytes")
        let memoryLimit = registry.value(of: "process_memory_limit_bytes")
        let changes = state.withLock { state -> [Alert] in
            var figures: [[[String: String]: Double]] = [[:], [:], [:], [:]]
            if let latencies {
                let slow = state.window.quantiles(0.95, of: latencies.counts, buckets: latencies.buckets, at: moment)
                for (endpoint, seconds) in slow { figures[0][["endpoint": endpoint]] = seconds }
            }
            for (pool, active) in pools {
                if let limit = limits[pool], limit > 0 { figures[1][["pool": pool]] = active / limit }
            }
            if let last = state.refusals, moment > last.at {
                for (pool, total) in refused {
                    let more = max(0, total - (last.totals[pool] ?? total))
                    figures[2][["pool": pool]] = more / ((moment - last.at) / .seconds(1))
                }
            }
            state.refusals = (moment, refused)
            if let memory, let memoryLimit, memoryLimit > 0 { figures[3][[:]] = memory / memoryLimit }
            var changes: [Alert] = []
            for index in state.rules.indices {
                for change in state.rules[index].machine.evaluate(figures[index], at: moment) {
                    let alert = alert(state.rules[index], change.labels, change.entry)
                    changes.append(alert)
                    state.pushes.note(alert)
                }
            }
            return changes
        }
        for alert in changes { log(alert) }
    }

    /// Pushes what is due.
    func send() async {
        guard let push else { return }
        let moment = now() - origin
        let due = state.withLock { state in state.pushes.due(at: moment) }
        guard !due.isEmpty else { return }
        do {
            try await push(alertmanagerJSON(due))
            state.withLock { $0.pushes.sent(due, at: moment) }
        } catch {
            logger.warning(
                "alerts are not taken by Alertmanager",
                metadata: ["error": "\(type(of: error))", "alerts": "\(due.count)"])
        }
    }

    private func alert(_ rule: Rule, _ labels: [String: String], _ entry: AlertMachine.Entry?) -> Alert {
        Alert(
            name: rule.rule.name, severity: rule.rule.severity, labels: labels, state: entry?.state ?? .inactive,
            value: entry?.value, threshold: rule.machine.threshold, since: (entry?.since).map(date),
            resolved: (entry?.resolved).map(date),
            summary: rule.rule.summary, action: rule.rule.action)
    }

    private func date(_ moment: Duration) -> Date {
        let ago = (now() - origin) - moment
        return wall().addingTimeInterval(-(ago / .seconds(1)))
    }

    private func log(_ alert: Alert) {
        let level: Logger.Level =
            switch alert.state {
            case .pending, .inactive: .info
            case .firing: .error
            case .resolved: .notice
            }
        var metadata: Logger.Metadata = [
            "alert": "\(alert.name)", "state": "\(alert.state.rawValue)", "severity": "\(alert.severity)",
            "value": .stringConvertible(alert.value ?? 0), "threshold": .stringConvertible(alert.threshold),
        ]
        for (name, value) in alert.labels { metadata[name] = "\(value)" }
        logger.log(level: level, "alert \(alert.state.rawValue)", metadata: metadata)
    }

    /// A duration as Prometheus writes it.
    static func span(_ text: String) -> Duration {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        return .seconds((Int64(text.dropLast()) ?? 0) * (text.last.flatMap { units[$0] } ?? 1))
    }
}
