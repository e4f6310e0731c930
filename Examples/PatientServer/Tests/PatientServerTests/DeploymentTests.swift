import Foundation
import ServerTestSupport
import Testing

/// The deployment files, read by the programs they are for.
@Suite("Deployment files", .serialized)
struct DeploymentTests {
    private let ops = "\(DocumentTests.root)/Examples/PatientServer/ops"

    private static func isInstalled(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(ops)/\(path)", encoding: .utf8)
    }

    @Test(.enabled(if: isInstalled("/usr/bin/docker-compose"), "needs docker-compose"))
    func `docker-compose accepts the compose file, and every file it mounts or builds from exists`() async throws {
        let secrets = ["POSTGRES_PASSWORD": "a-secret", "GRAFANA_PASSWORD": "another"]
        // Beside the original, so that its relative paths lead where they lead there. Version 1 has no `name`.
        let copy = "\(ops)/docker/compose-\(UUID().uuidString).yml"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try text("docker/compose.yml").replacing("\nname: patient-server\n", with: "\n")
            .write(toFile: copy, atomically: true, encoding: .utf8)
        let whole = try await ChildProcess.run(
            "/usr/bin/docker-compose", ["-f", copy, "config"], environment: secrets)
        for name in ["server", "worker", "postgres", "redis", "prometheus", "alertmanager", "grafana"] {
            #expect(whole.contains("\n  \(name):\n"), "\(name)")
        }
        // A host's path in a mount, the context and its Dockerfile.
        let root = DocumentTests.root
        var paths: [String] = []
        for line in whole.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "-", words[1].hasPrefix("/"), words[1].hasSuffix(":ro") {
                paths.append(String(words[1].split(separator: ":")[0]))
            } else if words.first == "context:" || words.first == "dockerfile:", words.count == 2 {
                paths.append(words[0] == "context:" ? String(words[1]) : "\(root)/\(words[1])")
            }
        }
        #expect(paths.count >= 6, "\(paths)")
        for path in paths { #expect(FileManager.default.fileExists(atPath: path), "\(path)") }
        #expect(whole.contains("postgresql://vitals:a-secret@postgres/vitals"))
        await #expect(throws: (any Error).self, "without its secrets it does not start") {
            try await ChildProcess.run("/usr/bin/docker-compose", ["-f", copy, "config"])
        }
    }

    @Test func `the compose file's services run what the server's command line takes`() async throws {
        let compose = try text("docker/compose.yml")
        let commands = compose.split(separator: "\n").filter {
            $0.contains("command: [") && $0.contains("/etc/patient-server")
        }
        #expect(commands.count == 2)
        for line in commands {
            let words = line.drop { $0 != "[" }.dropFirst().dropLast().split(separator: ", ").map(String.init)
            try await expectAccepted(words)
        }
    }

    @Test func `the image copies what exists, installs what Debian has, and starts what the server takes`() async throws
    {
        let image = try text("docker/Dockerfile").replacing("\\\n", with: " ")
        let steps = image.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        var copied = 0
        for words in steps where words.first == "COPY" && !words[1].hasPrefix("--from") {
            #expect(FileManager.default.fileExists(atPath: "\(DocumentTests.root)/\(words[1])"), "\(words[1])")
            copied += 1
        }
        #expect(copied == 2)
        // What it builds are products of the package, and the final stage takes all of them.
        let manifest = try String(
            contentsOfFile: "\(DocumentTests.root)/Examples/PatientServer/Package.swift", encoding: .utf8)
        for name in ["patient-server", "patientgen", "vitals-log"] {
            #expect(
                manifest.contains(".executable(name: \"\(name)\"")
                    && steps.contains { $0.contains("mkdir") && $0.contains { $0.hasPrefix(name) } },
                "\(name)")
        }
        func list(_ instruction: String) -> [String] {
            let line = image.split(separator: "\n").last { $0.hasPrefix(instruction) } ?? ""
            return line.dropFirst(instruction.count).split(whereSeparator: { " [],\"".contains($0) }).map(String.init)
        }
        #expect(list("ENTRYPOINT") == ["patient-server"])
        try await expectAccepted(list("CMD"))
        // No host's build goes into the image.
        #expect(try text("docker/Dockerfile.dockerignore").contains("**/.build*"))

        let packages = steps.flatMap { words in
            words.split(separator: "install").dropFirst().flatMap { $0.prefix { $0 != "&&" } }
        }.filter { !$0.hasPrefix("-") }
        #expect(packages.count >= 10, "\(packages)")
        let system = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        guard system.contains("bookworm") else { return }
        let known = try await ChildProcess.run("/usr/bin/apt-cache", ["pkgnames"]).split(separator: "\n").map(
            String.init)
        guard known.contains("ca-certificates") else { return }
        #expect(Set(packages).subtracting(known) == [])
    }

    @Test(.enabled(if: isInstalled("/usr/bin/systemd-analyze"), "needs systemd-analyze"))
    func `systemd finds nothing wrong with the units, and they start what the server takes`() async throws {
        let folder = try RunningServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["patient-server.service", "patient-worker@.service"] {
            let unit = try text("systemd/\(name)")
            let start = try #require(unit.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
            let words = start.split(separator: " ").map(String.init)
            #expect(words[0] == "ExecStart=/usr/local/bin/patient-server")
            try await expectAccepted(Array(words.dropFirst()))
            // Where it is installed is not here; the binary that was built is.
            try unit.replacing("/usr/local/bin/patient-server", with: "\(RunningServer.products)/patient-server")
                .write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            let verdict = try await ChildProcess.run("/usr/bin/systemd-analyze", ["verify", "\(folder)/\(name)"])
            #expect(verdict.isEmpty, "\(verdict)")
            try (unit + "\nNoSuchSetting=1\n[Service]\nTimeoutStopSec=soon\n")
                .write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            let broken = try? await ChildProcess.run("/usr/bin/systemd-analyze", ["verify", "\(folder)/\(name)"])
            #expect(broken?.isEmpty != true, "a broken unit is found")
        }
    }

    @Test(.enabled(if: isInstalled("/usr/sbin/nginx"), "needs nginx"))
    func `nginx accepts the sample proxy`() async throws {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        let site = try text("proxy/nginx.conf")
            .replacing("/etc/ssl/patients.pem", with: certificates.serverCertificate)
            .replacing("/etc/ssl/patients.key", with: certificates.serverKey)
        try "pid \(certificates.folder)/pid; error_log stderr; events {}\nhttp {\naccess_log off;\n\(site)}\n"
            .write(toFile: "\(certificates.folder)/nginx.conf", atomically: true, encoding: .utf8)
        let output = try await ChildProcess.run(
            "/usr/sbin/nginx", ["-t", "-p", certificates.folder, "-c", "\(certificates.folder)/nginx.conf"])
        #expect(output.contains("test is successful") && !output.contains("[warn]"), "\(output)")
    }

    /// Whether the server's command line takes the words; with the configuration of the repository, and no further.
    private func expectAccepted(_ words: [String]) async throws {
        let words = words.map {
            $0 == "/etc/patient-server" ? "\(DocumentTests.root)/Examples/PatientServer/config" : $0
        }
        let help = try await ChildProcess.run("\(RunningServer.products)/patient-server", words + ["--help"])
        #expect(help.contains("USAGE: patient-server \(words.first ?? "")"), "\(words): \(help)")
        for option in words where option.hasPrefix("--") {
            #expect(help.contains(option), "\(words.first ?? "") has no \(option)")
        }
    }
}
