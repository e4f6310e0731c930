/// Hands news to all subscribers of a store in this process.
///
/// A queue that has been announced is not announced again until a claim on it came up short: until then whoever is
/// free is claiming already.
package final class WakeupHub: Sendable {
    private struct State {
        var subscribers: [Int: AsyncStream<JobWakeup>.Continuation] = [:]
        var next = 0
        var announced: Set<String> = []
    }

    private let state = Lock(State())

    package init() {}

    /// A new subscription; ends with the subscriber's task.
    package func subscribe() -> AsyncStream<JobWakeup> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: JobWakeup.self, bufferingPolicy: .bufferingNewest(1024))
        let id = state.with { state in
            state.next += 1
            state.subscribers[state.next] = continuation
            state.announced = []
            return state.next
        }
        continuation.onTermination = { [weak self] _ in self?.unsubscribe(id) }
        continuation.yield(.resync)
        return stream
    }

    private func unsubscribe(_ id: Int) {
        state.with { _ = $0.subscribers.removeValue(forKey: id) }
    }

    package var hasSubscribers: Bool { state.with { !$0.subscribers.isEmpty } }

    /// Tells all subscribers.
    package func publish(_ news: [JobWakeup]) {
        guard !news.isEmpty else { return }
        let (continuations, fresh) = state.with { state in
            let fresh = news.filter { wakeup in
                guard case .ready(let queue) = wakeup else { return true }
                return state.announced.insert(queue).inserted
            }
            return (Array(state.subscribers.values), fresh)
        }
        for wakeup in fresh { continuations.forEach { $0.yield(wakeup) } }
    }

    /// A claim on a queue found less than it asked for.
    package func cameShort(_ queue: String) {
        state.with { _ = $0.announced.remove(queue) }
    }
}
