/// A moment that one task waits for, and that may come before or after it begins to.
final class RunEnd: Sendable {
    private struct State {
        var isReached = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Lock(State())

    /// The moment has come. Only the first call counts.
    func reach() {
        let waiter = state.with { state in
            state.isReached = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits for the moment, by one task.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isReached = state.with { state in
                if !state.isReached { state.waiter = continuation }
                return state.isReached
            }
            if isReached { continuation.resume() }
        }
    }
}
