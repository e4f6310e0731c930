import Foundation

extension AlertEvaluator {
    /// All alerts as JSON: `{"alerts": [{"name", "state", "severity", "labels", "value", "threshold", "since", …}]}`.
    public func json() -> [UInt8] {
        struct Answer: Encodable {
            struct Item: Encodable {
                let name: String
                let state: String
                let severity: String
                let labels: [String: String]
                let value: Double
                let threshold: Double
                let since: String
                let resolved: String?
                let summary: String
                let action: String
            }
            let alerts: [Item]
        }
        let answer = Answer(
            alerts: alerts.map {
                Answer.Item(
                    name: $0.name, state: $0.state.rawValue, severity: $0.severity, labels: $0.labels, value: $0.value,
                    threshold: $0.threshold, since: text($0.since), resolved: $0.resolved.map(text),
                    summary: $0.summary, action: $0.action)
            })
        return encoded(answer)
    }

    /// The body of `POST /api/v2/alerts`. A firing alert ends by itself four minutes after it was said last, so that one
    /// whose process is gone does not stay for ever.
    func alertmanagerJSON(_ alerts: [Alert]) -> [UInt8] {
        struct Item: Encodable {
            let labels: [String: String]
            let annotations: [String: String]
            let startsAt: String
            let endsAt: String
        }
        return encoded(
            alerts.map { alert in
                Item(
                    labels: labels.merging(alert.labels) { $1 }.merging(
                        ["alertname": alert.name, "severity": alert.severity]) { $1 },
                    annotations: ["summary": alert.summary, "description": alert.action], startsAt: text(alert.since),
                    endsAt: text(alert.resolved ?? wall().addingTimeInterval(240)))
            })
    }

    private func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private func encoded(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { Array($0) } ?? []
    }
}
