/// The generic cell rate algorithm: one number a key, no window and no bucket to refill.
///
/// A key's *theoretical arrival time* moves on by the interval with every request and may lie ahead of the present by
/// at most the burst. Source: ITU-T I.371, annex A.
public struct GCRA: Sendable, Hashable {
    /// Time one request costs.
    public let interval: Duration
    /// How far ahead of the present the arrival time may lie.
    public let tolerance: Duration

    /// So many requests in a period, all of which may come at once. A limit below 1 counts as 1, a period so short that a
    /// request costs less than a nanosecond as long enough for that.
    public init(limit: Int, period: Duration) {
        let limit = max(1, limit)
        interval = max(.nanoseconds(1), period / limit)
        tolerance = max(period, interval * limit)
    }

    /// Decides on a request at a time, given the key's arrival time; times are counted from any common moment.
    /// - Parameter cost: How many requests this one counts as; one that costs more than the limit never passes.
    /// - Returns: The decision and the arrival time to keep.
    public func decide(arrival: Duration?, now: Duration, cost: Int = 1) -> (
        decision: RateLimitDecision, arrival: Duration
    ) {
        let earliest = max(arrival ?? now, now)
        // What never passes need not be multiplied out, which could overflow.
        let next = earliest + interval * min(max(1, cost), count(of: tolerance) + 1)
        let ahead = next - now
        if ahead > tolerance {
            let remaining = count(of: tolerance - (earliest - now))
            return (
                RateLimitDecision(
                    isAllowed: false, remaining: remaining, retryAfter: ahead - tolerance, resetAfter: earliest - now),
                earliest
            )
        }
        return (
            RateLimitDecision(
                isAllowed: true, remaining: count(of: tolerance - ahead), retryAfter: .zero, resetAfter: ahead), next
        )
    }

    private func count(of time: Duration) -> Int { max(0, Int(min(time / interval, 1e15))) }
}

/// Whether a request may pass, and what its sender should know.
public struct RateLimitDecision: Sendable, Hashable {
    /// Whether it may pass.
    public let isAllowed: Bool
    /// Requests that may follow at once.
    public let remaining: Int
    /// How long to wait before trying again; zero when allowed.
    public let retryAfter: Duration
    /// How long until the whole limit is available again.
    public let resetAfter: Duration

    /// A decision.
    public init(isAllowed: Bool, remaining: Int, retryAfter: Duration, resetAfter: Duration) {
        self.isAllowed = isAllowed
        self.remaining = remaining
        self.retryAfter = retryAfter
        self.resetAfter = resetAfter
    }
}
