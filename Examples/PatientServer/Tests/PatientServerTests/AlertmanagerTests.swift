import Foundation
import HealthChecks
import Logging
import ServerTestSupport
import ServiceIntegration
import ServiceMetrics
import StructuredLogging
import Testing

@testable import PatientServer

@Suite("The Alertmanager that alerts are pushed to", .serialized, .timeLimit(.minutes(1)))
struct AlertmanagerTests {
    private static let isInstalled = Monitoring.program("prometheus-alertmanager", "alertmanager") != nil

    @Test(.enabled(if: isInstalled, "Alertmanager is not installed"))
    func `its check tells whether it is up, down or does not answer, and never takes the server out`() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var monitoring = try Monitoring(folder: folder)
        let health = HealthRegistry()
        health.add(.alertmanager("http://127.0.0.1:\(monitoring.alertmanagerPort)"))
        func look() async -> (status: HealthStatus, result: HealthResult?) {
            await health.refresh()
            let check = health.report().checks.first { $0.name == "alertmanager" }
            return (check?.status ?? .unknown, check?.result)
        }
        do {
            let down = await look()
            #expect(down.status == .unhealthy && health.report().status == .degraded && health.isReady)
            try monitoring.startAlertmanager()
            while await look().status != .healthy {}
            #expect(health.report().status == .healthy)
            #expect(await look().result?.details == [.init("http_status", 200)])

            // It runs and does not answer: one time out is not yet a failure, two are.
            let child = try #require(monitoring.children.last)
            child.signal(SIGSTOP)
            var found = await look()
            // The signal may come after one more answer.
            while found.result?.status == .healthy { found = await look() }
            #expect(found.status == .healthy && found.result?.status == .unhealthy)
            while await look().status != .unhealthy {}
            #expect(health.isReady && health.report().httpStatus == 200)
            child.signal(SIGCONT)
            while await look().status != .healthy {}

            child.signal(SIGTERM)
            await child.ended()
            while await look().status != .unhealthy {}
            #expect(
                health.history(of: "alertmanager").map(\.to) == [
                    .unhealthy, .healthy, .unhealthy, .healthy, .unhealthy,
                ])
        } catch {
            await monitoring.stop()
            throw error
        }
        await monitoring.stop()
    }

    @Test func `one that answers that it is not ready fails its check with the code`() async throws {
        let busy = try Webhook(status: 503)
        defer { busy.stop() }
        let health = HealthRegistry()
        health.add(.alertmanager("http://127.0.0.1:\(busy.port)"))
        await health.refresh()
        let check = health.report().checks.first
        #expect(check?.status == .unhealthy && check?.result?.message == "answered 503" && health.isReady)
        #expect(busy.requests.allSatisfy { $0.hasPrefix("GET /-/ready ") } && !busy.requests.isEmpty)
    }

    @Test(.enabled(if: isInstalled, "Alertmanager is not installed"))
    func `an alert that fires while it is down is told in the log, and arrives once it is up`() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var monitoring = try Monitoring(folder: folder)
        let settings = try Settings.load(
            commandLine: ["database": "sqlite://\(folder)/db.sqlite"],
            environment: [
                "ALERTMANAGER_URL": "http://127.0.0.1:\(monitoring.alertmanagerPort)",
                "ALERTS_CONNECTION_POOL_EXHAUSTED_DURATION": "1s",
            ], folder: nil)
        let registry = MetricRegistry()
        let lent = Guarded(10.0)
        try registry.gauge("db_connections_active", help: "A.", labels: ["pool"]) {
            [(values: ["main"], value: lent.with { $0 })]
        }
        try registry.gauge("db_connections_max", help: "M.", labels: ["pool"]) { [(values: ["main"], value: 10)] }
        let path = "\(folder)/alerts.log"
        let sink = LogSink(descriptor: open(path, O_WRONLY | O_CREAT, 0o600))
        let logger = Logger(label: "alerts") { JSONLogHandler(label: $0, sink: sink) }
        var log: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        let alerts = AlertEvaluator(settings, registry: registry, logger: logger)
        let running = Task { await alerts.run() }
        defer { running.cancel() }
        while !log.contains("\"msg\":\"alerts are not taken by Alertmanager\"") { await Task.yield() }
        #expect(log.contains("\"msg\":\"alert firing\""))
        do {
            try monitoring.startAlertmanager()
            try await monitoring.arrived("ConnectionPoolExhausted", "firing", isOwn: true)
            lent.with { $0 = 0 }
            try await monitoring.arrived("ConnectionPoolExhausted", "resolved", isOwn: true)
        } catch {
            await monitoring.stop()
            throw error
        }
        await monitoring.stop()
    }
}
