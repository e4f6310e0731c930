import Synchronization

/// Wakes one waiting task; a signal given while nobody waits is kept for the next.
final class Wakeup: Sendable {
    /// Given and not taken. While it is, giving it again changes nothing and costs no lock.
    private let isSet = Atomic<Bool>(false)
    private let waiter = Lock<CheckedContinuation<Void, Never>?>(nil)

    /// Wakes the waiter.
    func fire() {
        guard !isSet.exchange(true, ordering: .sequentiallyConsistent) else { return }
        let waiter = waiter.with { waiter -> CheckedContinuation<Void, Never>? in
            // Whoever waits takes the signal with it; otherwise it stays for the next.
            guard let waiting = waiter, isSet.exchange(false, ordering: .sequentiallyConsistent) else { return nil }
            waiter = nil
            return waiting
        }
        waiter?.resume()
    }

    /// Waits for the next signal. One task at a time; not cut short by cancellation.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isGiven = waiter.with { waiter in
                if isSet.exchange(false, ordering: .sequentiallyConsistent) { return true }
                waiter = continuation
                return false
            }
            if isGiven { continuation.resume() }
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
