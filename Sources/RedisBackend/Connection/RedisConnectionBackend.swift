#if Redis
    public import ConnectionPool
    import DriverExecutors

    /// What a pool needs to know of Redis connections.
    public struct RedisConnectionBackend: ConnectionBackend {
        let configuration: RedisConfiguration
        let threads: ThreadExecutor

        /// Connects, authenticates and selects the database on one of the threads.
        public func connect() async throws -> RedisConnection {
            let context = try await threads.run { () throws in SendableBox(try Context(configuration)) }
            return RedisConnection(context: context.value, threads: threads)
        }

        /// Asks for a `PONG`.
        public func validate(_ connection: RedisConnection) async throws { try await connection.send(["PING"]) }

        /// Whether neither side has closed it.
        public func isOpen(_ connection: RedisConnection) -> Bool? { connection.context.withLock { $0.isOpen } }

        /// Clean, unless it failed.
        public func returnState(of connection: RedisConnection) -> ConnectionReturnState {
            isOpen(connection) == true ? .clean : .broken
        }

        /// Closes the socket.
        public func close(_ connection: RedisConnection) async { await connection.close() }

        /// A connection that failed goes; a server that takes no writes any more is left by all.
        public func disposition(of error: any Error) -> ConnectionDisposition {
            guard let error = error as? RedisError else { return .keep }
            if error.code == .readOnly { return .evictAll }
            return error.closesConnection ? .evict : .keep
        }
    }

    /// A fresh handle on its way from the thread that made it.
    // Whoever makes it hands it over and forgets it.
    private struct SendableBox: @unchecked Sendable {
        let value: Context
        init(_ value: Context) { self.value = value }
    }
#endif
