#if Redis
    import RedisBackend
    import Testing
    import TestServers

    @Suite(.enabled(if: RedisServer.canStart, "needs redis-server"), .serialized)
    struct ClientTests {
        @Test func `replies of every type come back as they are`() async throws {
            try await withRedis { _, redis in
                #expect(try await redis.send(["SET", "ward", "full"]) == .status("OK"))
                #expect(try await redis.send(["GET", "ward"]).string == "full")
                #expect(try await redis.send(["GET", "nothing"]).isNull)
                #expect(try await redis.send(RedisCommand("INCRBY", "count", 41)).integer == 41)
                let bytes: [UInt8] = [0, 13, 10, 255, 0]
                try await redis.send(RedisCommand("SET", "raw", bytes))
                #expect(try await redis.send(["GET", "raw"]).bytes == bytes)
                #expect(
                    try await redis.send(["MGET", "ward", "nothing"]) == .array([.bytes(Array("full".utf8)), .null]))
                #expect(try await redis.send(RedisCommand("SET", "empty", "")) == .status("OK"))
                #expect(try await redis.send(["GET", "empty"]).bytes == [])
            }
        }

        @Test func `a pipeline answers in order and goes on after a refused command`() async throws {
            try await withRedis { _, redis in
                let commands = (0..<1000).map { RedisCommand("INCRBY", "sum", $0) }
                let replies = try await redis.pipeline(commands)
                #expect(replies.count == 1000)
                #expect(replies.last?.integer == 499_500)
                let mixed = try await redis.pipeline([["SET", "a", "x"], ["INCR", "a"], ["GET", "a"]])
                #expect(mixed[0] == .status("OK"))
                guard case .error(let text) = mixed[1] else {
                    Issue.record("INCR of a text was not refused")
                    return
                }
                #expect(text.contains("not an integer"))
                #expect(mixed[2].string == "x")
            }
        }

        @Test func `a wrong password is refused with what to do, and never shown`() async throws {
            try await withRedis(["--requirepass", "correct-horse"]) { server, _ in
                var configuration = server.configuration()
                configuration.password = "wrong-battery"
                configuration.acquireTimeout = .milliseconds(500)
                let client = try RedisClient(configuration)
                let error = await redisError { try await client.send(["PING"]) }
                #expect(error?.code == .notPermitted)
                #expect(error?.message.contains("check username") == true)
                #expect(
                    !"\(String(describing: error)) \(configuration) \(String(reflecting: configuration))"
                        .contains("battery"))
                await client.shutdown()

                configuration.password = "correct-horse"
                configuration.database = 3
                let other = try RedisClient(configuration)
                try await other.send(["SET", "here", "1"])
                #expect(try await other.send(["CLIENT", "INFO"]).string?.contains(" db=3 ") == true)
                await other.shutdown()
            }
        }

        @Test func `a killed server gives an error with its address, and serves again once it is back`() async throws {
            try await withRedis(change: { $0.acquireTimeout = .milliseconds(500) }) { server, redis in
                try await redis.send(["PING"])
                await server.stop()
                let error = await redisError { try await redis.send(["PING"]) }
                #expect(error != nil)
                #expect(error?.message.contains("127.0.0.1:\(server.port)") == true)
                try await server.start()
                let deadline = ContinuousClock.now + .seconds(10)
                while (try? await redis.send(["PING"]).string) != "PONG", ContinuousClock.now < deadline {}
                #expect(try await redis.send(["PING"]).string == "PONG")
            }
        }

        @Test func `a reply that is late is a timeout and is never taken for another's`() async throws {
            try await withRedis(change: { $0.commandTimeout = .milliseconds(200) }) { server, redis in
                try await redis.send(["SET", "a", "1"])
                server.freeze()
                let error = await redisError { try await redis.send(["GET", "a"]) }
                server.thaw()
                #expect(error?.code == .timeout)
                #expect(error?.message.contains("commandTimeout") == true)
                try await redis.send(["SET", "b", "2"])
                for _ in 0..<50 { #expect(try await redis.send(["GET", "b"]).string == "2") }
            }
        }

        @Test func `a full memory is named with its remedy and keeps the connection`() async throws {
            try await withRedis(["--maxmemory", "1500kb", "--maxmemory-policy", "noeviction"]) { _, redis in
                let error = await redisError {
                    let block = String(repeating: "x", count: 100_000)
                    for number in 0..<200 { try await redis.send(RedisCommand("SET", "k\(number)", block)) }
                }
                #expect(error?.code == .outOfMemory)
                #expect(error?.message.contains("maxmemory-policy") == true)
                let answer = try await redis.send(["PING"])
                #expect(answer.string == "PONG")
            }
        }

        @Test func `settings out of range are named with their rule`() {
            func message(_ change: (inout RedisConfiguration) -> Void) -> String? {
                var configuration = RedisConfiguration()
                change(&configuration)
                do throws(RedisError) { try configuration.validate() } catch { return error.message }
                return nil
            }
            #expect(message { _ in } == nil)
            #expect(message { $0.port = 0 }?.contains("port must be from 1 to 65535, it is 0") == true)
            #expect(message { $0.database = -1 }?.contains("database") == true)
            #expect(message { $0.connections = 0 }?.contains("connections") == true)
            #expect(message { $0.commandTimeout = .zero }?.contains("commandTimeout") == true)
            #expect(message { $0.username = "u" }?.contains("password") == true)
            #expect(message { $0.unixSocket = "" }?.contains("unixSocket") == true)
        }
    }
#endif
