import Foundation
import ServerTestSupport
import Testing

/// Programs of the monitoring, started for one test.
private struct Monitoring {
    let folder: String
    let webhook: Webhook
    let alertmanagerPort: Int
    private var children: [ChildProcess] = []

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
}

@Suite("Alerts, end to end", .serialized, .timeLimit(.minutes(3)))
struct AlertTests {
    /// Thresholds that a test reaches, durations that it can wait for.
    private func configuration() throws -> String {
        let folder = try RunningServer.temporaryFolder()
        try """
        metrics: { enabled: true }
        alerts:
          high_response_time: { threshold: 1000ms, duration: 2s }
          connection_pool_exhausted: { threshold: 90%, duration: 2s }
          memory_usage_high: { threshold: 99%, duration: 2s }
        """.write(toFile: "\(folder)/monitoring.yml", atomically: true, encoding: .utf8)
        return folder
    }

    @Test(
        "real leases exhaust the pool and handlers turn slow: Prometheus and the server's own evaluator both fire after the duration, reach a webhook through Alertmanager, and resolve",
        .enabled(if: PostgresServer.isAvailable, "PostgreSQL is not installed"))
    func endToEnd() async throws {
        let folder = try configuration()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var monitoring = try Monitoring(folder: folder)
        do {
            try await run(&monitoring, folder)
        } catch {
            await monitoring.stop()
            throw error
        }
        await monitoring.stop()
    }

    private func run(_ monitoring: inout Monitoring, _ folder: String) async throws {
        try monitoring.startAlertmanager()
        _ = try await ChildProcess.run(
            "\(RunningServer.products)/patient-server", ["artifacts", "--config", folder, folder])
        // Rates over five minutes would need five minutes to forget.
        let rules = try String(contentsOfFile: "\(folder)/rules.yml", encoding: .utf8).replacing("[5m]", with: "[5s]")
        #expect(rules.contains("for: 2s"))
        try rules.write(toFile: "\(folder)/rules.yml", atomically: true, encoding: .utf8)
        let postgres = try await PostgresServer.shared()
        let address = try await postgres.makeDatabase()
        let server = try await RunningServer.start(
            database: address, ["--config", folder],
            environment: [
                "POOL_SIZE": "3", "MAX_OVERFLOW": "0", "WORKERS": "1",
                "ALERTMANAGER_URL": "http://127.0.0.1:\(monitoring.alertmanagerPort)",
            ])
        do {
            try monitoring.startPrometheus(scraping: server.port)
            try await inject(monitoring, server, database: address)
        } catch {
            await server.stop()
            throw error
        }
        #expect(await server.stop() == 0)
    }

    private func inject(_ monitoring: Monitoring, _ server: RunningServer, database: String) async throws {
        // A lock on a table: whoever asks for saved scenarios holds a connection and waits.
        let psql = PostgresServer.binaries.map { "\($0)/psql" } ?? "/usr/bin/psql"
        func lock(for seconds: Double) async throws -> ChildProcess {
            let locker = try ChildProcess.start(
                psql,
                [
                    "-X", "-q", "-d", database, "-c", "BEGIN", "-c", "LOCK TABLE configurations", "-c",
                    "SELECT pg_sleep(\(seconds))", "-c", "COMMIT",
                ])
            let held = """
                SELECT count(*) FROM pg_locks WHERE relation = 'configurations'::regclass AND granted
                AND mode = 'AccessExclusiveLock'
                """
            while try await ChildProcess.run(psql, ["-X", "-q", "-A", "-t", "-d", database, "-c", held]) != "1\n" {
                guard locker.isRunning else { break }
            }
            return locker
        }
        let locker = try await lock(for: 100)
        // As Ctrl-C does, this cancels the statement in the server as well.
        defer { locker.signal(SIGINT) }
        let blocked = (0..<6).map { _ in Task { try? await server.get("/api/v1/configurations/").status } }
        func arrived(_ name: String, _ status: String, isOwn: Bool) async {
            let wanted = Monitoring.Arrival(name: name, status: status, isOwn: isOwn)
            while !monitoring.arrivals.contains(wanted) {
                guard (try? await Task.sleep(for: .milliseconds(50))) != nil else { return }
            }
        }
        func state(_ name: String) async throws -> [String] {
            let answer = try await server.get("/api/v1/alerts").json()
            let alerts = answer["alerts"] as? [[String: any Sendable]] ?? []
            return alerts.filter { $0["name"] as? String == name }.compactMap { $0["state"] as? String }
        }
        // Pending comes first, firing after two seconds.
        while try await state("ConnectionPoolExhausted") != ["pending"] { try await Task.sleep(for: .milliseconds(20)) }
        let pending = ContinuousClock.now
        while try await state("ConnectionPoolExhausted") != ["firing"] { try await Task.sleep(for: .milliseconds(20)) }
        #expect(ContinuousClock.now - pending >= .milliseconds(1400), "it fires after its duration, not before")
        let health = try await server.get("/api/v1/health").json()
        let check = (health["checks"] as? [String: any Sendable])?["database"] as? [String: any Sendable]
        #expect((check?["message"] as? String)?.hasPrefix("saturated") ?? true)
        for isOwn in [true, false] { await arrived("ConnectionPoolExhausted", "firing", isOwn: isOwn) }

        // The lock goes: the requests end, and the pool is free again.
        locker.signal(SIGINT)
        var statuses: [Int?] = []
        for request in blocked { statuses.append(await request.value) }
        // Those whose time was over before are told so; none is left without an answer.
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 503 }, "\(statuses)")
        for isOwn in [true, false] { await arrived("ConnectionPoolExhausted", "resolved", isOwn: isOwn) }

        // A handler that is slow again and again, until both have noticed.
        func isNoticed(_ isOwn: Bool) -> Bool {
            monitoring.arrivals.contains(.init(name: "HighResponseTime", status: "firing", isOwn: isOwn))
        }
        while !isNoticed(true) || !isNoticed(false) {
            let short = try await lock(for: 1.5)
            async let slow = server.get("/api/v1/configurations/").status
            let status = try await slow
            #expect(status == 200)
            await short.ended()
        }
        for isOwn in [true, false] { await arrived("HighResponseTime", "resolved", isOwn: isOwn) }
        #expect(!monitoring.arrivals.contains { $0.name == "MemoryUsageHigh" })
        #expect(server.log.contains("\"msg\":\"alert firing\"") && server.log.contains("\"msg\":\"alert resolved\""))
    }
}
