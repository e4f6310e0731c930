import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import SQLDatabase
import ServerTestSupport
import Testing

@testable import PatientServer

@Suite("Health routes, access log and alerts, end to end", .serialized, .timeLimit(.minutes(2)))
struct HealthRouteTests {
    private func checks(_ answer: RunningServer.Answer) throws -> [String: any Sendable] {
        try #require(try answer.json()["checks"] as? [String: any Sendable])
    }

    @Test("every shipped check that this server uses is told, by group and in both formats")
    func formats() async throws {
        try await RunningServer.with { server in
            let all = try checks(try await server.get("/api/v1/health"))
            #expect(
                Set(all.keys).isSuperset(of: [
                    "api", "executor_lag", "database", "job_queue", "disk_space", "memory", "file_descriptors",
                    "memory_pressure", "clock", "pool", "migrations",
                ]))
            let system = try checks(try await server.get("/api/v1/health/groups/system"))
            #expect(system["disk_space"] != nil && system["database"] == nil)
            #expect(try await server.get("/api/v1/health/groups/nobody").status == 404)
            let draft = try await server.get("/api/v1/health", headers: ["Accept": "application/health+json"])
            #expect(draft.headers["content-type"] == "application/health+json")
            #expect(["pass", "warn"].contains(try draft.json()["status"] as? String))
            let measured = try #require(try checks(draft)["disk_space:free_bytes"] as? [[String: any Sendable]])
            #expect((measured.first?["observedValue"] as? NSNumber)?.doubleValue ?? 0 > 0)
            #expect(try await server.get("/api/v1/health/startup").json()["status"] as? String == "started")
            let scrape = try await server.get("/metrics").text
            #expect(scrape.contains("health_check_status{check=\"database\"} 1"))
        }
    }

    @Test("the certificate that clients are shown and what the service leans on are looked at when settings name them")
    func remote() async throws {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        let there = try Webhook()
        defer { there.stop() }
        let environment = [
            "TLS_CERTIFICATE": certificates.serverCertificate,
            "HEALTH_URLS": "tiles=http://127.0.0.1:\(there.port)/,gone=http://127.0.0.1:\(try TestPort.free())/x",
        ]
        try await RunningServer.with(environment: environment) { server in
            let found = try checks(try await server.get("/api/v1/health"))
            func check(_ name: String) -> [String: any Sendable]? { found[name] as? [String: any Sendable] }
            // It ends in two days, which is less than three weeks.
            let days = (check("tls_certificate")?["days_left"] as? NSNumber)?.doubleValue ?? 0
            #expect(check("tls_certificate")?["status"] as? String == "degraded" && (1.9...2).contains(days))
            #expect(check("tiles")?["status"] as? String == "healthy")
            #expect(check("gone")?["status"] as? String == "unhealthy")
            #expect((check("gone")?["message"] as? String)?.hasPrefix("the check threw ") == true)
            #expect(try await server.get("/api/v1/health/ready").status == 200, "what is optional takes no server out")
        }
    }

    @Test("the schema's check names what is missing, and is content with a newer schema")
    func migrations() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let settings = try Settings.load(
            commandLine: ["database": "sqlite://\(folder)/db.sqlite"], environment: [:], folder: nil)
        let storage = try Storage.open(settings, logger: Logger(label: "test"))
        #expect(try await Schema.pending(storage.database) == ["configurations", "keys"])
        try await storage.migrate()
        #expect(try await Schema.pending(storage.database).isEmpty)
        try await storage.database.change(
            "INSERT INTO vitals_migrations (namespace, id, name, checksum) VALUES ('patient-server', 99, 'later', '')")
        #expect(try await Schema.pending(storage.database).isEmpty)
        await storage.close()
    }

    @Test("with a listener for operators, strangers are not told what checks say")
    func management() async throws {
        let port = try TestPort.free()
        let gone = "gone=http://127.0.0.1:\(try TestPort.free())/x"
        try await RunningServer.with(environment: ["METRICS_PORT": "\(port)", "HEALTH_URLS": gone]) { server in
            let outside = try checks(try await server.get("/api/v1/health"))
            let disk = try #require(outside["disk_space"] as? [String: any Sendable])
            #expect(disk["status"] != nil && disk["free_bytes"] == nil)
            #expect((outside["gone"] as? [String: any Sendable])?["message"] == nil)
            let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/api/v1/health")
            let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            let body = try await answer.body.collect(upTo: 1 << 20)
            #expect(String(buffer: body).contains("free_bytes"))
            #expect(!String(buffer: body).contains("the check threw"), "operators are told the error's text")
        }
    }

    @Test("one access-log line for each finished response, with the route's template; the alerts have an answer")
    func accessLog() async throws {
        try await RunningServer.with { server in
            _ = try await server.get("/api/v1/jobs/9999", headers: ["X-Request-ID": "seen-once"])
            let alerts = try await server.get("/api/v1/alerts").json()["alerts"] as? [[String: any Sendable]]
            #expect(alerts?.count == 4 && alerts?.allSatisfy { $0["state"] as? String == "inactive" } == true)
            var lines: [Substring] = []
            while lines.isEmpty {
                lines = server.log.split(separator: "\n").filter {
                    $0.contains("\"request_id\":\"seen-once\"") && $0.contains("\"msg\":\"request\"")
                }
                await Task.yield()
            }
            #expect(lines.count == 1)
            let record = try #require(
                try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: any Sendable])
            #expect(record["endpoint"] as? String == "/api/v1/jobs/{id}" && record["method"] as? String == "GET")
            #expect((record["status"] as? NSNumber)?.intValue ?? 0 >= 400)
            #expect((record["duration_ms"] as? String).flatMap(Double.init) != nil && record["bytes"] is NSNumber)
        }
    }
}
