import Foundation
import ServerTestSupport
import Testing

@Suite("Health and metrics, end to end", .serialized)
struct OperationTests {
    @Test("health answers in the documented keys", arguments: TestDatabase.available)
    func health(_ database: TestDatabase) async throws {
        try await RunningServer.with(database: try await database.address()) { server in
            let health = try await server.get("/api/v1/health")
            #expect(health.status == 200)
            let report = try health.json()
            #expect(Set(report.keys) == ["status", "timestamp", "version", "checks"])
            #expect(["healthy", "degraded"].contains(report["status"] as? String))
            let checks = try #require(report["checks"] as? [String: any Sendable])
            #expect(Set(checks.keys).isSuperset(of: ["api", "database", "disk_space", "memory"]))

            let live = try await server.get("/api/v1/health/live")
            #expect(live.status == 200)
            #expect(try live.json()["status"] as? String == "alive")
            let ready = try await server.get("/api/v1/health/ready")
            #expect(try ready.json()["status"] as? String == "ready")

            let pool = try await server.get("/api/v1/health/database").json()
            #expect(Set(pool.keys) == ["status", "pool_size", "checked_out_connections", "overflow", "total"])
            #expect(pool["status"] as? String == "healthy")
        }
    }

    @Test("promtool finds nothing wrong with the scrape", arguments: TestDatabase.available)
    func scrape(_ database: TestDatabase) async throws {
        try await RunningServer.with(database: try await database.address()) { server in
            _ = try await server.generate(#"{"preset": "training_exercise", "total_patients": 100}"#)
            let scrape = try await server.get("/metrics")
            #expect(scrape.status == 200)
            #expect(scrape.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            for name in [
                "api_requests_total{", "api_request_duration_seconds_bucket{", "db_connections_active",
                "db_query_duration_seconds",
                "patients_generated_total", "generation_duration_seconds", "job_queue_size", "job_execution_seconds",
                "process_resident_memory_bytes",
            ] {
                #expect(scrape.text.contains(name), "the scrape has \(name)")
            }
            let file = "\(server.folder)/scrape.txt"
            try scrape.body.write(to: URL(fileURLWithPath: file))
            let lint = try await ChildProcess.run("/bin/sh", ["-c", "promtool check metrics < '\(file)' 2>&1"])
            #expect(lint.isEmpty)
        }
    }

    @Test("every response says how long it took and which request it was")
    func headers() async throws {
        try await RunningServer.with { server in
            let answer = try await server.get("/api/v1/health/live", headers: ["X-Request-ID": "abc-123"])
            #expect(answer.headers["x-response-time"].flatMap(Double.init) != nil)
            #expect(answer.headers["x-request-id"] == "abc-123")
            let forged = try await server.get("/api/v1/health/live", headers: ["X-Request-ID": "a b\"c"])
            #expect(forged.headers["x-request-id"] != "a b\"c")
        }
    }
}
