/// What Alertmanager is still to be told: firing alerts every minute, for it forgets them otherwise, and resolved ones
/// until it has taken them.
struct PushPlan: Sendable {
    private struct Key: Hashable {
        let name: String
        let labels: [String: String]
    }

    static let again = Duration.seconds(60)
    private var waiting: [Key: (alert: AlertEvaluator.Alert, sent: Duration?)] = [:]

    /// Takes a change. What is pending is nobody's business yet.
    mutating func note(_ alert: AlertEvaluator.Alert) {
        guard alert.state != .pending else { return }
        waiting[Key(name: alert.name, labels: alert.labels)] = (alert, nil)
    }

    func due(at now: Duration) -> [AlertEvaluator.Alert] {
        waiting.values.filter { entry in entry.sent.map { now - $0 >= Self.again } ?? true }.map(\.alert)
            .sorted { $0.name < $1.name }
    }

    /// These were taken; what changed in the meantime is due still.
    mutating func sent(_ alerts: [AlertEvaluator.Alert], at now: Duration) {
        for alert in alerts {
            let key = Key(name: alert.name, labels: alert.labels)
            guard let entry = waiting[key], entry.alert.state == alert.state else { continue }
            if alert.state == .resolved { waiting[key] = nil } else { waiting[key]?.sent = now }
        }
    }
}
