#if Redis
    import RateLimiting
    import RedisBackend
    import Testing
    import TestServers

    /// The same rules for a store in memory and one in Redis.
    @Suite(.enabled(if: RedisServer.canStart, "needs redis-server"), .serialized)
    struct RateLimitTests {
        private func withStores(_ body: (any RateLimitStore) async throws -> Void) async throws {
            try await body(MemoryRateLimitStore())
            try await withRedis { _, redis in
                let store = RedisRateLimitStore(redis)
                try await body(store)
                #expect(store.unavailableCount == 0)
            }
        }

        @Test func `a burst of the limit passes, the next is refused and told when`() async throws {
            try await withStores { store in
                let limiter = RateLimiter(limit: 10, period: .seconds(1000), store: store)
                for left in (0..<10).reversed() {
                    let decision = try await limiter.check("a")
                    #expect(decision.isAllowed)
                    #expect(decision.remaining == left)
                    #expect(decision.retryAfter == .zero)
                }
                let refused = try await limiter.check("a")
                #expect(!refused.isAllowed)
                #expect(refused.remaining == 0)
                #expect(refused.retryAfter > .seconds(80) && refused.retryAfter <= .seconds(100))
                #expect(refused.resetAfter > .seconds(980) && refused.resetAfter <= .seconds(1000))
                #expect(try await limiter.check("b").isAllowed)
            }
        }

        @Test func `a request of several costs takes as many, or nothing`() async throws {
            try await withStores { store in
                let limiter = RateLimiter(limit: 5, period: .seconds(1000), store: store)
                let first = try await limiter.check("a", cost: 3)
                #expect(first.remaining == 2)
                #expect(try await limiter.check("a", cost: 3).isAllowed == false)
                #expect(try await limiter.check("a", cost: 2).isAllowed)
            }
        }

        @Test func `a refused request passes after the time it was told`() async throws {
            try await withStores { store in
                let limiter = RateLimiter(limit: 2, period: .milliseconds(600), store: store)
                _ = try await limiter.check("a")
                _ = try await limiter.check("a")
                let refused = try await limiter.check("a")
                #expect(!refused.isAllowed)
                try await Task.sleep(for: refused.retryAfter + .milliseconds(2))
                #expect(try await limiter.check("a").isAllowed)
            }
        }

        @Test func `of many at once exactly the limit passes`() async throws {
            try await withStores { store in
                let limiter = RateLimiter(limit: 50, period: .seconds(3600), store: store)
                let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<200 { group.addTask { try await limiter.check("a").isAllowed } }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(passed == 50)
            }
        }

        @Test func `a key at rest is forgotten`() async throws {
            try await withRedis { _, redis in
                let limiter = RateLimiter(limit: 10, period: .milliseconds(100), store: RedisRateLimitStore(redis))
                let decision = try await limiter.check("a")
                let rest = try #require(try await redis.send(["PTTL", "rate:a"]).integer)
                #expect(rest >= 0 && rest <= 12)
                #expect(decision.resetAfter <= .milliseconds(10))
            }
        }

        @Test func `without Redis requests pass, are counted, and wait only once a pause`() async throws {
            try await withRedis(change: { $0.acquireTimeout = .milliseconds(300) }) { server, redis in
                let failures = Guarded(0)
                let store = RedisRateLimitStore(
                    redis, pause: .seconds(3600), onUnavailable: { _ in failures.with { $0 += 1 } })
                let limiter = RateLimiter(limit: 1, period: .seconds(3600), store: store)
                let first = try await limiter.check("a")
                #expect(first.isAllowed)
                #expect(try await limiter.check("a").isAllowed == false)
                await server.stop()
                for _ in 0..<100 { #expect(try await limiter.check("a").isAllowed) }
                #expect(store.unavailableCount == 100)
                #expect(failures.with { $0 } == 1)
            }
        }

        @Test func `the limit holds again when Redis is back, its script forgotten`() async throws {
            try await withRedis(change: { $0.acquireTimeout = .milliseconds(300) }) { server, redis in
                let store = RedisRateLimitStore(redis, pause: .zero, fallback: MemoryRateLimitStore())
                let limiter = RateLimiter(limit: 1, period: .seconds(3600), store: store)
                #expect(try await limiter.check("a").isAllowed)
                await server.stop()
                #expect(try await limiter.check("a").isAllowed)
                #expect(try await limiter.check("a").isAllowed == false)
                try await server.start()
                let deadline = ContinuousClock.now + .seconds(10)
                while (try? await redis.send(["PING"])) == nil, ContinuousClock.now < deadline {}
                let before = store.unavailableCount
                #expect(try await limiter.check("b").isAllowed)
                #expect(try await limiter.check("b").isAllowed == false)
                #expect(store.unavailableCount == before)
            }
        }
    }
#endif
