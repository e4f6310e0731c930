import ArgumentParser
import Foundation
import LogAnalysis

@main
struct VitalsLogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vitals-log", abstract: "What a service's JSON log comes to.")

    @Argument(help: "Files to read; standard input without any.")
    var files: [String] = []

    func run() throws {
        var summary = LogSummary()
        if files.isEmpty {
            while let line = readLine() { summary.add(line: line.utf8) }
        }
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw ValidationError("\(file) cannot be read; is it there, and may it be read?")
            }
            for line in data.split(separator: UInt8(ascii: "\n")) { summary.add(line: line) }
        }
        show(summary)
    }

    private func show(_ summary: LogSummary) {
        print("\(summary.lines) lines, \(summary.unreadable) of them no JSON record")
        for (level, count) in summary.levels.sorted(by: { $0.value > $1.value }) { print("  \(level): \(count)") }
        for (name, endpoint) in summary.endpoints.sorted(by: { $0.value.percentile(95) > $1.value.percentile(95) }) {
            print(
                "\(name): \(endpoint.requests) requests, \(endpoint.failures) failed, "
                    + "p50 \(endpoint.percentile(50)) ms, p95 \(endpoint.percentile(95)) ms, p99 \(endpoint.percentile(99)) ms"
            )
        }
    }
}
