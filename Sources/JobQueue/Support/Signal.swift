/// Wakes one waiting task; a signal given while nobody waits is kept for the next.
final class Signal: Sendable {
    private struct State {
        var isSet = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Lock(State())

    /// Wakes the waiter.
    func fire() {
        let waiter = state.with { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter else {
                state.isSet = true
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Waits for the next signal. One task at a time; not cut short by cancellation.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isSet = state.with { state in
                if state.isSet {
                    state.isSet = false
                    return true
                }
                state.waiter = continuation
                return false
            }
            if isSet { continuation.resume() }
        }
    }
}

/// Delays between attempts: doubling from 100 ms to a ceiling, half of each at random.
struct Backoff {
    private var step = 0
    let ceiling: Duration

    init(ceiling: Duration = .seconds(10)) { self.ceiling = ceiling }

    mutating func next() -> Duration {
        let full = min(ceiling.inSeconds, 0.1 * Double(1 << min(step, 12)))
        step += 1
        return .seconds(full * Double.random(in: 0.5...1))
    }

    mutating func reset() { step = 0 }

    var isFresh: Bool { step == 0 }
}
