#if Redis
    import ConnectionPool
    import ConnectionPoolTestKit
    import Testing

    @testable import RedisBackend

    @Suite struct ConformanceTests {
        @Test func `Redis connections keep all the rules a pool counts on`() async throws {
            try await withRedis { _, client in
                let suite = ConnectionBackendConformance(
                    backend: client.pool.backend,
                    kill: { victim in
                        let id = try await victim.send(["CLIENT", "ID"])
                        guard case .integer(let number) = id else { throw RedisError(.unexpectedReply, "no id: \(id)") }
                        try await client.send(["CLIENT", "KILL", "ID", "\(number)"])
                    })
                let failures = await suite.run()
                #expect(failures.isEmpty, "\(failures)")
            }
        }
    }
#endif
