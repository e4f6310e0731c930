import Foundation
import ServerTestSupport
import Testing

@Suite("Redis behind servers", .serialized, .enabled(if: RedisServer.canStart, "needs redis-server"))
struct SharedStateTests {
    @Test func `servers share a limit through Redis, and serve on without it`() async throws {
        let redis = try await RedisServer.start()
        let environment = ["REDIS_URL": "redis://127.0.0.1:\(redis.port)/1", "REQUESTS_PER_MINUTE": "40"]
        let first = try await RunningServer.start(environment: environment)
        let second = try await RunningServer.start(environment: environment)
        var codes: [Int] = []
        for index in 0..<50 {
            codes.append(try await (index % 2 == 0 ? first : second).get("/api/v1/presets").status)
        }
        let passed = codes.filter { $0 == 200 }.count
        #expect((40...42).contains(passed) && codes.filter { $0 == 429 }.count == 50 - passed, "\(codes)")
        #expect(try await first.get("/api/v1/health").json()["status"] as? String == "healthy")
        #expect(await first.stop() == 0)
        #expect(await second.stop() == 0)
        await redis.stop()
    }

    @Test func `Redis stopped and started under load fails no request, and is counted`() async throws {
        let redis = try await RedisServer.start()
        let environment = ["REDIS_URL": "redis://127.0.0.1:\(redis.port)"]
        try await RunningServer.with(environment: environment) { server in
            let (id, _) = try await server.generate(#"{"preset":"training_exercise","total_patients":30}"#)
            let (codes, before, during) = try await withThrowingTaskGroup(of: [Int].self) { group in
                let ends = Guarded(false)
                for _ in 0..<4 {
                    group.addTask {
                        var codes: [Int] = []
                        while !ends.with({ $0 }) {
                            codes.append(try await server.get("/api/v1/jobs/\(id)").status)
                            codes.append(try await server.get("/api/v1/presets").status)
                        }
                        return codes
                    }
                }
                try await Task.sleep(for: .milliseconds(200))
                let before = try await failures(server)
                await redis.stop()
                while try await failures(server) < before + 2 { try await Task.sleep(for: .milliseconds(20)) }
                while try await status(server) != "degraded" { try await Task.sleep(for: .milliseconds(50)) }
                let during = try await failures(server)
                try await redis.start()
                while try await status(server) != "healthy" { try await Task.sleep(for: .milliseconds(50)) }
                ends.with { $0 = true }
                return (try await group.reduce(into: []) { $0 += $1 }, before, during)
            }
            #expect(codes.count > 20 && codes.allSatisfy { $0 == 200 }, "\(Set(codes)) of \(codes.count)")
            #expect(before == 0 && during >= 2)
        }
        await redis.stop()
    }

    private func failures(_ server: RunningServer) async throws -> Double {
        try await server.metric("redis_failures_total")
    }

    private func status(_ server: RunningServer) async throws -> String? {
        try await server.get("/api/v1/health").json()["status"] as? String
    }
}
