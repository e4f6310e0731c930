import Foundation
import ServerTestSupport
import Testing

/// Programs of the monitoring, started for one test.
struct Monitoring {
    let folder: String
    let webhook: Webhook
    let alertmanagerPort: Int
    private(set) var children: [ChildProcess] = []

    static func program(_ names: String...) -> String? {
        names.flatMap { ["/usr/bin/\($0)", "/usr/local/bin/\($0)", "/opt/homebrew/bin/\($0)"] }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    init(folder: String) throws {
        self.folder = folder
        webhook = try Webhook()
        alertmanagerPort = try TestPort.free()
    }

    mutating func startAlertmanager() throws {
        let program = try #require(Self.program("prometheus-alertmanager", "alertmanager"))
        try """
        route: { receiver: test, group_by: ["..."], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
        receivers:
          - name: test
            webhook_configs: [{ url: "http://127.0.0.1:\(webhook.port)/", send_resolved: true }]
        """.write(toFile: "\(folder)/alertmanager.yml", atomically: true, encoding: .utf8)
        children.append(
            try ChildProcess.start(
                program,
                [
                    "--config.file=\(folder)/alertmanager.yml", "--storage.path=\(folder)/alertmanager",
                    "--web.listen-address=127.0.0.1:\(alertmanagerPort)", "--cluster.listen-address=",
                ], output: "\(folder)/alertmanager.log"))
    }

    mutating func startPrometheus(scraping port: Int) throws {
        let program = try #require(Self.program("prometheus"))
        try """
        global: { scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms }
        rule_files: [rules.yml]
        alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:\(alertmanagerPort)"] }] }] }
        scrape_configs:
          - job_name: patient-server
            static_configs: [{ targets: ["127.0.0.1:\(port)"] }]
        """.write(toFile: "\(folder)/prometheus.yml", atomically: true, encoding: .utf8)
        children.append(
            try ChildProcess.start(
                program,
                [
                    "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/data",
                    "--web.listen-address=127.0.0.1:\(TestPort.free())", "--rules.alert.resend-delay=500ms",
                ], output: "\(folder)/prometheus.log"))
    }

    func stop() async {
        for child in children {
            child.signal(SIGCONT)
            child.signal(SIGTERM)
            await child.ended()
        }
        webhook.stop()
    }

    /// The alerts that arrived: name, status, and whether this process's own evaluator sent them.
    struct Arrival: Hashable {
        var name: String
        var status: String
        var isOwn: Bool
    }

    var arrivals: Set<Arrival> {
        Set(
            webhook.received.flatMap { body -> [Arrival] in
                let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
                return (object?["alerts"] as? [[String: Any]] ?? []).map { alert in
                    let labels = alert["labels"] as? [String: String] ?? [:]
                    return Arrival(
                        name: labels["alertname"] ?? "", status: alert["status"] as? String ?? "",
                        isOwn: labels["service"] == "patient-server")
                }
            })
    }

    /// Waits until an alert has arrived.
    func arrived(_ name: String, _ status: String, isOwn: Bool) async throws {
        let wanted = Arrival(name: name, status: status, isOwn: isOwn)
        while !arrivals.contains(wanted) { try await Task.sleep(for: .milliseconds(50)) }
    }
}
