import Foundation
import ServiceMetrics
import Synchronization
import TestServers
import Testing

/// The dashboard and the rules against a real Prometheus that scrapes a service with traffic.
@Suite("Dashboard")
struct DashboardTests {
    @Test(.enabled(if: PrometheusTests.program != nil, "prometheus is not installed"), .timeLimit(.minutes(1)))
    func `every panel's expression returns data, and every rule is evaluated`() async throws {
        let registry = try ArtifactTests.registry()
        let requests = try registry.counter(
            "api_requests_total", help: "R | q.", labels: "method", "endpoint", "status")
        let durations = try registry.histogram("api_request_duration_seconds", help: "D.", labels: "endpoint")
        try registry.gauge("db_connections_active", help: "A.", labels: "pool").with("main").set(3)
        try registry.gauge("db_connections_max", help: "M.", labels: "pool").with("main").set(30)
        try registry.counter("db_pool_shed_total", help: "S.", labels: "pool", "priority").with("main", "0").increment()
        let artifacts = try MonitoringArtifacts(
            title: "Test", metrics: registry.metrics, rules: AlertThresholds().rules)

        let scrapes = Atomic<Int>(0)
        let server = try ScrapeServer(registry) { _ in
            // Traffic between any two scrapes, so that rates have something to tell.
            for status in ["200", "500"] { requests.with("GET", "/x", status).increment(by: 10) }
            for step in 1...20 { durations.with("/x").observe(Double(step) / 10) }
            scrapes.wrappingAdd(1, ordering: .relaxed)
        }
        defer { server.stop() }

        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dashboard-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try artifacts.rulesFile.write(
            to: folder.appendingPathComponent("rules.yml"), atomically: true, encoding: .utf8)
        try """
        global: { scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 500ms }
        rule_files: [rules.yml]
        scrape_configs:
          - job_name: load
            static_configs: [{ targets: ["127.0.0.1:\(server.port)"] }]
        """.write(to: folder.appendingPathComponent("prometheus.yml"), atomically: true, encoding: .utf8)
        let port = try TestPort.free()
        let prometheus = try ChildProcess.start(
            PrometheusTests.program ?? "",
            [
                "--config.file=\(folder.path)/prometheus.yml", "--storage.tsdb.path=\(folder.path)/data",
                "--web.listen-address=127.0.0.1:\(port)",
            ], output: folder.path + "/log")
        func query(_ expression: String) throws -> [Any] {
            let escaped = expression.utf8.map { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
                    ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
            let answer = ScrapeServer.get(port: port, "/api/v1/query?query=\(escaped)") ?? ""
            guard let start = answer.firstRange(of: "\r\n\r\n")?.upperBound else { return [] }
            // While it starts, Prometheus answers with a word.
            let body = try? JSONSerialization.jsonObject(with: Data(answer[start...].utf8)) as? [String: Any]
            return (body?["data"] as? [String: Any])?["result"] as? [Any] ?? []
        }
        func settles(_ condition: () throws -> Bool) async throws {
            while try !condition() { try await Task.sleep(for: .milliseconds(50)) }
        }
        try await settles { try !query("count_over_time(api_requests_total[1m]) >= 5").isEmpty }
        for panel in artifacts.panels {
            for target in panel.targets {
                let result = try query(target.expression)
                #expect(!result.isEmpty, "\(panel.title): \(target.expression)")
            }
        }
        // A tenth of a tenth of these requests may fail; half do, so the burn rates are pending.
        try await settles { try !query(#"ALERTS{alertname="ErrorBudgetBurnFast"}"#).isEmpty }
        let rules = ScrapeServer.get(port: port, "/api/v1/rules") ?? ""
        #expect(!rules.contains(#""health":"err""#))
        #expect(try query(#"ALERTS{alertname="ConnectionPoolExhausted"}"#).isEmpty)
        prometheus.signal(SIGTERM)
        await prometheus.ended()
        #expect(scrapes.load(ordering: .relaxed) >= 5)
    }
}
