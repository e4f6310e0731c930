import BenchHarness
import Foundation
import PatientGen

/// Resident memory at the end of a run, measured in a process of its own.
enum Residence {
    struct Order {
        var format: PatientFormat
        var count: Int
    }

    /// `--residence FORMAT COUNT`, as ``measure`` starts this program.
    static func order(_ arguments: [String]) -> Order? {
        guard arguments.count == 4, arguments[1] == "--residence", let format = PatientFormat(rawValue: arguments[2]),
            let count = Int(arguments[3])
        else { return nil }
        return Order(format: format, count: count)
    }

    /// Writes the patients to nothing and prints the peak of resident memory in kilobytes.
    static func generate(_ order: Order) async throws {
        let generator = PatientGenerator(scenario: scenario(order.count), seed: 7)
        var bytes = 0
        for try await chunk in generator.chunks(format: order.format, width: 2, statistics: true) {
            bytes += chunk.count
        }
        blackHole(bytes)
        var usage = rusage()
        _ = getrusage(0, &usage)  // RUSAGE_SELF
        print(usage.ru_maxrss)
    }

    static func measure(_ bench: Bench) async throws {
        let runs: [(PatientFormat, Int)] = [
            (.json, 1_000), (.json, 100_000), (.json, 10_000_000), (.csv, 1_000), (.csv, 100_000), (.csv, 10_000_000),
            (.fhirNDJSON, 1_000), (.fhirNDJSON, 100_000), (.fhirNDJSON, 1_000_000), (.ips, 1_000), (.ips, 1_000_000),
        ]
        for (format, count) in runs {
            let name = "\(format.rawValue), peak memory at \(count) patients"
            guard bench.wants(name) else { continue }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["--residence", format.rawValue, "\(count)"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            guard let kilobytes = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else { continue }
            bench.record(name, kilobytes * 1024 / 1e6, "MB", target: .valueAtMost(64))
        }
    }
}
