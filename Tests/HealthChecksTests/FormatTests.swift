import Foundation
import Testing

@testable import HealthChecks

@Suite("Report formats")
struct FormatTests {
    /// A registry with one well, one failing check.
    private func registry() async -> HealthRegistry {
        let health = HealthRegistry(wall: { Date(timeIntervalSince1970: 1_748_779_200) })
        health.add(
            HealthCheck(name: "disk_space") {
                HealthResult(.healthy, details: [.init("free_ratio", 0.5), .init("broken", .nan)])
            })
        health.add(
            HealthCheck(name: "odd \"name\"\n", criticality: .optional) { .unhealthy("no\u{0} \u{1b}[31m\"good\"\r\n") }
        )
        await health.refresh()
        return health
    }

    private func object(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test("the report has the documented keys, valid JSON whatever the texts hold")
    func json() async throws {
        let health = await registry()
        let report = try object(health.report().json(version: "1.2"))
        #expect(Set(report.keys) == ["status", "timestamp", "version", "checks"])
        #expect(report["status"] as? String == "degraded")
        #expect(report["timestamp"] as? String == "2025-06-01T12:00:00Z")
        let checks = try #require(report["checks"] as? [String: [String: Any]])
        #expect(checks["disk_space"]?["free_ratio"] as? Double == 0.5)
        #expect(checks["disk_space"]?["broken"] == nil)
        #expect(checks["disk_space"]?["age_seconds"] is NSNumber)
        let odd = try #require(checks["odd \"name\"\n"])
        #expect(odd["message"] as? String == "no\u{0} \u{1b}[31m\"good\"\r\n")
    }

    @Test("less is told where less is asked for")
    func details() async throws {
        let health = await registry()
        let status = try object(health.report().json(version: "1", detail: .status))
        #expect(Set(status.keys) == ["status", "timestamp", "version"])
        let checks =
            try object(health.report().json(version: "1", detail: .checks))["checks"] as? [String: [String: Any]]
        #expect(checks?["disk_space"]?["free_ratio"] == nil && checks?["disk_space"]?["status"] as? String == "healthy")
        let draft = try object(health.report().healthJSON(version: "1", detail: .status))
        #expect(Set(draft.keys) == ["status", "version"])
    }

    @Test("application/health+json: pass, warn, fail, and component:measurement to an array")
    func draft() async throws {
        let health = await registry()
        let report = try object(health.report().healthJSON(version: "1"))
        #expect(report["status"] as? String == "warn" && health.report().httpStatus == 200)
        let checks = try #require(report["checks"] as? [String: [[String: Any]]])
        #expect(checks["disk_space:status"]?.first?["status"] as? String == "pass")
        #expect(checks["disk_space:free_ratio"]?.first?["observedValue"] as? Double == 0.5)
        #expect((checks["disk_space:free_ratio"]?.first?["time"] as? String)?.hasSuffix("Z") == true)
        #expect(checks["odd \"name\"\n:status"]?.first?["status"] as? String == "fail")
        #expect(checks["odd \"name\"\n:status"]?.first?["output"] != nil)
        health.add(HealthCheck(name: "gone") { .unhealthy("no") })
        await health.refresh()
        let failed = try object(health.report().healthJSON(version: "1"))
        #expect(failed["status"] as? String == "fail" && health.report().httpStatus == 503)
    }

    @Test("timestamps agree with Foundation's on every day of four centuries")
    func calendar() {
        for day in stride(from: -40_000, to: 110_000, by: 7) {
            let seconds =
                Double(day) * 86_400 + Double((day * 7919) % 86_400 + 86_400).truncatingRemainder(dividingBy: 86_400)
            let expected = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
            guard iso8601(seconds) != expected else { continue }
            Issue.record("\(seconds): \(iso8601(seconds)), not \(expected)")
            return
        }
        #expect(iso8601(0) == "1970-01-01T00:00:00Z")
    }
}
