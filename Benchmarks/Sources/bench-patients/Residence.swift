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

    /// Writes the patients to nothing and prints the peak of resident memory in millions of bytes.
    static func generate(_ order: Order) async throws {
        let generator = PatientGenerator(scenario: scenario(order.count), seed: 7)
        var bytes = 0
        for try await chunk in generator.chunks(format: order.format, width: 2, statistics: true) {
            bytes += chunk.count
        }
        blackHole(bytes)
        print(try residentMemory("VmHWM"))
    }

    static func measure(_ bench: Bench) async throws {
        for format in PatientFormat.allCases {
            for count in [1_000, 100_000, 10_000_000] {
                let name = "\(format.rawValue), peak memory at \(count) patients"
                guard bench.wants(name) else { continue }
                let words = try runItself(["--residence", format.rawValue, "\(count)"])
                guard let peak = words.last.flatMap({ Double($0) }) else {
                    throw ProgramFailure(description: "the process that generates \(name) said \(words)")
                }
                bench.record(name, peak, "MB", target: .valueAtMost(64))
            }
        }
    }
}
