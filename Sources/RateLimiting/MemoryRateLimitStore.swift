/// Arrival times in this process's memory. Keys that are at rest are forgotten.
///
/// A decision costs the same for a few keys and for the most: all keys are looked through once in ten seconds at most, and
/// a key too many takes the place of the one nearest to rest among a few, not among all.
public final class MemoryRateLimitStore: RateLimitStore {
    private let state = RateLimitLock<(arrivals: [String: Duration], swept: Duration)>(([:], .zero))
    private let start = ContinuousClock.now
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let maximumKeys: Int

    /// A store.
    /// - Parameters:
    ///   - maximumKeys: The most keys kept; above, one is forgotten for each that comes.
    ///   - clock: The time; tests bring their own.
    public init(
        maximumKeys: Int = 100_000, clock: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.maximumKeys = max(1, maximumKeys)
        self.clock = clock
    }

    /// Decides and notes; never throws.
    public func decide(_ key: String, rule: GCRA, cost: Int) -> RateLimitDecision {
        let now = clock() - start
        return state.withLock { state in
            if now - state.swept > .seconds(10) {
                state.arrivals = state.arrivals.filter { $0.value > now }
                state.swept = now
            }
            if state.arrivals.count >= maximumKeys, state.arrivals[key] == nil,
                let least = state.arrivals.prefix(8).min(by: { $0.value < $1.value })
            {
                state.arrivals[least.key] = nil
            }
            let (decision, arrival) = rule.decide(arrival: state.arrivals[key], now: now, cost: cost)
            state.arrivals[key] = arrival
            return decision
        }
    }

    /// How many keys are kept.
    public var count: Int { state.withLock { $0.arrivals.count } }
}
