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

    /// What the child does; prints its peak in millions of bytes and how long it took in seconds.
    static func child(_ way: Way, count: Int) throws {
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
        print(try residentMemory("VmHWM"), seconds)
    }

    /// Peak resident megabytes and patients a minute of a way.
    static func measure(_ way: Way, count: Int) throws -> (megabytes: Double, perMinute: Double) {
        let words = try runItself(["--child", way.rawValue, "\(count)"]).compactMap { Double($0) }
        guard words.count == 2 else {
            throw ProgramFailure(description: "the child that generates \(way.rawValue) said \(words)")
        }
        return (words[0], Double(count) / words[1] * 60)
    }
}
