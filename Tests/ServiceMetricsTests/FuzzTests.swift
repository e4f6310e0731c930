import Foundation
import Testing

@testable import ServiceMetrics

/// 100,000 registrations and updates of a fixed seed with the worst of names, labels, help texts and values, through
/// everyone who reads the formats.
@Suite("Fuzzed exposition")
struct FuzzTests {
    private static let cases = 100_000
    private static let perRegistry = 2000

    private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool", "/opt/homebrew/bin/promtool"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// A Python that has prometheus_client: of the environment variable, or the system's.
    private static let python: String? = {
        let named = ProcessInfo.processInfo.environment["VITALS_TEST_PYTHON"]
        return ([named, "/usr/bin/python3"] as [String?]).compactMap { $0 }.first { path in
            guard FileManager.default.isExecutableFile(atPath: path) else { return false }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = ["-c", "import prometheus_client.openmetrics.parser"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
    }()

    @Test func `no text has a line out of shape, a family in pieces or a series twice`() {
        var lines = 0
        for round in 0..<Self.cases / Self.perRegistry {
            let registry = FuzzedRegistry(seed: UInt64(round), cases: Self.perRegistry).registry
            for format in ExpositionFormat.allCases {
                let text = registry.text(format)
                lines += text.utf8.count { $0 == 0x0A }
                for fault in DuplicateChecker.faults(of: text, openMetrics: format == .openMetrics).prefix(5) {
                    Issue.record("seed \(round), \(format): \(fault)")
                }
            }
        }
        #expect(lines > Self.cases / 4)
    }

    @Test(.enabled(if: promtool != nil, "promtool is not installed"))
    func `promtool reads every classic text`() throws {
        try Self.inFolder { folder in
            for round in 0..<Self.cases / Self.perRegistry {
                let file = folder.appendingPathComponent("\(round).prom")
                let registry = FuzzedRegistry(seed: UInt64(round), cases: Self.perRegistry).registry
                try Data(registry.text().utf8).write(to: file)
                // 0 is fine, 3 is what lint thinks of names; 1 is a text that cannot be parsed.
                let (code, output) = try Self.run(Self.promtool ?? "", ["check", "metrics"], input: file)
                #expect(code == 0 || code == 3, "seed \(round): \(output.prefix(500))")
            }
        }
    }

    @Test(.enabled(if: python != nil, "no Python with prometheus_client; VITALS_TEST_PYTHON names one"))
    func `the Python parsers read every text`() throws {
        try Self.inFolder { folder in
            for round in 0..<Self.cases / Self.perRegistry {
                let registry = FuzzedRegistry(seed: UInt64(round), cases: Self.perRegistry, plainExemplars: true)
                    .registry
                try Data(registry.text().utf8).write(to: folder.appendingPathComponent("\(round).prom"))
                try Data(registry.text(.openMetrics).utf8).write(to: folder.appendingPathComponent("\(round).om"))
            }
            let script = """
                import glob, sys
                from prometheus_client.openmetrics.parser import text_string_to_metric_families as om
                from prometheus_client.parser import text_string_to_metric_families as classic
                for path in sorted(glob.glob(sys.argv[1] + "/*")):
                    text = open(path, newline="\\n", encoding="utf-8").read()
                    try:
                        print(path.rsplit("/", 1)[1], sum(len(f.samples) for f in (om if path.endswith(".om") else classic)(text)))
                    except Exception as error:
                        sys.exit(f"{path}: {error}")
                """
            let (code, output) = try Self.run(Self.python ?? "", ["-c", script, folder.path], input: nil)
            #expect(code == 0, "\(output.suffix(2000))")
        }
    }

    private static func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private static func run(_ program: String, _ arguments: [String], input: URL?) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let input { process.standardInput = try FileHandle(forReadingFrom: input) }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
