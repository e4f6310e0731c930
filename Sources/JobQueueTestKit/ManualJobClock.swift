public import JobQueue

/// A clock that a test moves by hand. Who sleeps on it wakes when it is moved far enough.
///
/// ```swift
/// let clock = ManualJobClock()
/// let store = MemoryJobStore(clock: clock)
/// clock.advance(by: .seconds(3600))
/// ```
public final class ManualJobClock: JobClock {
    private struct Sleeper {
        var wakesAt: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed = Duration.zero
        var nextSleeper = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
    }

    private let state = Lock(State())
    private let start: Int64

    /// A clock that stands still.
    /// - Parameter startMicroseconds: What it shows, in microseconds since 1970; the start of 2026 by default.
    public init(startMicroseconds: Int64 = 1_767_225_600_000_000) { start = startMicroseconds }

    /// Microseconds since 1970.
    public func wallMicroseconds() -> Int64 { start &+ monotonic().microseconds }

    /// How far it has been moved.
    public func monotonic() -> Duration { state.with { $0.elapsed } }

    /// How many tasks sleep on it.
    public var sleepers: Int { state.with { $0.sleepers.count } }

    /// Waits until it has been moved this far; throws `CancellationError` when the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        let id = state.with { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let verdict = state.with { state -> Result<Void, any Error>? in
                    if state.cancelled.remove(id) != nil || Task.isCancelled { return .failure(CancellationError()) }
                    guard duration > .zero else { return .success(()) }
                    state.sleepers[id] = Sleeper(wakesAt: state.elapsed + duration, continuation: continuation)
                    return nil
                }
                if let verdict { continuation.resume(with: verdict) }
            }
        } onCancel: {
            let sleeper = state.with { state -> Sleeper? in
                if let sleeper = state.sleepers.removeValue(forKey: id) { return sleeper }
                state.cancelled.insert(id)
                return nil
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
        state.with { _ = $0.cancelled.remove(id) }
    }

    /// Moves the clock, and wakes whoever has slept long enough, the earliest first.
    public func advance(by duration: Duration) {
        let due = state.with { state -> [Sleeper] in
            state.elapsed += duration
            let due = state.sleepers.filter { $0.value.wakesAt <= state.elapsed }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.wakesAt < $1.wakesAt }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }
}
