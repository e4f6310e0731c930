import JobQueue
import SQLDatabase

/// Counts and settings of queues, as two statements tell them, put together.
enum QueueFigures {
    /// - Parameters:
    ///   - counts: Rows of queue, state, count, earliest run time in microseconds.
    ///   - settings: Rows of name, paused, concurrency, rate count, rate period in microseconds.
    ///   - untaken: Rows of queue, kind, count.
    static func gather(counts: [SQLRow], settings: [SQLRow], untaken: [SQLRow], now: Int64) -> [QueueStatistics] {
        var queues: [String: QueueStatistics] = [:]
        for row in counts {
            guard let name = row.text(0), let state = JobState(code: row.int(1)) else { continue }
            var queue = queues[name] ?? QueueStatistics(queue: name)
            queue.counts[state] = row.int(2)
            if let oldest = row.integer(3) { queue.oldestReady = .microseconds(max(0, now - oldest)) }
            queues[name] = queue
        }
        for row in settings {
            guard let name = row.text(0) else { continue }
            queues[name, default: QueueStatistics(queue: name)].settings = Self.settings(row)
        }
        for row in untaken {
            guard let name = row.text(0), let kind = row.text(1) else { continue }
            queues[name]?.untaken[kind] = row.int(2)
        }
        return queues.values.sorted { $0.queue < $1.queue }
    }

    /// A row of name, paused, concurrency, rate count, rate period.
    static func settings(_ row: SQLRow) -> QueueSettings {
        var settings = QueueSettings(isPaused: row.flag(1), maxConcurrent: row.integer(2).map { Int($0) })
        if let count = row.integer(3), let period = row.integer(4) {
            settings.rateLimit = RateLimit(Int(count), per: .microseconds(period))
        }
        return settings
    }
}
