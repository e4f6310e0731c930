/// How fast connections may be made: as many as wanted while all is well; after a failure one attempt at a time with
/// pauses between; after the first success two, four, eight at a time.
///
/// The pause is drawn evenly between nothing and the doubled cap ("full jitter", Brooker, *Exponential Backoff And
/// Jitter*, AWS Architecture Blog 2015): of all services that lost the same database, few come back in one moment.
struct Recovery: Equatable {
    let base: UInt64
    let cap: UInt64
    /// Failed attempts in a row.
    private(set) var failures = 0
    private var failedAt: UInt64 = 0
    /// How many attempts may be under way at once.
    private(set) var permits = Int.max
    /// No attempt before this moment.
    private(set) var notBefore: UInt64 = 0
    /// Whether the last attempt failed in a way that does not pass by itself.
    private(set) var isPermanent = false

    /// Ramps end here: so many at once is as good as no bound.
    private static let unbounded = 64

    init(base: UInt64, cap: UInt64) {
        self.base = base
        self.cap = cap
    }

    /// An attempt succeeded.
    mutating func succeeded() {
        failures = 0
        notBefore = 0
        isPermanent = false
        if permits < Self.unbounded { permits *= 2 }
        if permits >= Self.unbounded { permits = .max }
    }

    /// An attempt failed that began at a moment; returns the pause until the next. `jitter` is 0…1. Attempts that were
    /// under way together fail for one reason, so they count once.
    mutating func failed(began: UInt64, now: UInt64, jitter: Double, isPermanent: Bool = false) -> UInt64 {
        self.isPermanent = isPermanent
        if failures > 0, began <= failedAt { return notBefore.since(now) }
        failedAt = now
        let doublings = UInt64(min(failures, 40))
        failures += 1
        permits = 1
        let (grown, overflow) = base.multipliedReportingOverflow(by: 1 << doublings)
        let ceiling = overflow ? cap : min(grown, cap)
        let pause = UInt64(Double(ceiling) * min(max(jitter, 0), 1))
        notBefore = now.advanced(saturating: pause)
        return pause
    }

    /// An attempt is to be made without a pause.
    mutating func tryNow() {
        notBefore = 0
        isPermanent = false
    }

    /// Connections were found dead: whatever killed them may not be over, so the next ones are made a few at a time.
    mutating func suspect() { permits = min(permits, 1) }

    /// How many further attempts may start now.
    func allowance(underWay: Int, now: UInt64) -> Int { now < notBefore ? 0 : max(0, permits - underWay) }
}
