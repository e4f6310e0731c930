#if Redis
    import RedisBackend
    import Testing
    import TestServers

    /// The same rules for a store in memory and one in Redis.
    @Suite(.enabled(if: RedisServer.canStart, "needs redis-server"), .serialized)
    struct CacheTests {
        private func withStores(_ body: (any CacheStore) async throws -> Void) async throws {
            try await body(MemoryCacheStore())
            try await withRedis { _, redis in try await body(RedisCacheStore(redis)) }
        }

        @Test func `a value is made once and then found, whatever its bytes`() async throws {
            try await withStores { store in
                let cache = Cache(store)
                let made = Guarded(0)
                for bytes in [[], [0, 13, 10, 255], Array("text".utf8)] as [[UInt8]] {
                    for _ in 0..<3 {
                        let value = try await cache.value("k\(bytes)", ttl: .seconds(60)) {
                            made.with { $0 += 1 }
                            return bytes
                        }
                        #expect(value == bytes)
                    }
                }
                #expect(made.with { $0 } == 3)
                #expect(cache.unavailableCount == 0)
            }
        }

        @Test func `a hundred at once, through two caches, make one value`() async throws {
            try await withStores { store in
                let caches = [Cache(store), Cache(store)]
                let made = Guarded(0)
                let values = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                    for index in 0..<100 {
                        group.addTask {
                            try await caches[index % 2].value("k", ttl: .seconds(60)) {
                                made.with { $0 += 1 }
                                try await Task.sleep(for: .milliseconds(50))
                                return [7]
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(values.allSatisfy { $0 == [7] } && values.count == 100)
                #expect(made.with { $0 } == 1)
            }
        }

        /// Somebody elsewhere finishes a value just before the right to make it is asked for.
        private struct Elsewhere: CacheStore {
            let store: any CacheStore

            func value(_ key: String) async throws -> [UInt8]? { try await store.value(key) }
            func beginMaking(_ key: String, lease: Duration) async throws -> String? {
                if let token = try await store.beginMaking(key, lease: lease) {
                    try await store.finishMaking(key, token: token, value: [9], ttl: .seconds(60))
                }
                return try await store.beginMaking(key, lease: lease)
            }
            func finishMaking(_ key: String, token: String, value: [UInt8], ttl: Duration) async throws -> Bool {
                try await store.finishMaking(key, token: token, value: value, ttl: ttl)
            }
            func abandonMaking(_ key: String, token: String) async throws {
                try await store.abandonMaking(key, token: token)
            }
            func remove(_ key: String) async throws { try await store.remove(key) }
        }

        @Test func `a value that was finished elsewhere between the look and the right is not made again`() async throws
        {
            try await withStores { store in
                let value = try await Cache(Elsewhere(store: store)).value("k", ttl: .seconds(60)) { [1] }
                #expect(value == [9])
                // The right was given back.
                #expect(try await store.beginMaking("k", lease: .seconds(1)) != nil)
            }
        }

        @Test func `a value ends with its time`() async throws {
            try await withStores { store in
                let cache = Cache(store)
                _ = try await cache.value("k", ttl: .milliseconds(30)) { [1] }
                try await Task.sleep(for: .milliseconds(40))
                let without = try await cache.value("k", ttl: .seconds(60)) { [2] }
                #expect(without == [2])
            }
        }

        @Test func `a removed value is made again, and one in the making is not kept`() async throws {
            try await withStores { store in
                let cache = Cache(store)
                _ = try await cache.value("k", ttl: .seconds(60)) { [1] }
                await cache.remove("k")
                let stale = try await cache.value("k", ttl: .seconds(60)) {
                    await cache.remove("k")
                    return [2]
                }
                #expect(stale == [2])
                #expect(try await cache.value("k", ttl: .seconds(60)) { [3] } == [3])
            }
        }

        @Test func `a maker that fails fails for those who wait, and the next tries again`() async throws {
            struct Broken: Error {}
            try await withStores { store in
                let cache = Cache(store)
                await #expect(throws: Broken.self) {
                    _ = try await cache.value("k", ttl: .seconds(60)) { throw Broken() }
                }
                let next = try await cache.value("k", ttl: .seconds(60)) { [1] }
                #expect(next == [1])
            }
        }

        @Test func `a maker that died is waited for no longer than the patience`() async throws {
            try await withStores { store in
                let died = try await store.beginMaking("k", lease: .seconds(60))
                #expect(died != nil)
                let cache = Cache(store, patience: .milliseconds(60))
                #expect(try await cache.value("k", ttl: .seconds(60)) { [1] } == [1])
            }
        }

        @Test func `a maker whose lease ended does not overwrite its successor's value`() async throws {
            try await withStores { store in
                let token = try await store.beginMaking("k", lease: .milliseconds(5))
                let late = try #require(token)
                try await Task.sleep(for: .milliseconds(15))
                let next = try #require(try await store.beginMaking("k", lease: .seconds(60)))
                #expect(try await store.finishMaking("k", token: late, value: [1], ttl: .seconds(60)) == false)
                #expect(try await store.finishMaking("k", token: next, value: [2], ttl: .seconds(60)))
                #expect(try await store.value("k") == [2])
            }
        }

        @Test func `memory keeps to its bytes and lets the value nearest to its end go`() {
            let store = MemoryCacheStore(maximumBytes: 30)
            for (index, ttl) in [10, 5, 20].enumerated() {
                let token = store.beginMaking("\(index)", lease: .seconds(1)) ?? ""
                #expect(
                    store.finishMaking(
                        "\(index)", token: token, value: [UInt8](repeating: 0, count: 9), ttl: .seconds(ttl)))
            }
            #expect(store.size == 30)
            let token = store.beginMaking("3", lease: .seconds(1)) ?? ""
            #expect(store.finishMaking("3", token: token, value: [1], ttl: .seconds(1)))
            #expect(store.value("1") == nil && store.value("0") != nil && store.value("2") != nil)
            let large = store.beginMaking("4", lease: .seconds(1)) ?? ""
            #expect(!store.finishMaking("4", token: large, value: [UInt8](repeating: 0, count: 40), ttl: .seconds(1)))
        }

        @Test func `memory forgets what has ended, without being asked for it`() {
            let now = Guarded(ContinuousClock.now)
            let store = MemoryCacheStore(clock: { now.with { $0 } })
            func keep(_ key: String) {
                let token = store.beginMaking(key, lease: .seconds(1)) ?? ""
                store.finishMaking(key, token: token, value: [UInt8](repeating: 0, count: 99), ttl: .seconds(30))
            }
            for index in 0..<1000 { keep("\(1000 + index)") }
            #expect(store.size == 103_000)
            now.with { $0 += .seconds(61) }
            keep("next")
            #expect(store.size == 103)
        }

        @Test func `without Redis values are made by whoever asks, counted, and Redis is found again`() async throws {
            try await withRedis(change: { $0.acquireTimeout = .milliseconds(500) }) { server, redis in
                let told = Guarded(0)
                let cache = Cache(
                    RedisCacheStore(redis), pause: .milliseconds(1), onUnavailable: { _ in told.with { $0 += 1 } })
                _ = try await cache.value("k", ttl: .seconds(60)) { [1] }
                await server.stop()
                let without = try await cache.value("k", ttl: .seconds(60)) { [2] }
                #expect(without == [2])
                #expect(cache.unavailableCount > 0 && told.with { $0 } > 0)
                try await server.start()
                while (try? await redis.send(["PING"]).string) != "PONG" { await Task.yield() }
                // The pause of a millisecond is over by now.
                #expect(try await cache.value("k", ttl: .seconds(60)) { [3] } == [3])
                #expect(try await cache.value("k", ttl: .seconds(60)) { [4] } == [3])
            }
        }
    }
#endif
