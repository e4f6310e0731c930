import DriverExecutors

/// The events that wait for the reader of one sequence, in a bounded amount of memory.
///
/// A value: ``NotificationBuffer`` holds it under a lock.
struct NotificationQueue {
    typealias Event = PostgresNotifications.Element

    private var events: [Event] = []
    private var first = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { events.count - first }

    /// Adds an event. Beyond the limit notifications are counted at the place where they are missing. Repeated
    /// interruptions without a notification between them become one.
    mutating func append(_ event: Event) {
        switch (event, last(1), last(2)) {
        case (.notification, .overflowed(let lost), _) where count >= limit:
            events[events.count - 1] = .overflowed(lost + 1)
        case (.notification, _, _) where count >= limit:
            events.append(.overflowed(1))
        case (.interrupted, .interrupted, _), (.listening, .listening, _):
            events[events.count - 1] = event
        case (.interrupted, .listening, .interrupted):
            events.removeLast()
            events[events.count - 1] = event
        default:
            events.append(event)
        }
    }

    private func last(_ distance: Int) -> Event? { count >= distance ? events[events.count - distance] : nil }

    /// Removes the oldest event.
    mutating func popFirst() -> Event? {
        guard first < events.count else { return nil }
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
