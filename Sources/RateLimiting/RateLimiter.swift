/// Keeps the arrival times of keys, in this process or shared by many.
public protocol RateLimitStore: Sendable {
    /// Decides on a request of a key and notes it.
    func decide(_ key: String, rule: GCRA, cost: Int) async throws -> RateLimitDecision
}

/// So many requests in a period for each key.
///
/// ```swift
/// let limiter = RateLimiter(limit: 100, period: .seconds(60), store: MemoryRateLimitStore())
/// let decision = try await limiter.check("client-7")
/// guard decision.isAllowed else { … limiter.headers(for: decision) … }
/// ```
public struct RateLimiter: Sendable {
    /// Requests a period.
    public let limit: Int
    /// The period.
    public let period: Duration
    private let rule: GCRA
    private let store: any RateLimitStore

    /// A limiter. A limit below 1 counts as 1.
    public init(limit: Int, period: Duration, store: any RateLimitStore) {
        self.limit = max(1, limit)
        self.period = period
        self.store = store
        rule = GCRA(limit: limit, period: period)
    }

    /// Decides on a request of a key and notes it.
    public func check(_ key: String, cost: Int = 1) async throws -> RateLimitDecision {
        try await store.decide(key, rule: rule, cost: cost)
    }

    /// `RateLimit-Policy`, `RateLimit` and, when refused, `Retry-After`.
    public func headers(for decision: RateLimitDecision) -> [(name: String, value: String)] {
        func seconds(_ duration: Duration) -> Int64 {
            duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0)
        }
        var headers = [
            (name: "RateLimit-Policy", value: "\"default\";q=\(limit);w=\(seconds(period))"),
            (name: "RateLimit", value: "\"default\";r=\(decision.remaining);t=\(seconds(decision.resetAfter))"),
        ]
        if !decision.isAllowed {
            headers.append((name: "Retry-After", value: "\(max(1, seconds(decision.retryAfter)))"))
        }
        return headers
    }
}
