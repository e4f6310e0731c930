import ArgumentParser
import Foundation
import LogAnalysis

@main
struct VitalsLogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vitals-log", abstract: "What a service's JSON log comes to: routes, slow statements, errors.",
        discussion: "Exit status: 0, or 1 when a --fail-if condition is broken, or 64 when the command line is wrong.",
        version: "0.1.0")

    @Argument(help: "Files to read; standard input without any, or for -.")
    var files: [String] = []

    @Option(help: "Counts lines since then: 2025-06-01T12:00:00Z, or a span back from now such as 15m.")
    var since: String?

    @Option(help: "Prints the lines of one trace, request or job, as they are.")
    var trace: String?

    @Option(help: "text or json.")
    var format = Format.text

    @Option(
        name: .customLong("fail-if"),
        help: "Exit status 1 when broken, such as p95>1000ms, error_rate>1%, errors>0. May stand more than once.")
    var failIf: [String] = []

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    func run() throws {
        let conditions: [FailureCondition]
        let summaryStart: String?
        do {
            conditions = try failIf.map { text throws(LogAnalysisError) in try FailureCondition(text) }
            summaryStart = try since.map { text throws(LogAnalysisError) in try SinceTime.parse(text) }
        } catch {
            throw ValidationError("\(error)")
        }
        if let trace { return try printLines(of: Array(trace.utf8)) }
        var summary = LogSummary(since: summaryStart)
        try forEachLine { summary.add(line: $0) }
        print(format == .json ? try summary.json() : summary.text, terminator: format == .json ? "\n" : "")
        var isBroken = false
        for condition in conditions {
            for violation in condition.violations(in: summary) {
                isBroken = true
                FileHandle.standardError.write(Data("\(condition.text): \(violation)\n".utf8))
            }
        }
        if isBroken { throw ExitCode(1) }
    }

    private func printLines(of id: [UInt8]) throws {
        try forEachLine { line in
            guard LogSummary.isOf(id, line) else { return }
            FileHandle.standardOutput.write(Data(line) + [0x0A])
        }
    }

    private func forEachLine(_ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        for file in files.isEmpty ? ["-"] : files {
            guard let handle = file == "-" ? .standardInput : FileHandle(forReadingAtPath: file) else {
                throw ValidationError("\(file) cannot be read; is it there, and may it be read?")
            }
            try LogReader(handle).forEachLine(body)
        }
    }
}
