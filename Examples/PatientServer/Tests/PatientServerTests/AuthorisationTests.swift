import Foundation
import ServerTestSupport
import Testing

@testable import PatientServer

@Suite("Who may do what", .serialized)
struct AuthorisationTests {
    /// Every operation of the document, with the scope it needs; `nil` for what everybody may see.
    static func operations() throws -> [(method: String, path: String, scope: String?)] {
        let document = try JSONSerialization.jsonObject(with: Data(PackageResources.openapi_json)) as? [String: Any]
        let paths = document?["paths"] as? [String: [String: Any]] ?? [:]
        return paths.flatMap { path, methods in
            methods.keys.map { method in (method.uppercased(), path, scope(method.uppercased(), path)) }
        }.sorted { $0.path + $0.method < $1.path + $1.method }
    }

    /// The table of Documentation/Security.md, written out by itself rather than asked of the server.
    static func scope(_ method: String, _ path: String) -> String? {
        if !path.hasPrefix("/api/v1/") || path.hasPrefix("/api/v1/health") { return nil }
        switch (method, path) {
        case ("DELETE", _), ("POST", "/api/v1/jobs/{id}/cancel"), ("POST", "/api/v1/jobs/{id}/retry"): return "operate"
        case ("POST", "/api/v1/configurations/validate/"): return "read"
        case ("POST", _), ("PUT", _), (_, "/api/v1/streaming/generate"): return "generate"
        default: return "read"
        }
    }

    @Test func `every route holds against no key, a wrong one, a revoked one and a missing scope`() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = "sqlite://\(folder)/keys.sqlite"
        var keys: [String: String] = [:]
        for scope in ["read", "generate", "operate"] {
            keys[scope] = try await RunningServer.makeKey(scope, scopes: scope, database: database).text
        }
        let revoked = try await RunningServer.makeKey("old", database: database)
        #expect(
            try await RunningServer.command(["keys", "revoke", revoked.id], database: database).contains("revoked"))
        let wrong = String((keys["read"] ?? "").dropLast(2)) + "xx"
        try await RunningServer.with(database: database) { server in
            for (method, template, scope) in try Self.operations() {
                let path = template.replacingOccurrences(of: "{id}", with: "none").replacingOccurrences(
                    of: "{tag}", with: "system")
                func status(_ headers: [String: String]) async throws -> Int {
                    try await server.send(
                        method, path, body: method == "GET" || method == "DELETE" ? nil : "{}",
                        headers: ["Content-Type": "application/json"].merging(headers) { $1 }
                    ).status
                }
                let place = "\(method) \(template)"
                guard let scope else {
                    #expect(try await status([:]) == 200, "\(place) is for all")
                    continue
                }
                #expect(try await status([:]) == 401, "\(place) without a key")
                for text in [wrong, revoked.text, "vk__", "vk_\(revoked.id)_", "x", ""] {
                    #expect(try await status(["Authorization": "Bearer \(text)"]) == 401, "\(place) with “\(text)”")
                }
                #expect(try await status(["Authorization": "Basic \(keys[scope] ?? "")"]) == 401)
                for (other, text) in keys where other != scope {
                    #expect(try await status(["X-API-Key": text]) == 403, "\(place) with \(other) alone")
                }
                let answer = try await status(["Authorization": "Bearer \(keys[scope] ?? "")"])
                #expect(![401, 403].contains(answer) && answer < 500, "\(place) with \(scope): \(answer)")
            }
            let log = server.log
            for text in keys.values + [revoked.text, wrong] { #expect(!log.contains(text), "no key in the log") }
        }
        let list = try await RunningServer.command(["keys", "list"], database: database)
        #expect(list.contains("revoked 2") && !list.contains(keys["read"] ?? "?"))
    }

    @Test func `without keys only loopback is served, and the server says so`() async throws {
        try await RunningServer.with(["--host", "0.0.0.0"]) { server in
            #expect(try await server.get("/api/v1/jobs/").status == 200)
            #expect(server.log.contains("only the loopback address is served"))
            let outside = try await ChildProcess.run(
                "/bin/sh", ["-c", "ss -Hltn 'sport = :\(server.port)' | awk '{print $4}'"])
            #expect(outside.trimmingCharacters(in: .whitespacesAndNewlines) == "127.0.0.1:\(server.port)")
        }
    }

    @Test func `a key's requests and patients are limited, an address guesses no longer than it may`() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = "sqlite://\(folder)/keys.sqlite"
        let few = try await RunningServer.makeKey(
            "few", ["--requests-per-minute", "5", "--patients-per-day", "100"], database: database)
        let other = try await RunningServer.makeKey("other", ["--patients-per-day", "100"], database: database)
        try await RunningServer.with(database: database) { server in
            var codes: [Int] = []
            for _ in 0..<7 {
                codes.append(try await server.get("/api/v1/presets", headers: ["X-API-Key": few.text]).status)
            }
            #expect(codes == [200, 200, 200, 200, 200, 429, 429])
            let refused = try await server.get("/api/v1/presets", headers: ["X-API-Key": few.text])
            #expect((refused.headers["retry-after"].flatMap(Int.init) ?? 0) >= 1)
            #expect(try refused.json()["error"] as? String == "too_many_requests")

            func generate(_ count: Int) async throws -> Int {
                try await server.post(
                    "/api/v1/generation/", #"{"preset":"training_exercise","total_patients":\#(count)}"#,
                    headers: ["X-API-Key": other.text]
                ).status
            }
            #expect(try await generate(60) == 202)
            #expect(try await generate(60) == 429, "over the day's 100")
            #expect(try await generate(40) == 202, "what was refused was not booked")
            #expect(try await generate(1) == 429)
            let stream = try await server.get(
                "/api/v1/streaming/generate?total_patients=1", headers: ["X-API-Key": other.text])
            #expect(stream.status == 429, "a stream counts as well")
        }
        try await RunningServer.with(database: database, environment: ["REQUESTS_PER_MINUTE": "10"]) { server in
            var codes: [Int] = []
            for _ in 0..<12 { codes.append(try await server.get("/api/v1/presets").status) }
            #expect(codes == Array(repeating: 401, count: 10) + [429, 429])
            #expect(try await server.get("/api/v1/health/live").status == 200, "probes are not limited")
        }
    }

    @Test func `what changes something is noted with who did it`() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = "sqlite://\(folder)/keys.sqlite"
        let key = try await RunningServer.makeKey("planner", database: database)
        try await RunningServer.with(database: database) { server in
            let answer = try await server.post(
                "/api/v1/generation/", #"{"preset":"training_exercise","total_patients":10}"#,
                headers: ["X-API-Key": key.text, "X-Request-ID": "req-1"])
            #expect(answer.status == 202)
        }
        let rows = try await ChildProcess.run(
            "/usr/bin/env",
            [
                "python3", "-c",
                "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT key_id, action, request_id FROM audit_log ORDER BY at').fetchall())",
                "\(folder)/keys.sqlite",
            ])
        #expect(rows.contains("('\(key.id)', 'generate', 'req-1')") && rows.contains("key create"), "\(rows)")
        let file = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/keys.sqlite"))
        #expect(file.range(of: Data(key.text.utf8)) == nil, "the key itself is not kept")
    }
}
