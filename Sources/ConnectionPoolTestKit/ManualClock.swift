public import ConnectionPool

/// A clock that a test moves by hand. Who sleeps on it wakes when it is moved far enough.
///
/// ```swift
/// let clock = ManualClock()
/// let pool = try Pool(backend: backend, clock: clock)
/// await clock.waitForSleepers(1)
/// clock.advance(by: .seconds(30))
/// ```
public final class ManualClock: PoolClock {
    private struct Sleeper {
        let deadline: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private typealias Verdict = (Result<Void, any Error>?, [CheckedContinuation<Void, Never>])

    private struct State {
        var time: UInt64 = 1_000_000_000
        var next = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = PoolLock(State())

    /// A clock that stands still.
    public init() {}

    /// Nanoseconds; a second at the start.
    public func now() -> UInt64 { state.withLock { $0.time } }

    /// How many tasks sleep on it.
    public var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Waits until so many tasks sleep on it.
    public func waitForSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Moves the clock and wakes those whose time has come, the earliest first.
    public func advance(by duration: Duration) {
        let parts = duration.components
        let nanoseconds =
            UInt64(max(0, parts.seconds)) * 1_000_000_000 + UInt64(max(0, parts.attoseconds) / 1_000_000_000)
        let due = state.withLock { state -> [Sleeper] in
            state.time += nanoseconds
            let due = state.sleepers.filter { $0.value.deadline <= state.time }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Waits until the clock has been moved this far.
    public func sleep(until deadline: UInt64) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let (verdict, watchers) = state.withLock { state -> Verdict in
                    if state.cancelled.remove(id) != nil || Task.isCancelled {
                        return (.failure(CancellationError()), [])
                    }
                    guard deadline > state.time else { return (.success(()), []) }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    let count = state.sleepers.count
                    let woken = state.watchers.filter { $0.count <= count }.map(\.continuation)
                    state.watchers.removeAll { $0.count <= count }
                    return (nil, woken)
                }
                if let verdict { continuation.resume(with: verdict) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                if let sleeper = state.sleepers.removeValue(forKey: id) { return sleeper }
                state.cancelled.insert(id)
                return nil
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
