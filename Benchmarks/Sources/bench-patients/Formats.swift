import BenchHarness
import PatientGen

let generator = PatientGenerator(scenario: scenario(10_000_000), seed: 7)

func scenario(_ count: Int) -> Scenario {
    var scenario = Scenario.preset("nato_article_5") ?? Scenario()
    scenario.totalPatients = count
    return scenario
}

/// What patients.md asks of one core.
func target(_ format: PatientFormat) -> Target? {
    switch format {
    case .json, .ndjson: .valueAtLeast(150_000)
    case .csv: .valueAtLeast(300_000)
    case .fhirNDJSON: .valueAtLeast(50_000)
    case .ips: .valueAtLeast(40_000)
    default: nil
    }
}

/// Patients a second and bytes a patient of one thread that throws the bytes away.
func rate(_ format: PatientFormat, patients: UInt64 = 20_000) -> (patients: Double, bytes: Double) {
    let writer = format.writer(for: generator)
    var sink = UTF8Sink(capacity: 1 << 20)
    var bytes = 0
    let step = UInt64(format.patientsPerChunk)
    let time = nanoseconds(per: 1) {
        var at: UInt64 = 0
        while at < patients {
            sink.removeAll()
            generator.write(at..<min(patients, at + step), with: writer, into: &sink)
            bytes += sink.count
            at += step
        }
    }
    return (Double(patients) / time * 1e9, Double(bytes) / Double(patients))
}

/// Bytes a second of copying as many bytes as a chunk has, again and again.
func copyRate(_ format: PatientFormat) -> Double {
    let writer = format.writer(for: generator)
    var sink = UTF8Sink(capacity: 1 << 20)
    generator.write(0..<UInt64(format.patientsPerChunk), with: writer, into: &sink)
    return sink.withBytes { source in
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 64)
        defer { target.deallocate() }
        let time = nanoseconds(per: 200) {
            target.copyMemory(from: UnsafeRawBufferPointer(source))
            blackHole(target.baseAddress)
        }
        return Double(source.count) / time * 1e9
    }
}

/// Each format on one thread against its target, and against copying the same bytes.
func measureFormats(_ bench: Bench) async throws {
    if bench.wants("model alone") {
        let range: Range<UInt64> = 0..<20_000
        func rate(_ work: () -> Void) -> Double { Double(range.count) / nanoseconds(per: 1, work) * 1e9 }
        let figures = try await bench.medians([
            { rate { generator.forEach(in: range) { blackHole($0.index) } } },
            { rate { for patient in generator.patients(in: range) { blackHole(patient.index) } } },
        ])
        bench.record("model alone, one thread", figures[0], "patients/s")
        bench.record("model alone, a value for each patient", figures[1], "patients/s")
    }
    for format in PatientFormat.allCases {
        let name = "\(format.rawValue), one thread, null sink"
        guard bench.wants(name) else { continue }
        let size = rate(format, patients: 2_000).bytes
        let figures = try await bench.medians([{ copyRate(format) / size }, { rate(format).patients }])
        bench.record(
            name, figures[1], "patients/s", floor: "memcpy", floorValue: figures[0], target: target(format))
        bench.record("\(format.rawValue), the same in bytes", figures[1] * size / 1e6, "MB/s")
        if format == .json {
            bench.record(
                "10,000 patients a minute, as the EPIC asks", figures[1] * 60, "1/min", target: .valueAtLeast(10_000))
        }
    }
}
