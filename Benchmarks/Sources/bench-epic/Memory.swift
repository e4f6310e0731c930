import BenchHarness
import Foundation
import PatientGen

/// The epic's download: so many patients as JSON. Before, all of them and their text are in memory; after, they stream.
/// Each way runs in a process of its own, whose peak resident memory the kernel keeps.
enum Memory {
    enum Way: String, CaseIterable { case everything, streaming }

    private static func generator(_ count: Int) -> PatientGenerator {
        var scenario = Scenario()
        scenario.totalPatients = count
        return PatientGenerator(scenario: scenario, seed: 7)
    }

    /// What the child does; prints its peak in kilobytes and how long it took in seconds.
    static func child(_ way: Way, count: Int) {
        let generator = generator(count)
        let writer = PatientFormat.ndjson.writer(for: generator)
        let start = BenchHarness.now()
        guard let output = fopen("/dev/null", "w") else { exit(1) }
        func send(_ bytes: [UInt8]) {
            _ = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, output) }
        }
        switch way {
        case .everything:
            let patients = Array(generator.patients(in: 0..<generator.count))
            var text: [UInt8] = []
            generator.write(0..<generator.count, with: writer, into: &text)
            send(text)
            blackHole(patients.count)
        case .streaming:
            var buffer: [UInt8] = []
            for start in stride(from: UInt64(0), to: generator.count, by: 1000) {
                buffer.removeAll(keepingCapacity: true)
                generator.write(start..<min(start + 1000, generator.count), with: writer, into: &buffer)
                send(buffer)
            }
        }
        let seconds = Double(BenchHarness.now() - start) / 1e9
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
            let kilobytes = usage.ru_maxrss / 1024
        #else
            getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
            let kilobytes = usage.ru_maxrss
        #endif
        print("\(kilobytes) \(seconds)")
    }

    /// Peak resident megabytes and patients a minute of a way.
    static func measure(_ way: Way, count: Int) throws -> (megabytes: Double, perMinute: Double) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = ["--child", way.rawValue, "\(count)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split {
            $0.isWhitespace
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0, words.count == 2, let kilobytes = Double(words[0]),
            let seconds = Double(words[1])
        else { throw Failure(description: "the child that generates \(way.rawValue) failed") }
        return (kilobytes * 1024 / 1e6, Double(count) / seconds * 60)
    }

    struct Failure: Error, CustomStringConvertible { let description: String }
}
