import BenchHarness
import Foundation
import PatientGen

/// Each format into a file, on one thread and on two, against the same that throws the bytes away.
func measureFiles(_ bench: Bench) async throws {
    for format in PatientFormat.allCases {
        for threads in [1, 2] {
            let name = "\(format.rawValue), \(threads == 1 ? "one thread" : "two threads"), to a file"
            guard bench.wants(name) else { continue }
            let size = rate(format, patients: 2_000).bytes
            let figures = try await bench.medians([
                { try await stream(format, threads).rate }, { try await streamToFile(format, threads) },
            ])
            bench.record(name, figures[1], "patients/s", floor: "null sink", floorValue: figures[0])
            bench.record("\(name), in bytes", figures[1] * size / 1e6, "MB/s")
        }
    }
}

/// Patients a second of a stream, and how many bytes it gave to the sink.
func stream(
    _ format: PatientFormat, _ threads: Int, patients: UInt64 = 40_000,
    into sink: (UnsafeBufferPointer<UInt8>) throws -> Void = { blackHole($0.count) }
) async throws -> (rate: Double, bytes: Int) {
    var bytes = 0
    let start = now()
    for try await chunk in generator.chunks(of: 0..<patients, format: format, width: threads) {
        try chunk.withBytes(sink)
        bytes += chunk.count
    }
    return (Double(patients) / Double(now() - start) * 1e9, bytes)
}

/// The same into a file, which must hold all of it in the end.
private func streamToFile(_ format: PatientFormat, _ threads: Int) async throws -> Double {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
    try Data().write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let file = try FileHandle(forWritingTo: path)
    let result = try await stream(format, threads) { bytes in
        guard let base = bytes.baseAddress else { return }
        let data = Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count, deallocator: .none)
        try file.write(contentsOf: data)
    }
    let written = try file.offset()
    try file.close()
    guard written == UInt64(result.bytes) else {
        throw ProgramFailure(description: "\(path.path) has \(written) bytes of \(result.bytes)")
    }
    return result.rate
}

/// What `patientgen` gives a user, with what it does to the bytes on their way to the file: the whole program, its start
/// included.
func measureProgram(_ bench: Bench) async throws {
    let cases: [(name: String, format: String, options: [String], count: Int)] = [
        ("csv", "csv", [], 400_000), ("csv, gzip", "csv", ["--gzip"], 200_000),
        ("csv, AES-256-GCM", "csv", ["--encrypt"], 200_000),
        ("csv, gzip and AES-256-GCM", "csv", ["--gzip", "--encrypt"], 200_000),
        ("fhir-ndjson", "fhir-ndjson", [], 40_000), ("fhir-ndjson, gzip", "fhir-ndjson", ["--gzip"], 40_000),
        ("fhir-ndjson, AES-256-GCM", "fhir-ndjson", ["--encrypt"], 40_000), ("xlsx", "xlsx", [], 100_000),
    ]
    let wanted = cases.filter { bench.wants("patientgen, \($0.name), to a file") }
    guard !wanted.isEmpty else { return }
    guard let program = ProcessInfo.processInfo.environment["VITALS_PATIENTGEN"] else {
        throw ProgramFailure(description: "VITALS_PATIENTGEN names no patientgen; Scripts/bench patients sets it")
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let password = folder.appendingPathComponent("password").path
    try Data("correct horse battery staple\n".utf8).write(to: URL(fileURLWithPath: password))
    for one in wanted {
        let output = folder.appendingPathComponent("patients").path
        let common = ["--preset", "nato_article_5", "--seed", "7", "--format", one.format]
        let secret = one.options.contains("--encrypt") ? ["--password-file", password] : []
        let figures = try await bench.medians([
            {
                let start = now()
                _ = try run(program, common + one.options + secret + ["--count", "\(one.count)", "--output", output])
                return Double(one.count) / Double(now() - start) * 1e9
            }
        ])
        let name = "patientgen, \(one.name), to a file"
        bench.record(name, figures[0], "patients/s")
        let bytes = try FileManager.default.attributesOfItem(atPath: output)[.size] as? Int ?? 0
        bench.record("\(name), size of a patient", Double(bytes) / Double(one.count), "bytes")
    }
}

/// From nothing to the first chunk of a stream, the scenario's tables made anew.
func measureFirstByte(_ bench: Bench) async throws {
    for format in PatientFormat.allCases {
        let name = "\(format.rawValue), time to first byte"
        guard bench.wants(name) else { continue }
        let figures = try await bench.medians([
            {
                let start = now()
                let fresh = PatientGenerator(scenario: scenario(1_000_000), seed: 3)
                var chunks = fresh.chunks(format: format, width: 2).makeAsyncIterator()
                _ = try await chunks.next()
                return Double(now() - start) / 1e6
            }
        ])
        bench.record(name, figures[0], "ms", target: .valueAtMost(5))
    }
}
