#if Redis
    import DriverExecutors

    /// Values in this process's memory. Those past their end go within a minute of the next value's coming; those nearest to
    /// theirs go when there are too many bytes. Amortized O(log n) a value.
    public final class MemoryCacheStore: CacheStore {
        private struct State {
            var values: [String: (bytes: [UInt8], ends: ContinuousClock.Instant)] = [:]
            var makers: [String: (token: String, ends: ContinuousClock.Instant)] = [:]
            var size = 0
            var lastToken = 0
            var nextSweep: ContinuousClock.Instant?

            mutating func forget(_ key: String) {
                if let old = values.removeValue(forKey: key) { size -= old.bytes.count + key.utf8.count }
            }

            /// Forgets what has ended, at most once a minute or when room is short; then, an eighth at a time, what ends first.
            mutating func makeRoom(for bytes: Int, of maximum: Int, now: ContinuousClock.Instant) {
                if size + bytes > maximum || nextSweep.map({ $0 <= now }) ?? true {
                    for key in values.filter({ $0.value.ends <= now }).keys { forget(key) }
                    makers = makers.filter { $0.value.ends > now }
                    nextSweep = now + .seconds(60)
                }
                guard size + bytes > maximum else { return }
                let room = min(maximum - bytes, maximum - maximum / 8)
                for key in values.sorted(by: { $0.value.ends < $1.value.ends }).map(\.key) where size > room {
                    forget(key)
                }
            }
        }

        private let state = SystemLock(State())
        private let maximumBytes: Int
        private let clock: @Sendable () -> ContinuousClock.Instant

        /// A store.
        /// - Parameters:
        ///   - maximumBytes: The most bytes of keys and values; what is larger by itself is not kept.
        ///   - clock: The time; tests bring their own.
        public init(
            maximumBytes: Int = 16 << 20,
            clock: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
        ) {
            self.maximumBytes = max(0, maximumBytes)
            self.clock = clock
        }

        /// The value of a key; never throws.
        public func value(_ key: String) -> [UInt8]? {
            let now = clock()
            return state.withLock { state in
                guard let found = state.values[key] else { return nil }
                if found.ends > now { return found.bytes }
                state.forget(key)
                return nil
            }
        }

        /// Takes the right to make a value; never throws.
        public func beginMaking(_ key: String, lease: Duration) -> String? {
            let now = clock()
            return state.withLock { state in
                if let maker = state.makers[key], maker.ends > now { return nil }
                state.lastToken += 1
                let token = String(state.lastToken)
                state.makers[key] = (token, now + lease)
                return token
            }
        }

        /// Keeps a value; never throws.
        @discardableResult
        public func finishMaking(_ key: String, token: String, value: [UInt8], ttl: Duration) -> Bool {
            let now = clock()
            return state.withLock { state in
                guard state.makers[key]?.token == token else { return false }
                state.makers[key] = nil
                let size = value.count + key.utf8.count
                guard size <= maximumBytes else { return false }
                state.forget(key)
                state.makeRoom(for: size, of: maximumBytes, now: now)
                state.values[key] = (value, now + ttl)
                state.size += size
                return true
            }
        }

        /// Gives the right back; never throws.
        public func abandonMaking(_ key: String, token: String) {
            state.withLock { if $0.makers[key]?.token == token { $0.makers[key] = nil } }
        }

        /// Forgets a value; never throws.
        public func remove(_ key: String) {
            state.withLock { state in
                state.forget(key)
                state.makers[key] = nil
            }
        }

        /// Bytes of keys and values that are kept.
        public var size: Int { state.withLock { $0.size } }
    }
#endif
