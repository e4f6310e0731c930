import Foundation
import ServerTestSupport
import Testing

@Suite("Bad input", .serialized)
struct BadInputTests {
    /// Requests that cannot be served, the status they get and what the answer must name.
    static let requests: [(body: String, status: Int, names: String)] = [
        (#"{"scenario": {"total_patients": 0}}"#, 422, "total_patients"),
        (#"{"scenario": {"total_patients": -1}}"#, 422, "total_patients"),
        (#"{"scenario": {"total_patients": 1000000000000}}"#, 422, "total_patients"),
        (#"{"scenario": {"total_patients": "ten"}}"#, 422, "total_patients"),
        (#"{"scenario": {"total_patients": 10, "days": 3}}"#, 422, "days"),
        (#"{"scenario": {"total_patients": 10}, "sead": 3}"#, 422, "sead"),
        (#"{"preset": "unknown"}"#, 422, "preset"),
        (#"{"preset": "training_exercise", "seed": "x"}"#, 422, "seed"),
        (#"{"preset": "training_exercise", "output_formats": ["pdf"]}"#, 422, "output_formats"),
        (#"{"scenario": "#, 400, "JSON"),
        (#"[1, 2]"#, 400, "object"),
        ("", 400, "body"),
    ]

    @Test("a generation that cannot be is refused with the field and the rule")
    func generation() async throws {
        try await RunningServer.with { server in
            for request in Self.requests {
                let answer = try await server.post("/api/v1/generation/", request.body)
                #expect(answer.status == request.status, "\(request.body): \(answer.text)")
                let envelope = try answer.json()
                #expect(Set(envelope.keys).isSuperset(of: ["error", "detail", "timestamp", "request_id"]))
                #expect((envelope["detail"] as? String)?.contains(request.names) == true, "\(answer.text)")
            }
        }
    }

    @Test("what is not there is 404 in the one envelope, also as problem+json")
    func missing() async throws {
        try await RunningServer.with { server in
            for path in ["/nowhere", "/api/v1/jobs/nothing", "/api/v1/downloads/nothing?format=ndjson"] {
                let answer = try await server.get(path)
                #expect(answer.status == 404, "\(path)")
                #expect(try answer.json()["error"] as? String == "not_found")
            }
            let problem = try await server.get("/nowhere", headers: ["Accept": "application/problem+json"])
            #expect(problem.headers["content-type"] == "application/problem+json")
            #expect(try problem.json()["title"] as? String == "not_found")
        }
    }

    @Test("a start that cannot be ends with one clear line and its exit code")
    func start() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func ends(_ arguments: [String], _ environment: [String: String] = [:], code: Int32, saying: String)
            async throws
        {
            let log = "\(folder)/\(UUID().uuidString)"
            let child = try ChildProcess.start(
                "\(RunningServer.products)/patient-server", ["serve"] + arguments, environment: environment, output: log
            )
            #expect(await child.ended() == code, "\(arguments)")
            let text = try String(contentsOfFile: log, encoding: .utf8)
            let lines = text.split(separator: "\n").filter { $0.hasPrefix("error:") || $0.hasPrefix("Error:") }
            #expect(lines.count == 1 && lines[0].contains(saying), "\(arguments): \(text)")
            #expect(!text.contains("hunter2"), "no password is shown")
        }
        let database = ["--database", "sqlite://\(folder)/db.sqlite"]
        try await RunningServer.with { server in
            try await ends(database + ["--port", "\(server.port)"], code: 69, saying: "\(server.port)")
        }
        try await ends(
            ["--database", "postgresql://u:hunter2@127.0.0.1:1/x"], ["POOL_TIMEOUT": "2"], code: 69, saying: "127.0.0.1"
        )
        try await ends(["--database", "mysql://u:hunter2@h/x"], code: 78, saying: "postgresql://")
        try await ends(["--database", "sqlite:///nowhere/at/all.sqlite"], code: 69, saying: "/nowhere/at")
        try await ends(database + ["--port", "99999"], code: 78, saying: "port")
        try await ends(database, ["PORT": "abc"], code: 78, saying: "PORT")
        try await ends(database, ["APP_ENV": "prod"], code: 78, saying: "APP_ENV")
        try await ends(database + ["--config", "\(folder)/none"], code: 78, saying: "none")
        try await ends(database, ["TLS_CERTIFICATE": "\(folder)/none.pem"], code: 78, saying: "none.pem")
        try await ends(database, ["HEALTH_URLS": "tiles=ftp://h/"], code: 78, saying: "name=http://host/path")
        try await ends(database, ["SLOW_STATEMENT": "soon"], code: 78, saying: "SLOW_STATEMENT")
        let config = "\(folder)/config"
        try FileManager.default.createDirectory(atPath: config, withIntermediateDirectories: true)
        for (yaml, names) in [
            ("production:\n  pool_sise: 20\n", "pool_sise"), ("production:\n  pool_size: many\n", "pool_size"),
            ("production: [\n", "YAML"), ("production:\n  pool_size: 0\n", "pool_size"),
        ] {
            try yaml.write(toFile: "\(config)/database.yml", atomically: true, encoding: .utf8)
            try await ends(database + ["--config", config], code: 78, saying: names)
        }
        try FileManager.default.removeItem(atPath: "\(config)/database.yml")
        try FileManager.default.createDirectory(atPath: "\(config)/database.yml", withIntermediateDirectories: true)
        try await ends(database + ["--config", config], code: 78, saying: "database.yml")
        guard PostgresServer.isAvailable else { return }
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        proxy.overwrite(after: "server_version\0", with: "11")
        try await ends(
            ["--database", server.dsn(host: "127.0.0.1", port: proxy.port)], ["POOL_TIMEOUT": "2"], code: 69,
            saying: "12 is the oldest")
    }
}
