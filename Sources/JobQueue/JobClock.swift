#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

import VitalsSupport

/// The time of stores and workers: a wall clock for due times and leases, a monotonic one for limits and pauses.
/// `JobQueueTestKit` has one that a test moves by hand.
public protocol JobClock: Sendable {
    /// Microseconds since 1970.
    func wallMicroseconds() -> Int64

    /// Time on the monotonic clock since some moment that stays the same.
    func monotonic() -> Duration

    /// Waits; throws `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own clocks.
public struct SystemJobClock: JobClock {
    /// The clock.
    public init() {}

    /// Microseconds since 1970.
    public func wallMicroseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Time since the machine started.
    public func monotonic() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Duration(secondsComponent: Int64(time.tv_sec), attosecondsComponent: Int64(time.tv_nsec) * 1_000_000_000)
    }

    /// Waits. The timer has a thread of its own, so that it is on time also while all of Swift's threads are busy.
    public func sleep(for duration: Duration) async throws {
        try await ControlThread.shared.sleep(for: duration)
    }
}
