import Foundation
import ServerTestSupport
import Testing

@Suite("Alerts, end to end", .serialized, .timeLimit(.minutes(3)))
struct AlertTests {
    /// Runs a body with a server that Prometheus scrapes and an Alertmanager that both tell. Thresholds are ones that a
    /// test reaches, durations ones that it can wait for.
    private func withMonitoring(
        memory: String = "99%", _ environment: [String: String],
        _ body: (Monitoring, RunningServer, _ database: String) async throws -> Void
    ) async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try """
        metrics: { enabled: true }
        alerts:
          high_response_time: { threshold: 1000ms, duration: 2s }
          connection_pool_exhausted: { threshold: 90%, duration: 2s }
          memory_usage_high: { threshold: \(memory), duration: 2s }
        """.write(toFile: "\(folder)/monitoring.yml", atomically: true, encoding: .utf8)
        var monitoring = try Monitoring(folder: folder)
        do {
            try monitoring.startAlertmanager()
            _ = try await ChildProcess.run(
                "\(RunningServer.products)/patient-server", ["artifacts", "--config", folder, folder])
            // Rates over five minutes would need five minutes to forget.
            let rules = try String(contentsOfFile: "\(folder)/rules.yml", encoding: .utf8)
                .replacing("[5m]", with: "[5s]")
            #expect(rules.contains("for: 2s"))
            try rules.write(toFile: "\(folder)/rules.yml", atomically: true, encoding: .utf8)
            let address = try await PostgresServer.shared().makeDatabase()
            let settings = [
                "ALERTMANAGER_URL": "http://127.0.0.1:\(monitoring.alertmanagerPort)", "WORKERS": "1",
            ].merging(environment) { $1 }
            try await RunningServer.with(database: address, ["--config", folder], environment: settings) { server in
                try monitoring.startPrometheus(scraping: server.port)
                try await body(monitoring, server, address)
            }
        } catch {
            await monitoring.stop()
            throw error
        }
        await monitoring.stop()
    }

    @Test(
        "real leases exhaust the pool and handlers turn slow: Prometheus and the server's own evaluator both fire after the duration, reach a webhook through Alertmanager, and resolve",
        .enabled(if: PostgresServer.isAvailable, "PostgreSQL is not installed"))
    func endToEnd() async throws {
        try await withMonitoring(["POOL_SIZE": "3", "MAX_OVERFLOW": "0"]) { monitoring, server, database in
            try await inject(monitoring, server, database: database)
            #expect(server.child.isRunning)
        }
    }

    @Test(
        "memory that clients fill with bodies without end fires both, and resolves when they go",
        .enabled(if: PostgresServer.isAvailable, "PostgreSQL is not installed"))
    func ballast() async throws {
        // In a group of its own, so that nobody else's memory counts; where none can be made, above what is used now.
        let group = MemoryGroup(limit: 512 << 20)
        defer { group?.remove() }
        let size = 250
        var threshold = "40%"
        if group == nil {
            try await RunningServer.with { server in
                let used = try await server.metric("process_memory_working_set_bytes")
                let limit = try await server.metric("process_memory_limit_bytes")
                threshold = "\((used + Double(size) * 5e5) / limit)"
            }
        }
        // What is given back goes back to the kernel.
        let malloc = ["MALLOC_MMAP_THRESHOLD_": "65536", "CLIENT_TIMEOUT": "60s"]
        try await withMonitoring(memory: threshold, malloc) { monitoring, server, _ in
            try group?.add(server.child.id)
            let head = "POST /api/v1/generation/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            let part = "Content-Length: 1000000\r\n\r\n" + String(repeating: " ", count: 999_999)
            var clients: [RawConnection] = []
            for _ in 0..<size {
                let client = try RawConnection(port: server.port)
                #expect(client.send(head + part))
                clients.append(client)
            }
            for isOwn in [true, false] { try await monitoring.arrived("MemoryUsageHigh", "firing", isOwn: isOwn) }
            #expect(try await server.get("/api/v1/health/live").status == 200)
            clients = []
            for isOwn in [true, false] { try await monitoring.arrived("MemoryUsageHigh", "resolved", isOwn: isOwn) }
        }
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
        for isOwn in [true, false] { try await monitoring.arrived("ConnectionPoolExhausted", "firing", isOwn: isOwn) }
        let pushed = (health["checks"] as? [String: any Sendable])?["alertmanager"] as? [String: any Sendable]
        #expect(pushed?["status"] as? String == "healthy")
        // Whoever looks what is wrong is answered, though keys cannot be read.
        let asked = ContinuousClock.now
        for path in ["alerts", "health", "dashboard"] { _ = try await server.get("/api/v1/\(path)") }
        #expect(ContinuousClock.now - asked < .seconds(5))

        // The lock goes: the requests end, and the pool is free again.
        locker.signal(SIGINT)
        var statuses: [Int?] = []
        for request in blocked { statuses.append(await request.value) }
        // Those whose time was over before are told so; none is left without an answer.
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 503 }, "\(statuses)")
        for isOwn in [true, false] { try await monitoring.arrived("ConnectionPoolExhausted", "resolved", isOwn: isOwn) }

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
        for isOwn in [true, false] { try await monitoring.arrived("HighResponseTime", "resolved", isOwn: isOwn) }
        // The statement that made it so is in the log, and counted.
        let slow = server.log.split(separator: "\n").filter { $0.contains("\"msg\":\"slow statement\"") }
        #expect(slow.contains { $0.contains("configurations") && $0.contains("\"fingerprint\"") })
        #expect(try await server.metric("db_slow_queries_total{database=\"main\"}") >= 1)
        #expect(!monitoring.arrivals.contains { $0.name == "MemoryUsageHigh" })
        #expect(server.log.contains("\"msg\":\"alert firing\"") && server.log.contains("\"msg\":\"alert resolved\""))
    }
}

/// A memory cgroup (version 1) of one test.
private struct MemoryGroup {
    private let folder: String

    /// `nil` where none can be made.
    init?(limit: Int) {
        let lines = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        let own = lines.split(separator: "\n").first { $0.contains(":memory:") }?.split(separator: ":").last ?? ""
        folder = "/sys/fs/cgroup/memory\(own)/vitals-test-\(UUID().uuidString.prefix(8))"
        guard !own.isEmpty, mkdir(folder, 0o755) == 0 else { return nil }
        do { try write("\(limit)", "memory.limit_in_bytes") } catch {
            remove()
            return nil
        }
    }

    func add(_ process: Int32) throws { try write("\(process)", "cgroup.procs") }

    func remove() { rmdir(folder) }

    private func write(_ text: String, _ file: String) throws {
        try text.write(toFile: "\(folder)/\(file)", atomically: false, encoding: .utf8)
    }
}
