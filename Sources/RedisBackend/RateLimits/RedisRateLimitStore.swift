#if Redis
    import DriverExecutors
    public import RateLimiting

    /// Arrival times in Redis: one limit for all servers that share it, by Redis' own clock.
    ///
    /// ```swift
    /// let store = RedisRateLimitStore(redis)
    /// let limiter = RateLimiter(limit: 100, period: .seconds(60), store: store)
    /// ```
    ///
    /// A service does not fall with its Redis: while Redis does not answer, requests pass (or the limits of `fallback`
    /// hold), are counted in ``unavailableCount``, and Redis is asked again after a pause. One round trip a decision;
    /// half a microsecond is the finest difference it knows.
    public final class RedisRateLimitStore: RateLimitStore {
        private struct State {
            var sha: String?
            var unavailable = 0
            var pauseEnds: ContinuousClock.Instant?
        }

        private let redis: RedisClient
        private let prefix: String
        private let pause: Duration
        private let fallback: (any RateLimitStore)?
        private let onUnavailable: (@Sendable (any Error) -> Void)?
        private let clock: @Sendable () -> ContinuousClock.Instant
        private let state = SystemLock(State())

        /// A store.
        /// - Parameters:
        ///   - prefix: Begins every key.
        ///   - pause: How long Redis is left alone after it did not answer, so that requests do not queue for it.
        ///   - fallback: Decides while Redis does not answer, such as a ``RateLimiting/MemoryRateLimitStore``; `nil`
        ///     lets every request pass.
        ///   - onUnavailable: Is told of each failure of Redis, on the task that met it; not of requests in a pause.
        ///   - clock: The time that pauses are measured by; tests bring their own.
        public init(
            _ redis: RedisClient, prefix: String = "rate:", pause: Duration = .seconds(1),
            fallback: (any RateLimitStore)? = nil, onUnavailable: (@Sendable (any Error) -> Void)? = nil,
            clock: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
        ) {
            self.redis = redis
            self.prefix = prefix
            self.pause = pause
            self.fallback = fallback
            self.onUnavailable = onUnavailable
            self.clock = clock
        }

        /// Decides and notes, in one step of Redis.
        /// - Throws: `CancellationError`, and what the fallback throws; never because of Redis.
        public func decide(_ key: String, rule: GCRA, cost: Int) async throws -> RateLimitDecision {
            let now = clock()
            let isPaused = state.withLock { state in
                guard let end = state.pauseEnds, now < end else { return false }
                state.unavailable += 1
                return true
            }
            if !isPaused {
                do {
                    return try await ask(key, rule, cost)
                } catch let error as CancellationError {
                    throw error
                } catch {
                    state.withLock {
                        $0.unavailable += 1
                        $0.pauseEnds = now + pause
                    }
                    onUnavailable?(error)
                }
            }
            if let fallback { return try await fallback.decide(key, rule: rule, cost: cost) }
            return RateLimitDecision(isAllowed: true, remaining: 0, retryAfter: .zero, resetAfter: .zero)
        }

        /// How many decisions were made without Redis since the start.
        public var unavailableCount: Int { state.withLock { $0.unavailable } }

        private func ask(_ key: String, _ rule: GCRA, _ cost: Int) async throws -> RateLimitDecision {
            let arguments: [any RedisArgument] = [
                1, prefix + key, rule.interval.microseconds, rule.tolerance.microseconds, max(1, cost),
            ]
            let reply = try await redis.withConnection { connection in
                if let sha = self.state.withLock({ $0.sha }) {
                    do {
                        return try await connection.send(RedisCommand("EVALSHA", arguments: [sha] + arguments))
                    } catch let error as RedisError where error.code == .unknownScript {
                        // The server was restarted: the script is sent again.
                    }
                }
                guard let sha = try await connection.send(["SCRIPT", "LOAD", rateLimitScript]).string else {
                    throw RedisError(.unexpectedReply, "SCRIPT LOAD gave no hash; is this a Redis server?")
                }
                self.state.withLock { $0.sha = sha }
                return try await connection.send(RedisCommand("EVALSHA", arguments: [sha] + arguments))
            }
            let figures = reply.array?.compactMap(\.integer) ?? []
            guard figures.count == 4 else {
                throw RedisError(.unexpectedReply, "the rate limit script gave no decision; is this a Redis server?")
            }
            return RateLimitDecision(
                isAllowed: figures[0] == 1, remaining: Int(figures[1]), retryAfter: .microseconds(figures[2]),
                resetAfter: .microseconds(figures[3]))
        }
    }

    extension Duration {
        /// Microseconds with decimals, as the script reads them.
        fileprivate var microseconds: String {
            let (seconds, attoseconds) = components
            return String(Double(seconds) * 1e6 + Double(attoseconds) / 1e12)
        }
    }

    /// `GCRA.decide` in Lua, in microseconds since 1970. A double holds these to a quarter of a microsecond, so that
    /// comparisons allow for half of one. A refusal writes nothing.
    private let rateLimitScript = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local interval, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
        local earliest = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
        local following = earliest + interval * tonumber(ARGV[3])
        local ahead = following - now
        if ahead > tolerance + 0.5 then
            local left = math.floor((tolerance - (earliest - now) + 0.5) / interval)
            return {0, math.max(0, left), math.ceil(ahead - tolerance), math.ceil(earliest - now)}
        end
        redis.call('SET', KEYS[1], string.format('%.3f', following), 'PX', math.ceil(ahead / 1000) + 1)
        return {1, math.max(0, math.floor((tolerance - ahead + 0.5) / interval)), 0, math.ceil(ahead)}
        """
#endif
