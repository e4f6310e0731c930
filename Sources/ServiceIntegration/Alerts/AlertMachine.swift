/// Where an alert stands.
public enum AlertState: String, Sendable, Hashable, CaseIterable {
    /// Nothing is above the threshold.
    case inactive
    /// Its figure is above the threshold, but not for long enough.
    case pending
    /// It has been above for the rule's duration.
    case firing
    /// It was firing and is no more.
    case resolved
}

/// The life of one rule's alerts, one for each set of labels: above the threshold it is pending, after the duration it
/// fires, and it resolves at the first figure that is not above. A figure that is missing is not above. The same rules as
/// Prometheus's `for`.
struct AlertMachine: Sendable {
    /// One alert. Times are counted from any common moment.
    struct Entry: Sendable, Equatable {
        var state: AlertState
        var value: Double
        /// When the figure came above the threshold.
        var since: Duration
        /// When it fired.
        var fired: Duration?
        /// When it resolved.
        var resolved: Duration?
    }

    /// A change that others are told of.
    struct Change: Sendable, Equatable {
        let labels: [String: String]
        let entry: Entry
    }

    let threshold: Double
    let duration: Duration
    /// How long what has resolved is remembered.
    let memory: Duration
    private(set) var entries: [[String: String]: Entry] = [:]

    init(threshold: Double, duration: Duration, memory: Duration = .seconds(900)) {
        self.threshold = threshold
        self.duration = duration
        self.memory = memory
    }

    /// Takes the figures of one moment; returns what changed.
    mutating func evaluate(_ figures: [[String: String]: Double], at now: Duration) -> [Change] {
        var changes: [Change] = []
        for (labels, value) in figures where value > threshold {
            var entry = entries[labels] ?? Entry(state: .pending, value: value, since: now)
            let isNew = entries[labels] == nil || entry.state == .resolved
            if isNew { entry = Entry(state: .pending, value: value, since: now) }
            entry.value = value
            let fires = entry.state == .pending && now - entry.since >= duration
            if fires {
                entry.state = .firing
                entry.fired = now
            }
            entries[labels] = entry
            if isNew || fires { changes.append(Change(labels: labels, entry: entry)) }
        }
        for (labels, var entry) in entries where !(figures[labels].map { $0 > threshold } ?? false) {
            if let value = figures[labels] { entry.value = value }
            switch entry.state {
            case .pending, .inactive: entries[labels] = nil
            case .firing:
                entry.state = .resolved
                entry.resolved = now
                entries[labels] = entry
                changes.append(Change(labels: labels, entry: entry))
            case .resolved:
                if let resolved = entry.resolved, now - resolved > memory { entries[labels] = nil }
            }
        }
        return changes.sorted { $0.labels.description < $1.labels.description }
    }
}
