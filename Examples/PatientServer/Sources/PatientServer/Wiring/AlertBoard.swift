import Synchronization

/// One alert: pending once its threshold is passed, firing when that lasts, inactive when it ends.
struct AlertState: Sendable {
    enum Phase: String, Sendable { case inactive, pending, firing }

    let name: String
    let summary: String
    let threshold: Double
    let duration: Duration
    private(set) var phase = Phase.inactive
    private(set) var value: Double?
    /// Milliseconds since 1970, of the phase's beginning.
    private(set) var since: Int64?
    private var began: ContinuousClock.Instant?

    init(name: String, summary: String, threshold: Double, duration: Duration) {
        self.name = name
        self.summary = summary
        self.threshold = threshold
        self.duration = duration
    }

    /// - Returns: Whether the phase is another one now.
    mutating func update(_ value: Double?, now: ContinuousClock.Instant, wall: Int64) -> Bool {
        self.value = value
        let before = phase
        if let value, value > threshold {
            let start = began ?? now
            began = start
            phase = now - start >= duration ? .firing : .pending
        } else {
            began = nil
            phase = .inactive
        }
        if phase != before { since = phase == .inactive ? nil : wall }
        return phase != before
    }
}

/// The alerts of `config/monitoring.yml`, evaluated in this process as the dashboard's samples come in.
final class AlertBoard: Sendable {
    /// An alert as the API tells of it.
    struct Answer: Encodable, Sendable {
        var name: String
        var state: String
        var summary: String
        var value: Double?
        var threshold: Double
        var since: String?
    }

    private let states: Mutex<[AlertState]>

    init(_ settings: Settings.AlertSettings) {
        func state(_ name: String, _ rule: Settings.AlertSettings.Rule, _ summary: String) -> AlertState {
            AlertState(name: name, summary: summary, threshold: rule.threshold, duration: rule.duration)
        }
        states = Mutex([
            state(
                "HighResponseTime", settings.highResponseTime,
                "The 95th percentile of the response time, in seconds, is above the threshold."),
            state(
                "ConnectionPoolExhausted", settings.connectionPoolExhausted,
                "The share of database connections in use is above the threshold."),
            state(
                "MemoryUsageHigh", settings.memoryUsageHigh, "The share of memory in use is above the threshold."),
        ])
    }

    /// Judges by the latest figures.
    /// - Returns: The alerts whose state is another one now.
    func update(
        responseTime: Double?, pool: Double?, memory: Double?, now: ContinuousClock.Instant = .now,
        wall: Int64 = milliseconds()
    ) -> [Answer] {
        states.withLock { states in
            zip(states.indices, [responseTime, pool, memory]).compactMap { index, value in
                states[index].update(value, now: now, wall: wall) ? Self.answer(states[index]) : nil
            }
        }
    }

    var answers: [Answer] { states.withLock { $0.map(Self.answer) } }

    private static func answer(_ state: AlertState) -> Answer {
        Answer(
            name: state.name, state: state.phase.rawValue, summary: state.summary, value: state.value,
            threshold: state.threshold, since: state.since.map(moment))
    }
}
