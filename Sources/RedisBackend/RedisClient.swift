#if Redis
    public import ConnectionPool
    import DriverExecutors

    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #else
        import Darwin
    #endif

    /// A Redis server, through a few pooled connections.
    ///
    /// ```swift
    /// let redis = try RedisClient(RedisConfiguration(host: "cache-1"))
    /// try await redis.send(["SET", "ward:7", "full", "EX", "60"])
    /// let state = try await redis.send(["GET", "ward:7"]).string
    /// await redis.shutdown()
    /// ```
    ///
    /// It works from the moment it is made. ``run()`` adds housekeeping. A first client has the process ignore SIGPIPE,
    /// unless the process handles that signal: hiredis would end it when a server goes away.
    public final class RedisClient: Sendable {
        /// The settings.
        public let configuration: RedisConfiguration
        let pool: Pool<RedisConnectionBackend>
        private let threads: ThreadExecutor

        /// Prepares a client; the first connection is made when it is first used.
        /// - Parameter observer: Is told what happens in the pool.
        /// - Throws: ``RedisError`` with the code ``RedisError/Code/invalidConfiguration``; another error when the
        ///   process has no thread left.
        public init(_ configuration: RedisConfiguration, observer: (any PoolObserver)? = nil) throws {
            try configuration.validate()
            Self.ignoreBrokenPipes
            self.configuration = configuration
            let threads = try ThreadExecutor(name: "redis", threads: configuration.connections)
            let settings = PoolConfiguration(
                size: configuration.connections, maxOverflow: 0, timeout: configuration.acquireTimeout,
                backoffBase: .milliseconds(50), backoffCap: .seconds(1))
            do {
                pool = try Pool(
                    backend: RedisConnectionBackend(configuration: configuration, threads: threads),
                    configuration: settings, observer: observer)
            } catch {
                threads.stop()
                throw error
            }
            self.threads = threads
        }

        deinit { threads.stop() }

        private static let ignoreBrokenPipes: Void = {
            var action = sigaction()
            guard sigaction(SIGPIPE, nil, &action) == 0 else { return }
            #if canImport(Darwin)
                let isDefault = action.__sigaction_u.__sa_handler == nil
            #else
                let isDefault = action.__sigaction_handler.sa_handler == nil
            #endif
            if isDefault { signal(SIGPIPE, SIG_IGN) }
        }()

        /// Sends a command and waits for its reply.
        /// - Throws: ``RedisError``, `PoolError`, `CancellationError`.
        @discardableResult
        public func send(
            _ command: RedisCommand, file: StaticString = #fileID, line: UInt = #line
        ) async throws -> RedisValue {
            try await withConnection(file: file, line: line) { try await $0.send(command) }
        }

        /// Sends commands in one go and waits for their replies; see ``RedisConnection/pipeline(_:)``.
        /// - Throws: ``RedisError``, `PoolError`, `CancellationError`.
        public func pipeline(
            _ commands: [RedisCommand], file: StaticString = #fileID, line: UInt = #line
        ) async throws -> [RedisValue] {
            try await withConnection(file: file, line: line) { try await $0.pipeline(commands) }
        }

        /// Lends a connection, for commands that belong together.
        /// - Throws: ``RedisError``, `PoolError`, `CancellationError`, and what the body throws.
        public func withConnection<Result: Sendable>(
            file: StaticString = #fileID, line: UInt = #line,
            _ body: @Sendable (RedisConnection) async throws -> Result
        ) async throws -> Result {
            try await pool.withConnection(file: file, line: line, body)
        }

        /// The pool at this moment.
        public var statistics: PoolStatistics { pool.statistics }

        /// Keeps house until the task is cancelled, then shuts the client down.
        public func run() async {
            await pool.run()
            await shutdown()
        }

        /// Waits for what is lent, closes all connections and ends the threads.
        public func shutdown() async {
            await pool.shutdown()
            threads.stop()
        }
    }
#endif
