import Foundation
import ServiceMetrics
import TestServers
import Testing

@Suite("Artifacts")
struct ArtifactTests {
    static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool", "/opt/homebrew/bin/promtool"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static func registry() throws -> MetricRegistry {
        let registry = MetricRegistry()
        _ = try registry.counter("api_requests_total", help: "R | q.", labels: "method", "endpoint", "status")
        _ = try registry.histogram("api_request_duration_seconds", help: "D.", labels: "endpoint")
        _ = try registry.gauge("db_connections_active", help: "A.", labels: "pool")
        _ = try registry.gauge("db_connections_max", help: "M.", labels: "pool")
        _ = try registry.counter("db_pool_shed_total", help: "S.", labels: "pool", "priority")
        try registry.registerProcessMetrics()
        return registry
    }

    @Test(
        .enabled(if: promtool != nil, "promtool is not installed"),
        arguments: [
            "",
            "alerts:\n  high_response_time:\n    threshold: 2500ms # slow\n    duration: 10m\n"
                + "  connection_pool_exhausted:\n    threshold: 75%\n    duration: 5m\n"
                + "  connection_pool_overloaded:\n    threshold: 20\n    duration: 1m\n"
                + "  memory_usage_high:\n    threshold: 95%\n    duration: 1m\n",
        ])
    func `promtool finds no fault in the rules, and each fires when it should and only then`(monitoring: String)
        async throws
    {
        let artifacts = try MonitoringArtifacts(
            title: "It's a test", metrics: Self.registry().metrics,
            rules: AlertThresholds(monitoring: monitoring).rules)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rules-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in artifacts.files {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        let promtool = Self.promtool ?? ""
        let checked = try await ChildProcess.run(
            promtool, ["check", "rules", "--lint=all", "--lint-fatal", folder.path + "/rules.yml"])
        #expect(checked.contains("SUCCESS: 8 rules found"))
        let tested = try await ChildProcess.run(promtool, ["test", "rules", folder.path + "/rules_test.yml"])
        #expect(tested.contains("SUCCESS"))
    }

    @Test func `thresholds are read as the file writes them`() throws {
        let read = try AlertThresholds(
            monitoring:
                "metrics:\n  port: 9090\nalerts:\n  high_response_time:\n    threshold: 250ms\n    duration: 3m\n")
        #expect(read.highResponseTime == AlertThresholds.Threshold(0.25, for: "3m"))
        #expect(read.connectionPoolExhausted == AlertThresholds.Threshold(0.9, for: "2m"))
    }

    @Test(arguments: [
        "x:\n    threshold: 1s", "memory_usage_high:\n    threshold: much", "memory_usage_high:\n    duration: 5",
        "memory_usage_high:\n    colour: red", "memory_usage_high:\n    threshold: -1%",
    ])
    func `a file that makes no sense is refused`(alert: String) {
        #expect(throws: MetricError.self) { _ = try AlertThresholds(monitoring: "alerts:\n  \(alert)\n") }
    }

    @Test func `a rule that reads what nobody registers is refused`() throws {
        let metrics = try Self.registry().metrics
        let rules = AlertThresholds().rules
        #expect(throws: MetricError.self) {
            _ = try MonitoringArtifacts(
                title: "T", metrics: metrics.filter { $0.name != "db_connections_max" }, rules: rules)
        }
        let other = MetricRegistry()
        _ = try other.gauge("db_connections_max", help: "M.", labels: "name")
        #expect(throws: MetricError.self) {
            _ = try MonitoringArtifacts(
                title: "T", metrics: metrics.filter { $0.name != "db_connections_max" } + other.metrics, rules: rules)
        }
    }

    @Test func `a threshold that is no bound is refused`() throws {
        var thresholds = AlertThresholds()
        thresholds.highResponseTime.value = 0.7
        let rules = thresholds.rules
        let metrics = try Self.registry().metrics
        #expect(throws: MetricError.self) { _ = try MonitoringArtifacts(title: "T", metrics: metrics, rules: rules) }
    }

    @Test func `the dashboard is JSON with a panel for each metric, the page a row`() throws {
        let registry = try Self.registry()
        let artifacts = try MonitoringArtifacts(title: "T \"x\"", metrics: registry.metrics, rules: [])
        let decoded = try JSONSerialization.jsonObject(with: Data(artifacts.dashboardFile.utf8)) as? [String: Any]
        let panels = try #require(decoded?["panels"] as? [[String: Any]])
        #expect(panels.count { $0["type"] as? String == "timeseries" } == registry.metrics.count)
        // Rows in order with their panels below them; nothing lies on something else, and each has an id of its own.
        var taken: Set<[Int]> = []
        for panel in panels {
            let place = try #require(panel["gridPos"] as? [String: Int])
            for x in place["x", default: 0]..<place["x", default: 0] + place["w", default: 0] {
                for y in place["y", default: 0]..<place["y", default: 0] + place["h", default: 0] {
                    #expect(x < 24 && taken.insert([x, y]).inserted)
                }
            }
        }
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        let rows = panels.filter { $0["type"] as? String == "row" }.compactMap { $0["title"] as? String }
        #expect(rows == rows.sorted() && Set(rows).count == rows.count && rows.count > 1)
        for metric in registry.metrics { #expect(artifacts.referenceFile.contains("| `\(metric.name)` |")) }
        #expect(artifacts.referenceFile.contains(#"R \| q."#))
    }

    @Test func `lint says what could be better, and nothing of good names`() throws {
        // The pool is a part of the name of that one, and a label.
        #expect(try Self.registry().lint().allSatisfy { $0.metric == "db_pool_shed_total" })
        let registry = MetricRegistry()
        _ = try registry.gauge("wait_milliseconds", help: "W.")
        _ = try registry.gauge("jobs_count", help: "")
        _ = try registry.counter("camelCase_total", help: "C.", labels: "user_id")
        let findings = registry.lint().map(\.description)
        #expect(findings.contains("wait_milliseconds: use seconds rather than milliseconds"))
        #expect(findings.contains("jobs_count: say in the help text what it counts"))
        #expect(findings.contains("jobs_count: leave the endings _count and _sum to histograms"))
        #expect(findings.contains("camelCase_total: write the name in lower case with underscores"))
        #expect(findings.contains("camelCase_total: the label user_id takes too many values"))
    }
}
