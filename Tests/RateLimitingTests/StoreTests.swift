import RateLimiting
import Synchronization
import Testing

@Suite("Rate limiter", .timeLimit(.minutes(1)))
struct StoreTests {
    @Test("a store never keeps more keys than it may, and a flood of new keys costs the same a key in a large store")
    func bounded() async throws {
        func nanoseconds(_ keys: Int, of maximum: Int) async throws -> Double {
            let store = MemoryRateLimitStore(maximumKeys: maximum)
            let limiter = RateLimiter(limit: 10, period: .seconds(3600), store: store)
            let start = ContinuousClock.now
            for key in 0..<keys { _ = try await limiter.check("client \(key)") }
            #expect(store.count == min(keys, maximum))
            return (ContinuousClock.now - start) / .nanoseconds(1) / Double(keys)
        }
        // A scan of the store for each new key would make the larger one 32 times as slow.
        let small = try await nanoseconds(8_000, of: 500)
        let large = try await nanoseconds(48_000, of: 16_000)
        #expect(large < small * 8, "\(large) ns a key in a large store, \(small) ns in a small one")
    }

    @Test("keys at rest are forgotten, keys that are not keep their limit")
    func sweeping() async throws {
        let later = Mutex(Duration.zero)
        let start = ContinuousClock.now
        let store = MemoryRateLimitStore(clock: { start + later.withLock { $0 } })
        let short = RateLimiter(limit: 10, period: .seconds(10), store: store)
        let long = RateLimiter(limit: 1, period: .seconds(3600), store: store)
        for key in 0..<100 { _ = try await short.check("\(key)") }
        _ = try await long.check("long")
        later.withLock { $0 = .seconds(30) }
        #expect(try await !long.check("long").isAllowed)
        #expect(store.count == 1)
    }

    @Test("concurrent requests of one key pass exactly as often as the limit allows")
    func concurrent() async throws {
        let start = ContinuousClock.now
        let limiter = RateLimiter(
            limit: 500, period: .seconds(60), store: MemoryRateLimitStore(clock: { start }))
        let passed = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var passed = 0
                    for _ in 0..<200 where try await limiter.check("one").isAllowed { passed += 1 }
                    return passed
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(passed == 500)
    }

    @Test("headers say the policy, what is left and when to come again")
    func headers() async throws {
        let start = ContinuousClock.now
        let limiter = RateLimiter(limit: 2, period: .seconds(60), store: MemoryRateLimitStore(clock: { start }))
        func headers() async throws -> [String: String] {
            let decision = try await limiter.check("a")
            return Dictionary(limiter.headers(for: decision).map { ($0.name, $0.value) }) { $1 }
        }
        let first = try await headers()
        #expect(first == ["RateLimit-Policy": "\"default\";q=2;w=60", "RateLimit": "\"default\";r=1;t=30"])
        _ = try await headers()
        let refused = try await headers()
        #expect(refused["Retry-After"] == "30" && refused["RateLimit"] == "\"default\";r=0;t=60")
    }

    @Test("limits and periods of nothing, and costs without measure, are refused or allowed, never a trap")
    func extremes() {
        for limit in [Int.min, -1, 0, 1, .max] {
            for period in [Duration.seconds(-1), .zero, .nanoseconds(1), .seconds(1 << 40)] {
                let rule = GCRA(limit: limit, period: period)
                for cost in [Int.min, 0, 1, .max] {
                    let (decision, next) = rule.decide(arrival: nil, now: .seconds(1), cost: cost)
                    #expect(decision.remaining >= 0 && next >= .seconds(1))
                }
            }
        }
    }
}
