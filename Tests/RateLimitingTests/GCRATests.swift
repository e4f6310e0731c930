import RateLimiting
import TestServers
import Testing

/// A bucket that leaks one millisecond of debt a millisecond: the same rule, told the other way about.
struct LeakyBucket {
    let cost: Int
    let capacity: Int
    var level = 0
    var last = 0

    mutating func take(_ count: Int, at now: Int) -> Bool {
        level = max(0, level - (now - last))
        last = now
        guard level + count * cost <= capacity else { return false }
        level += count * cost
        return true
    }
}

@Suite("GCRA")
struct GCRATests {
    @Test("random arrivals are decided exactly as a leaky bucket decides them", arguments: 0..<200)
    func model(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let limit = Int.random(in: 1...20, using: &random)
        let cost = Int.random(in: 1...50, using: &random)
        let rule = GCRA(limit: limit, period: .milliseconds(limit * cost))
        var bucket = LeakyBucket(cost: cost, capacity: limit * cost)
        var arrival: Duration?
        var now = 0
        for step in 0..<500 {
            now += Int.random(in: 0...(2 * cost), using: &random)
            let count = Int.random(in: 1...3, using: &random)
            let (decision, next) = rule.decide(arrival: arrival, now: .milliseconds(now), cost: count)
            arrival = next
            let expected = bucket.take(count, at: now)
            #expect(decision.isAllowed == expected, "seed \(seed), step \(step)")
            #expect(decision.remaining == (bucket.capacity - bucket.level) / cost)
            #expect(decision.resetAfter == .milliseconds(bucket.level))
        }
    }

    @Test("a whole burst passes at once, the next is refused until one interval has gone by")
    func burst() {
        let rule = GCRA(limit: 10, period: .seconds(10))
        var arrival: Duration?
        for index in 0..<10 {
            let (decision, next) = rule.decide(arrival: arrival, now: .zero)
            #expect(decision.isAllowed && decision.remaining == 9 - index)
            arrival = next
        }
        let refused = rule.decide(arrival: arrival, now: .zero).decision
        #expect(!refused.isAllowed)
        #expect(refused.retryAfter == .seconds(1))
        #expect(refused.resetAfter == .seconds(10))
        #expect(rule.decide(arrival: arrival, now: .seconds(1)).decision.isAllowed)
    }

    @Test("waiting as long as told is enough and no less is", arguments: 0..<100)
    func retryAfter(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let rule = GCRA(limit: 7, period: .milliseconds(7 * 13))
        let arrival = Duration.milliseconds(Int.random(in: 79...200, using: &random))
        let decision = rule.decide(arrival: arrival, now: .zero).decision
        #expect(!decision.isAllowed)
        #expect(rule.decide(arrival: arrival, now: decision.retryAfter).decision.isAllowed)
        #expect(!rule.decide(arrival: arrival, now: decision.retryAfter - .nanoseconds(1)).decision.isAllowed)
    }
}
