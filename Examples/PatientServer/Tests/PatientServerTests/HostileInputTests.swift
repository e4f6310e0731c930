import Foundation
import ServerTestSupport
import Testing

@Suite("Hostile input", .serialized)
struct HostileInputTests {
    @Test func `no path leads out of what the server has`() async throws {
        try await RunningServer.with { server in
            for path in [
                "/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
                "/app.js/..",
                "/api/v1/downloads/..%2f..%2fetc%2fpasswd", "/api/v1/jobs/%00", "/api/v1/configurations/%00",
                "/api/v1/configurations/'%20OR%201=1--", "/api/v1/presets/..%2f..", "/api/v1/jobs/%ff%fe",
            ] {
                let connection = try RawConnection(port: server.port)
                connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let answer = connection.read().text
                #expect(
                    ["HTTP/1.1 404", "HTTP/1.1 400"].contains(String(answer.prefix(12))),
                    "\(path): \(answer.prefix(80))")
                #expect(!answer.contains("root:"))
            }
        }
    }

    @Test func `what is too large, of another type or by another method is refused as such`() async throws {
        try await RunningServer.with { server in
            let large = #"{"preset":""# + String(repeating: "a", count: 1_100_000) + "\"}"
            let answer = try await server.post("/api/v1/generation/", large)
            #expect(answer.status == 413)
            #expect(try answer.json()["error"] as? String == "content_too_large")
            for (path, method) in [("/api/v1/generation/", "POST"), ("/api/v1/configurations/", "POST")] {
                let other = try await server.send(method, path, body: "a=b", headers: ["Content-Type": "text/plain"])
                #expect(other.status == 415)
                #expect(try other.json()["error"] as? String == "unsupported_media_type")
            }
            for (method, path, allowed) in [
                ("PATCH", "/api/v1/jobs/", "GET, HEAD"), ("DELETE", "/api/v1/presets/x", "GET, HEAD"),
                ("GET", "/api/v1/generation/", "POST"), ("POST", "/api/v1/jobs/x", "DELETE, GET, HEAD"),
                ("OPTIONS", "/api/v1/jobs/", "GET, HEAD"),
            ] {
                let refused = try await server.send(method, path)
                #expect(refused.status == 405 && refused.headers["allow"] == allowed, "\(method) \(path)")
                #expect(try refused.json()["error"] as? String == "method_not_allowed")
            }
            let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
            #expect(try await server.post("/api/v1/generation/", #"{"scenario":\#(deep)}"#).status == 400)
            #expect(try await server.get("/api/v1/health/live").status == 200)
        }
    }

    @Test func `a head without end, a body without end and a request in drips are cut off`() async throws {
        try await RunningServer.with(environment: ["CLIENT_TIMEOUT": "500ms"]) { server in
            let silent = try RawConnection(port: server.port)
            let head = try RawConnection(port: server.port)
            head.send("GET /api/v1/health/live HTTP/1.1\r\nHost: a\r\n")
            let body = try RawConnection(port: server.port)
            body.send(
                "POST /api/v1/generation/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )
            let started = ContinuousClock.now
            // Drips do not help.
            while head.send("X-A: b\r\n"), .now - started < .seconds(10) {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(.now - started < .seconds(3), "the head is cut off though it drips")
            #expect(silent.read().isClosed)
            #expect(body.read().isClosed)
            #expect(.now - started < .seconds(6))
            #expect(try await server.get("/api/v1/health/live").status == 200)
        }
    }

    @Test func `many slow clients do not keep others out`() async throws {
        try await RunningServer.with { server in
            var slow: [RawConnection] = []
            for _ in 0..<300 {
                let connection = try RawConnection(port: server.port)
                connection.send("GET / HTTP/1.1\r\nHost: a\r\nX-")
                slow.append(connection)
            }
            let started = ContinuousClock.now
            #expect(try await server.get("/api/v1/health/live").status == 200)
            #expect(.now - started < .seconds(2))
            #expect(slow.count == 300)
        }
    }

    @Test func `nothing a client sends becomes a header or a line of the log`() async throws {
        try await RunningServer.with { server in
            for raw in [
                "GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: a\r\nX-Request-ID: a%0d%0aX-Evil: 1",
                "GET /api/v1/jobs/%0a%7B%22level%22:%22error%22%7D HTTP/1.1\r\nHost: a\r\nX-Request-ID: {\"level\":\"error\"}",
                "GET /api/v1/downloads/x%22%0d%0aX-Evil:1 HTTP/1.1\r\nHost: a\r\nUser-Agent: \u{1b}[31m\"}\\",
            ] {
                let connection = try RawConnection(port: server.port)
                connection.send(raw + "\r\nConnection: close\r\n\r\n")
                let answer = connection.read().text
                let head = answer.components(separatedBy: "\r\n\r\n")[0].lowercased()
                #expect(!head.contains("set-cookie") && !head.contains("x-evil"), "\(head)")
            }
            for line in server.log.split(separator: "\n") where line.hasPrefix("{") || line.contains("level") {
                let parsed = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(parsed?["ts"] != nil && parsed?["msg"] != nil, "\(line)")
            }
            #expect(!server.log.contains("\u{1b}"))
        }
    }

    @Test func `every answer, an error as well, has the security headers`() async throws {
        try await RunningServer.with { server in
            for path in ["/", "/api/v1/presets", "/nowhere", "/api/v1/jobs/x"] {
                let headers = try await server.get(path).headers
                #expect(headers["x-content-type-options"] == "nosniff")
                #expect(headers["x-frame-options"] == "DENY")
                #expect(headers["cross-origin-resource-policy"] == "same-origin")
                // What is no page may run nothing, should a browser take it for one.
                let isPage = headers["content-type"]?.hasPrefix("text/html") == true
                #expect(isPage == (path == "/"))
                let policy = headers["content-security-policy"] ?? ""
                #expect(policy.contains(isPage ? "default-src 'self'" : "default-src 'none'"), "\(path): \(policy)")
                #expect(policy.contains("frame-ancestors 'none'"))
                #expect(headers["referrer-policy"] == (isPage ? "no-referrer" : nil))
                #expect(headers["access-control-allow-origin"] == nil && headers["server"] == nil)
                #expect(headers["x-response-time"] != nil && headers["x-request-id"] != nil)
            }
        }
    }
}
