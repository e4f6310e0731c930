import DriverExecutors

/// The events that wait for the reader of one sequence, in a bounded amount of memory.
///
/// A value: ``NotificationBuffer`` holds it under a lock.
struct NotificationQueue {
    typealias Event = PostgresNotifications.Element

    private var events: [Event] = []
    private var first = 0
    /// The notifications among the events.
    private var notifications = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { events.count - first }

    /// Adds an event. Beyond the limit notifications are only counted. All other events between two notifications become
    /// at most three: those that were discarded, the last interruption, and the listening after it.
    mutating func append(_ event: Event) {
        if case .notification = event, notifications < limit {
            notifications += 1
            return events.append(event)
        }
        var (lost, interrupted, isListening) = (0, nil as (any Error)?, false)
        func note(_ event: Event) {
            switch event {
            case .notification: lost += 1
            case .overflowed(let count): lost += count
            case .listening: isListening = true
            case .interrupted(let error): (interrupted, isListening) = (error, false)
            }
        }
        var start = events.count
        while start > first, !events[start - 1].isNotification { start -= 1 }
        for earlier in events[start...] { note(earlier) }
        note(event)
        events.removeSubrange(start...)
        if lost > 0 { events.append(.overflowed(lost)) }
        if let interrupted { events.append(.interrupted(interrupted)) }
        if isListening { events.append(.listening) }
    }

    /// Removes the oldest event.
    mutating func popFirst() -> Event? {
        guard first < events.count else { return nil }
        if events[first].isNotification { notifications -= 1 }
        defer {
            first += 1
            if first == events.count {
                events.removeAll(keepingCapacity: first <= 1024)
                first = 0
            } else if first >= 1024, first * 2 >= events.count {
                events.removeFirst(first)
                first = 0
            }
        }
        return events[first]
    }
}

extension PostgresNotifications.Element {
    fileprivate var isNotification: Bool { if case .notification = self { true } else { false } }
}

/// Hands the events of a listener to the one reader of a sequence.
final class NotificationBuffer: Sendable {
    private enum Delivery: Sendable {
        case event(PostgresNotifications.Element)
        case end
        case cancelled
    }

    private struct State {
        var queue: NotificationQueue
        var reader: CheckedContinuation<Delivery, Never>?
        var isFinished = false
    }

    private let state: SystemLock<State>

    init(limit: Int) { state = SystemLock(State(queue: NotificationQueue(limit: limit))) }

    /// Adds an event, or gives it to the reader that waits.
    func append(_ event: PostgresNotifications.Element) {
        let reader = state.withLock { state in
            if state.isFinished { return nil as CheckedContinuation<Delivery, Never>? }
            if state.reader == nil { state.queue.append(event) }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: .event(event))
    }

    /// Ends the sequence once the events that wait have been read.
    func finish() { deliver(.end) { $0.isFinished = true } }

    /// Returns the next event, or `nil` at the end.
    func next() async throws(CancellationError) -> PostgresNotifications.Element? {
        let delivery = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let delivery = state.withLock { state -> Delivery? in
                    // Asked under the lock: a cancellation before it finds no reader to resume.
                    if Task.isCancelled { return .cancelled }
                    if let event = state.queue.popFirst() { return .event(event) }
                    if state.isFinished { return .end }
                    state.reader = continuation
                    return nil
                }
                if let delivery { continuation.resume(returning: delivery) }
            }
        } onCancel: {
            deliver(.cancelled) { _ in }
        }
        switch delivery {
        case .event(let event): return event
        case .end: return nil
        case .cancelled: throw CancellationError()
        }
    }

    private func deliver(_ delivery: Delivery, _ change: (inout State) -> Void) {
        let reader = state.withLock { state in
            change(&state)
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: delivery)
    }
}
