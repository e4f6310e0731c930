import Foundation

extension AlertEvaluator {
    /// ``alerts`` as JSON: `{"alerts": [{"name", "state", "severity", "labels", "value", "threshold", "since", …}]}`.
    public func json() -> [UInt8] {
        encoded(["alerts": alerts])
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
                    annotations: ["summary": alert.summary, "description": alert.action],
                    startsAt: text(alert.since ?? wall()),
                    endsAt: text(alert.resolved ?? wall().addingTimeInterval(240)))
            })
    }

    private func encoded(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { Array($0) } ?? []
    }
}

extension AlertEvaluator.Alert: Encodable {
    private enum CodingKeys: String, CodingKey {
        case name, state, severity, labels, value, threshold, since, resolved, summary, action
    }

    /// Times are ISO 8601.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(state.rawValue, forKey: .state)
        try container.encode(severity, forKey: .severity)
        try container.encode(labels, forKey: .labels)
        try container.encodeIfPresent(value, forKey: .value)
        try container.encode(threshold, forKey: .threshold)
        try container.encodeIfPresent(since.map(text), forKey: .since)
        try container.encodeIfPresent(resolved.map(text), forKey: .resolved)
        try container.encode(summary, forKey: .summary)
        try container.encode(action, forKey: .action)
    }
}

private func text(_ date: Date) -> String {
    date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
}
