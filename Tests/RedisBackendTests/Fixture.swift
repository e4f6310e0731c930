#if Redis
    import ConnectionPool
    import RedisBackend
    import TestServers

    extension RedisServer {
        func configuration() -> RedisConfiguration {
            RedisConfiguration(
                port: port, connectTimeout: .seconds(5), commandTimeout: .seconds(5), acquireTimeout: .seconds(10))
        }
    }

    /// A server and a client of it, for the time of a closure.
    func withRedis(
        _ options: [String] = [], change: (inout RedisConfiguration) -> Void = { _ in },
        _ body: (RedisServer, RedisClient) async throws -> Void
    ) async throws {
        let server = try await RedisServer.start(options)
        var configuration = server.configuration()
        change(&configuration)
        let client = try RedisClient(configuration)
        do {
            try await body(server, client)
        } catch {
            await client.shutdown()
            await server.stop()
            throw error
        }
        await client.shutdown()
        await server.stop()
    }

    /// The failure of Redis within an error, however a pool wrapped it.
    func redisError(_ body: () async throws -> Void) async -> RedisError? {
        do {
            try await body()
            return nil
        } catch let error as RedisError {
            return error
        } catch {
            return (error as? PoolError)?.underlying as? RedisError
        }
    }
#endif
