#if Redis
    import DriverExecutors

    /// Values that are dear to make and may be some time old.
    ///
    /// ```swift
    /// let cache = Cache(RedisCacheStore(redis))
    /// let report = try await cache.value("report:7", ttl: .seconds(60)) { try await makeReport(7) }
    /// ```
    ///
    /// However many ask for a key that is not there, in one process or in many, one makes it and the others wait for it
    /// ("stampede"). A maker that fails or dies holds nobody up for longer than `patience`. A store that does not answer
    /// is left alone for `pause`: values are then made by whoever asks, and counted in ``unavailableCount``.
    public final class Cache: Sendable {
        private struct State {
            var flights: [String: (id: Int, task: Task<[UInt8], any Error>)] = [:]
            var lastID = 0
            var unavailable = 0
            var pauseEnds: ContinuousClock.Instant?
        }

        private let store: any CacheStore
        private let patience: Duration
        private let pause: Duration
        private let onUnavailable: (@Sendable (any Error) -> Void)?
        private let clock: @Sendable () -> ContinuousClock.Instant
        private let state = SystemLock(State())

        /// A cache.
        /// - Parameters:
        ///   - patience: How long another process may take to make a value before this one makes it as well.
        ///   - pause: How long the store is left alone after it failed.
        ///   - onUnavailable: Is told of each failure of the store.
        ///   - clock: The time that pauses are measured by; tests bring their own.
        public init(
            _ store: any CacheStore, patience: Duration = .seconds(5), pause: Duration = .seconds(1),
            onUnavailable: (@Sendable (any Error) -> Void)? = nil,
            clock: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
        ) {
            self.store = store
            self.patience = patience
            self.pause = pause
            self.onUnavailable = onUnavailable
            self.clock = clock
        }

        /// The value of a key, made when it is not there. A caller that is cancelled leaves the making to the others.
        /// - Throws: What `make` throws; `CancellationError`.
        public func value(
            _ key: String, ttl: Duration, make: @escaping @Sendable () async throws -> [UInt8]
        ) async throws -> [UInt8] {
            if let found = await attempt({ try await self.store.value(key) }) ?? nil { return found }
            try Task.checkCancellation()
            let task = state.withLock { state in
                if let flight = state.flights[key] { return flight.task }
                state.lastID += 1
                let id = state.lastID
                let task = Task { [self] in
                    defer { land(key, id) }
                    return try await fetch(key, ttl: ttl, make: make)
                }
                state.flights[key] = (id, task)
                return task
            }
            return try await task.value
        }

        /// Forgets a value everywhere; one that is being made is given to those who wait, and not kept.
        public func remove(_ key: String) async {
            state.withLock { $0.flights[key] = nil }
            await attempt { try await self.store.remove(key) }
        }

        /// How often the store was not there.
        public var unavailableCount: Int { state.withLock { $0.unavailable } }

        private func land(_ key: String, _ id: Int) {
            state.withLock { if $0.flights[key]?.id == id { $0.flights[key] = nil } }
        }

        private func fetch(
            _ key: String, ttl: Duration, make: @Sendable () async throws -> [UInt8]
        ) async throws -> [UInt8] {
            let deadline = ContinuousClock.now + patience
            var wait = Duration.milliseconds(2)
            while true {
                // The one before may have finished between the look and the flight.
                if let found = await attempt({ try await self.store.value(key) }) ?? nil { return found }
                guard let answer = await attempt({ try await self.store.beginMaking(key, lease: self.patience) }) else {
                    return try await make()
                }
                if let token = answer {
                    // So may one elsewhere between this look and the right to make it: once the right is held, nobody
                    // else writes.
                    if let found = await attempt({ try await self.store.value(key) }) ?? nil {
                        await attempt { try await self.store.abandonMaking(key, token: token) }
                        return found
                    }
                    return try await fill(key, token: token, ttl: ttl, make)
                }
                guard ContinuousClock.now < deadline else { return try await make() }
                try await Task.sleep(for: wait)
                wait = min(wait * 2, .milliseconds(100))
            }
        }

        private func fill(
            _ key: String, token: String, ttl: Duration, _ make: @Sendable () async throws -> [UInt8]
        ) async throws -> [UInt8] {
            do {
                let value = try await make()
                await attempt {
                    try await self.store.finishMaking(key, token: token, value: value, ttl: ttl)
                }
                return value
            } catch {
                await attempt { try await self.store.abandonMaking(key, token: token) }
                throw error
            }
        }

        /// The store's answer; `nil` when it has none to give.
        @discardableResult
        private func attempt<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async -> Answer? {
            let now = clock()
            let isPaused = state.withLock { state in
                guard let end = state.pauseEnds, now < end else { return false }
                state.unavailable += 1
                return true
            }
            if isPaused { return nil }
            do {
                return try await body()
            } catch is CancellationError {
                return nil
            } catch {
                state.withLock { state in
                    state.unavailable += 1
                    state.pauseEnds = clock() + pause
                }
                onUnavailable?(error)
                return nil
            }
        }
    }
#endif
