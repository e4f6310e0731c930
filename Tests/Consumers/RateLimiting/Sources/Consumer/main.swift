import RateLimiting

let limiter = RateLimiter(limit: 2, period: .seconds(60), store: MemoryRateLimitStore())
for _ in 0..<3 { print(try await limiter.check("client").isAllowed) }
