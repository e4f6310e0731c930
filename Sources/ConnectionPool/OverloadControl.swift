/// What a pool does when more callers come than it can serve.
public enum PoolOverload: Sendable, Hashable {
    /// They wait in line, each until its own timeout. At twice the capacity everybody waits for that long, and most of the
    /// work is done for callers who have given up.
    case queue
    /// The line is kept short, so that those who are served are served soon.
    ///
    /// When no caller was served within `target` during an `interval`, the pool is overloaded: the last caller is served
    /// first, and who has waited for longer than `interval` gets ``PoolError/Code/overloaded``. It ends when the line has
    /// been served. A caller that could not be served before its timeout at the present pace is refused at once.
    ///
    /// Only callers are an overload: while there is room for more connections, while most are being made, while each caller
    /// has one on its way, and while the server cannot be reached, callers wait for their timeout as with ``queue``.
    ///
    /// The rule is that of controlled delay (CoDel, RFC 8289), with the line turned round while it holds, as adaptive
    /// last-in-first-out does (Maurer, *Fail at Scale*, ACM Queue 13(8), 2015).
    /// - Parameters:
    ///   - target: A wait that is nothing to worry about.
    ///   - interval: How long waits must be longer than that before anybody is refused.
    case shed(target: Duration, interval: Duration)

    /// ``shed(target:interval:)`` with 20 and 100 ms.
    public static var shed: PoolOverload { .shed(target: .milliseconds(20), interval: .milliseconds(100)) }
}

/// Judges whether the line of waiters stands or moves. A value, asked under the pool's lock.
struct OverloadControl: Equatable {
    let target: UInt64
    let interval: UInt64
    /// Whether the line is served from its end, and its beginning refused.
    private(set) var isOverloaded = false
    /// When the present interval ends; 0 while there is no crowd.
    private(set) var intervalEnd: UInt64 = 0
    /// Since when there is a crowd; nobody counts as having waited before.
    private var crowdedSince: UInt64 = 0
    /// The shortest wait of those served in the present interval.
    private var shortestWait = UInt64.max
    /// How long it takes from one that is served to the next while others wait, smoothed; 0 when it is not known.
    private(set) var pace: UInt64 = 0
    private var servedAt: UInt64 = 0
    private var samples = 0

    init?(_ overload: PoolOverload) {
        guard case .shed(let target, let interval) = overload else { return nil }
        self.target = target.wholeNanoseconds
        self.interval = interval.wholeNanoseconds
    }

    /// One that waited was served, and others wait still when `isLast` is `false`.
    mutating func served(waited: UInt64, isLast: Bool, now: UInt64) {
        shortestWait = min(shortestWait, waited, intervalEnd == 0 ? .max : now.since(crowdedSince))
        if servedAt > 0 {
            let step = now.since(servedAt)
            pace = samples == 0 ? step : pace - pace / 8 + step / 8
            samples += 1
        }
        servedAt = now
        if isLast { reset() }
    }

    /// There is no crowd, or what it has been says nothing about what it will be.
    mutating func reset() {
        isOverloaded = false
        intervalEnd = 0
        shortestWait = .max
        servedAt = 0
        samples = 0
        pace = 0
    }

    /// There is a crowd; its first waiter arrived at `earliest`. To be called at each event while there is one.
    mutating func look(earliest: UInt64, now: UInt64) {
        if intervalEnd == 0 {
            intervalEnd = now.advanced(saturating: interval)
            crowdedSince = now
            servedAt = now
        }
        guard now >= intervalEnd else { return }
        // In an overload those served last have waited least, so the oldest shows whether the line has got shorter.
        let oldest = now.since(max(earliest, crowdedSince))
        let wait = isOverloaded ? oldest : min(shortestWait, oldest)
        isOverloaded = wait > target
        intervalEnd = now.advanced(saturating: interval)
        shortestWait = .max
    }

    /// Until when a waiter that arrived at a moment may wait.
    func limit(arrived: UInt64) -> UInt64 { isOverloaded ? arrived.advanced(saturating: interval) : .max }

    /// How long one that comes now has to wait behind so many others; `nil` while the pace is not known.
    func expectedWait(behind count: Int) -> UInt64? {
        guard samples >= 16, !isOverloaded else { return nil }
        let (wait, overflow) = pace.multipliedReportingOverflow(by: UInt64(count + 1))
        return overflow ? .max : wait
    }

    /// When it is worth to try again: when those that wait have been served.
    func retryAfter(waiting count: Int) -> UInt64 {
        let (wait, overflow) = pace.multipliedReportingOverflow(by: UInt64(count))
        return min(max(overflow ? .max : wait, interval), 30_000_000_000)
    }
}
