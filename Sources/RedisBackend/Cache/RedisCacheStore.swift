#if Redis
    /// Values in Redis, which all processes that use it share. Two keys an entry: the value, and while it is made
    /// `…:making` with the maker's token.
    public struct RedisCacheStore: CacheStore {
        private let redis: RedisClient
        private let prefix: String

        /// A store.
        /// - Parameter prefix: Begins every key.
        public init(_ redis: RedisClient, prefix: String = "cache:") {
            self.redis = redis
            self.prefix = prefix
        }

        /// The value of a key.
        /// - Throws: ``RedisError``, `PoolError`, `CancellationError`; as all calls here.
        public func value(_ key: String) async throws -> [UInt8]? {
            try await redis.send(RedisCommand("GET", prefix + key)).bytes
        }

        /// Takes the right to make a value.
        public func beginMaking(_ key: String, lease: Duration) async throws -> String? {
            let token = String(UInt64.random(in: .min ... .max), radix: 36)
            let reply = try await redis.send(
                RedisCommand("SET", making(key), token, "NX", "PX", milliseconds(lease)))
            return reply.isNull ? nil : token
        }

        /// Keeps a value, in one step with the look at the token.
        @discardableResult
        public func finishMaking(_ key: String, token: String, value: [UInt8], ttl: Duration) async throws -> Bool {
            let script = """
                if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
                redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
                redis.call('DEL', KEYS[2])
                return 1
                """
            return try await redis.send(
                RedisCommand("EVAL", script, 2, prefix + key, making(key), token, value, milliseconds(ttl))
            ).integer == 1
        }

        /// Gives the right back.
        public func abandonMaking(_ key: String, token: String) async throws {
            let script = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"
            try await redis.send(RedisCommand("EVAL", script, 1, making(key), token))
        }

        /// Forgets a value.
        public func remove(_ key: String) async throws {
            try await redis.send(RedisCommand("DEL", prefix + key, making(key)))
        }

        private func making(_ key: String) -> String { prefix + key + ":making" }

        private func milliseconds(_ duration: Duration) -> Int {
            max(1, Int(duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000))
        }
    }
#endif
