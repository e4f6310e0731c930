import ArgumentParser
import Foundation
import PatientExport
import PatientGen

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Writes patients to a file or to standard output.")

    @Option(help: "A ready-made scenario; `patientgen presets` lists them.")
    var preset: String?

    @Option(help: "A scenario's file, JSON or YAML.")
    var scenario: String?

    @Option(help: "How many patients; the scenario's own number by default.")
    var count: Int?

    @Option(help: "The same seed gives the same patients.")
    var seed: UInt64 = 1

    @Option(help: "What to write: ndjson, json, csv, xml, dd1380, 9line, mist, fhir-ndjson, fhir-bundle or ips.")
    var format: String = "ndjson"

    @Option(name: .shortAndLong, help: "The file to write; standard output by default.")
    var output: String?

    @Flag(help: "Compress with gzip.")
    var gzip = false

    func validate() throws {
        guard PatientFormat(rawValue: format) != nil else {
            throw ValidationError(
                "--format \(format) is not known; there are \(PatientFormat.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        guard preset == nil || scenario == nil else { throw ValidationError("give --preset or --scenario, not both") }
    }

    func run() async throws {
        var chosen = Scenario()
        if let preset {
            guard let found = Scenario.preset(preset) else {
                throw ValidationError(
                    "--preset \(preset) is not known; there are \(Scenario.presets.map(\.id).joined(separator: ", "))")
            }
            chosen = found
        } else if let scenario {
            chosen = try ScenarioFile.read(scenario)
        }
        if let count {
            do {
                try chosen.apply(.object([.init("total_patients", .number(Double(count)))]))
            } catch {
                throw ValidationError("--count: \(error)")
            }
        }
        try write(PatientGenerator(scenario: chosen, seed: seed))
    }

    private func write(_ generator: PatientGenerator) throws {
        let handle = try file()
        let writer = (PatientFormat(rawValue: format) ?? .ndjson).writer(for: generator)
        let packer = gzip ? try Deflater(.gzip) : nil
        var plain: [UInt8] = []
        var packed: [UInt8] = []
        var first: UInt64 = 0
        while first < generator.count {
            let next = min(generator.count, first + 500)
            plain.removeAll(keepingCapacity: true)
            generator.write(first..<next, with: writer, into: &plain)
            first = next
            guard let packer else {
                try handle.write(contentsOf: plain)
                continue
            }
            packed.removeAll(keepingCapacity: true)
            try packer.append(plain[...], into: &packed)
            if first == generator.count { try packer.finish(into: &packed) }
            try handle.write(contentsOf: packed)
        }
        if output != nil { try handle.close() }
    }

    private func file() throws -> FileHandle {
        guard let output else { return .standardOutput }
        guard FileManager.default.createFile(atPath: output, contents: nil),
            let handle = FileHandle(forWritingAtPath: output)
        else { throw ValidationError("--output \(output) cannot be written; is its folder there?") }
        return handle
    }
}
