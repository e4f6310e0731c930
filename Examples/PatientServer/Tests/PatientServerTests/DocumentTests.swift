import Foundation
import ServerTestSupport
import Testing

/// What the documents and the deployment files say, tried.
@Suite("Documents and deployment files", .serialized)
struct DocumentTests {
    /// The root of the repository.
    static let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(5).joined(separator: "/")
        .replacingOccurrences(of: "//", with: "/")
    private var ops: String { "\(Self.root)/Examples/PatientServer/ops" }

    @Test func `every command of the API's guide works, in its order`() async throws {
        let guide = try String(contentsOfFile: "\(Self.root)/Documentation/Server.md", encoding: .utf8)
        let blocks = guide.components(separatedBy: "```sh\n").dropFirst().map {
            $0.components(separatedBy: "\n```")[0]
        }
        #expect(blocks.count >= 8)
        try await RunningServer.with { server in
            let script = "set -euo pipefail\ncd '\(server.folder)'\n" + blocks.joined(separator: "\n")
            let output = try await ChildProcess.run(
                "/usr/bin/env", ["bash", "-xc", script], environment: ["BASE": server.base])
            #expect(output.contains("event: job") && output.contains("validation_error"))
            let files = try FileManager.default.contentsOfDirectory(atPath: server.folder)
            #expect(files.contains { $0.hasSuffix(".zip") } && files.contains { $0.hasSuffix(".csv.enc") }, "\(files)")
        }
    }

    @Test func `every setting the guide names is one, with the default it says`() throws {
        let guide = try String(contentsOfFile: "\(Self.root)/Documentation/Server.md", encoding: .utf8)
        let table = guide.components(separatedBy: "| environment | default |")[1]
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count >= 10)
        let loading = try String(
            contentsOfFile: "\(Self.root)/Examples/PatientServer/Sources/PatientServer/Settings/Settings+Loading.swift",
            encoding: .utf8)
        for row in rows {
            let names = row.split(separator: "|")[0].split(separator: "`").filter { $0.contains { $0.isLetter } }
            for name in names { #expect(loading.contains("\"\(name.lowercased())\""), "\(name)") }
        }
    }

    @Test func `rules and dashboard are what artifacts writes, and promtool agrees`() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await ChildProcess.run(
            "\(RunningServer.products)/patient-server",
            ["artifacts", "--config", "\(Self.root)/Examples/PatientServer/config", folder])
        for (name, kept) in [
            ("rules.yml", "prometheus/rules.yml"), ("rules_test.yml", "prometheus/rules_test.yml"),
            ("dashboard.json", "grafana/dashboards/vitals.json"), ("metrics.md", "metrics.md"),
        ] {
            #expect(
                try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                    == String(contentsOfFile: "\(ops)/\(kept)", encoding: .utf8),
                "ops/\(kept) is not what `patient-server artifacts` writes")
        }
        try await ChildProcess.run("/usr/bin/env", ["promtool", "test", "rules", "\(ops)/prometheus/rules_test.yml"])
        try await ChildProcess.run("/usr/bin/env", ["promtool", "check", "config", "\(ops)/prometheus/prometheus.yml"])
        try await ChildProcess.run("/usr/bin/env", ["amtool", "check-config", "\(ops)/alertmanager/alertmanager.yml"])
    }

    @Test func `each alert rule has its response procedure, and each check its line in the table`() throws {
        func page(_ name: String) throws -> String {
            try String(contentsOfFile: "\(Self.root)/Documentation/\(name).md", encoding: .utf8)
        }
        let headings = try page("Alerts").split(separator: "\n").filter { $0.hasPrefix("## ") }
        let rules = try String(contentsOfFile: "\(ops)/prometheus/rules.yml", encoding: .utf8)
        let names = rules.matches(of: /- alert: (\w+)/).map(\.output.1)
        #expect(names.count >= 7)
        for name in names {
            #expect(
                headings.contains { $0.split { !$0.isLetter }.contains(name) }, "Alerts.md has no procedure for \(name)"
            )
        }
        let health = try page("Health")
        let checks = "\(Self.root)/Sources/HealthChecks/Checks"
        var count = 0
        for file in try FileManager.default.contentsOfDirectory(atPath: checks) {
            let text = try String(contentsOfFile: "\(checks)/\(file)", encoding: .utf8)
            for shipped in text.matches(of: /public static func (\w+)\([^{]*?\) -> HealthCheck/) {
                count += 1
                #expect(health.contains("| `.\(shipped.output.1)("), "Health.md does not tell of .\(shipped.output.1)")
            }
        }
        #expect(count >= 10)
    }
}
