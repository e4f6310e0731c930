import Foundation
import ServerTestSupport
import Testing

/// A real server's log in the hands of those who read it.
@Suite("Logs, end to end", .serialized, .timeLimit(.minutes(2)))
struct LogOperationTests {
    /// A server that has answered well, badly and not at all, and the file of its log.
    private func withLog(_ body: (RunningServer, _ log: String) async throws -> Void) async throws {
        try await RunningServer.with(environment: ["SLOW_STATEMENT": "1ms"]) { server in
            _ = try await server.generate(#"{"preset": "training_exercise", "total_patients": 100}"#)
            for index in 0..<20 {
                _ = try await server.get("/api/v1/jobs/\(index)", headers: ["X-Request-ID": "request-\(index)"])
            }
            _ = try await server.get("/api/v1/health?\u{22}%0A{")
            while !server.log.contains("\"request_id\":\"request-19\"") { await Task.yield() }
            try await body(server, "\(server.folder)/log")
        }
    }

    private static func hasPackage(_ name: String) -> Bool {
        guard let python = ValidatorTests.python else { return false }
        let libraries = URL(fileURLWithPath: python).deletingLastPathComponent().path + "/../lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: libraries)) ?? []
        return versions.contains {
            FileManager.default.fileExists(atPath: "\(libraries)/\($0)/site-packages/\(name)")
        }
    }

    private func ship(_ kind: String, _ sample: String, _ log: String) async throws -> String {
        try await ChildProcess.run(
            try #require(ValidatorTests.python),
            [
                "\(DocumentTests.root)/Tests/Validators/shipping.py", kind,
                "\(DocumentTests.root)/Examples/PatientServer/ops/\(sample)", log,
            ], environment: ["APP_ENV": "production"])
    }

    @Test(.enabled(if: hasPackage("pyvrl"), "needs VITALS_TEST_PYTHON with pyVRL"))
    func `Vector's own language reads each line by the sample, loses no field and labels by service, env and level`()
        async throws
    {
        try await withLog { _, log in
            let said = try await ship("vector", "vector/vector.yaml", log)
            #expect(said.contains("records shipped whole"))
        }
    }

    @Test(.enabled(if: hasPackage("yaml"), "needs VITALS_TEST_PYTHON"))
    func `the stages of Promtail's sample find time and level in each line`() async throws {
        try await withLog { _, log in
            let said = try await ship("promtail", "promtail/promtail.yml", log)
            #expect(said.contains("records shipped whole"))
        }
    }

    @Test func `vitals-log tells routes, statements and one request of the log, and its exit code what is broken`()
        async throws
    {
        let program = "\(RunningServer.products)/vitals-log"
        /// The exit code and what it wrote.
        func run(_ arguments: [String], input: String? = nil) async throws -> (code: Int32, text: String) {
            let output = FileManager.default.temporaryDirectory.path + "/vitals-log-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: output) }
            let descriptor = input.map { open($0, O_RDONLY) }
            defer { if let descriptor { close(descriptor) } }
            let child = try ChildProcess.start(program, arguments, output: output, input: descriptor)
            let code = await child.ended()
            return (code, try String(contentsOfFile: output, encoding: .utf8))
        }
        try await withLog { server, log in
            let text = try await run([log])
            #expect(text.code == 0 && text.text.contains("/api/v1/jobs/{id}"))
            let piped = try await run(["--format", "json", "--since", "1h"], input: log)
            let summary = try #require(
                try JSONSerialization.jsonObject(with: Data(piped.text.utf8)) as? [String: Any])
            let routes = try #require(summary["routes"] as? [[String: Any]])
            let jobs = try #require(routes.first { ($0["name"] as? String)?.contains("/api/v1/jobs/{id}") == true })
            let count = try #require(jobs["count"] as? Int)
            #expect(count >= 20 && jobs["error_rate"] as? Double == 0)
            // Standard error stands in the same file: the words at the start.
            let unreadable = try #require(summary["unreadable"] as? Int)
            #expect(unreadable <= 2)
            let traced = try await run(["--trace", "request-7", log])
            #expect(traced.code == 0 && traced.text.contains("\"path\":\"/api/v1/jobs/7\""))
            #expect(traced.text.split(separator: "\n").allSatisfy { $0.contains("\"request_id\":\"request-7\"") })
            let kept = try await run(["--fail-if", "p95>60s", "--fail-if", "error_rate>99%", log])
            #expect(kept.code == 0)
            let broken = try await run(["--fail-if", "p50>0ms", log])
            #expect(broken.code == 1 && broken.text.contains("p50>0ms: ") && broken.text.contains("/api/v1/jobs/{id}"))
            for wrong in [["--fail-if", "p97>1ms", log], ["--since", "yesterday", log], ["/nowhere.log"]] {
                let refused = try await run(wrong)
                #expect(refused.code == 64 && refused.text.contains("Error: "), "\(refused.text)")
            }
            #expect(server.child.isRunning)
        }
    }

    @Test func `SIGUSR1 turns debug lines on while the server runs, and off again`() async throws {
        try await RunningServer.with { server in
            /// The statement of a request, at debug level.
            func statements() -> Int {
                server.log.split(separator: "\n").count {
                    $0.contains("\"level\":\"debug\",\"msg\":\"statement\"") && $0.contains("FROM configurations")
                }
            }
            func switched(to level: String) async {
                server.child.signal(SIGUSR1)
                while !server.log.contains(
                    "\"msg\":\"log level changed\",\"logger\":\"patient-server\",\"to\":\"\(level)\"")
                {
                    await Task.yield()
                }
            }
            /// One request, told in the log.
            func ask(_ id: String) async throws {
                _ = try await server.get("/api/v1/configurations/", headers: ["X-Request-ID": id])
                while !server.log.contains("\"request_id\":\"\(id)\"") { await Task.yield() }
            }
            try await ask("quiet")
            #expect(statements() == 0)
            await switched(to: "debug")
            try await ask("loud")
            #expect(statements() == 1)
            await switched(to: "info")
            try await ask("quiet-again")
            #expect(statements() == 1)
            #expect(server.child.isRunning)
        }
    }
}
