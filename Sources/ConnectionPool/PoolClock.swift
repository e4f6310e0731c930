import VitalsSupport

/// Where a pool takes its time from. Tests inject one that they move by hand.
public protocol PoolClock: Sendable {
    /// Nanoseconds since an origin of the clock's own; never goes back.
    func now() -> UInt64

    /// The same, as cheap as can be: may lag some milliseconds behind ``now()``. Read at each lease and return.
    func coarseNow() -> UInt64

    /// Waits until ``now()`` is at least this. Throws `CancellationError` when the task is cancelled.
    func sleep(until deadline: UInt64) async throws
}

extension PoolClock {
    /// ``now()``.
    public func coarseNow() -> UInt64 { now() }
}

/// The monotonic clock of the system. Its timers have a thread of their own, so that limits hold also while the program's
/// tasks keep all of Swift's threads busy. Its coarse reading is a few nanoseconds' work and steps every 1–4 ms.
public struct SystemPoolClock: PoolClock {
    /// The clock.
    public init() {}

    /// The monotonic time.
    public func now() -> UInt64 { MonotonicTime.now() }

    /// The monotonic time at the last tick of the kernel.
    public func coarseNow() -> UInt64 { MonotonicTime.coarseNow() }

    /// Suspends the task until the moment.
    public func sleep(until deadline: UInt64) async throws {
        while true {
            let time = now()
            guard time < deadline else { return }
            try await ControlThread.shared.sleep(for: .nanoseconds(Int64(clamping: deadline - time)))
        }
    }
}

extension Duration {
    /// Nanoseconds, zero when negative, as many as fit when there are more.
    var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : whole.advanced(saturating: UInt64(attoseconds / 1_000_000_000))
    }

    init(nanosecondCount: UInt64) { self = .nanoseconds(Int64(clamping: nanosecondCount)) }
}

extension UInt64 {
    /// The sum, or the largest number there is.
    @inline(__always)
    func advanced(saturating amount: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(amount)
        return overflow ? .max : sum
    }

    /// The difference, or zero.
    @inline(__always)
    func since(_ earlier: UInt64) -> UInt64 { self > earlier ? self &- earlier : 0 }
}
