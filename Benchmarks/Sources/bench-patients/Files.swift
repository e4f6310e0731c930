import BenchHarness
import Foundation
import PatientGen

/// The same to a file.
func measureFiles(_ bench: Bench) async throws {
    for format in [PatientFormat.json, .csv, .fhirNDJSON, .ips] {
        let name = "\(format.rawValue), one thread, to a file"
        guard bench.wants(name) else { continue }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        func run() async throws -> Double {
            let patients: UInt64 = 20_000
            let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            defer { close(file) }
            let start = now()
            for try await chunk in generator.chunks(of: 0..<patients, format: format) {
                chunk.withBytes { bytes in
                    var at = 0
                    while at < bytes.count {
                        let written = write(file, bytes.baseAddress.map { $0 + at }, bytes.count - at)
                        guard written > 0 else { return }
                        at += written
                    }
                }
            }
            return Double(patients) / Double(now() - start) * 1e9
        }
        let figures = try await bench.medians([{ rate(format).patients }, { try await run() }])
        bench.record(name, figures[1], "patients/s", floor: "null sink", floorValue: figures[0])
    }
}

/// From nothing to the first chunk of a stream, the scenario's tables made anew.
func measureFirstByte(_ bench: Bench) async throws {
    for format in [PatientFormat.json, .fhirNDJSON, .ips] {
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

/// What the usual way costs: values of `Codable` types through `JSONEncoder`, in the shape of FHIR.
func measureEncoder(_ bench: Bench) async throws {
    struct Coding: Encodable { var system, code, display: String }
    struct Concept: Encodable { var coding: [Coding] }
    struct Reference: Encodable { var reference: String }
    struct Quantity: Encodable { var value: Double; var unit, system, code: String }
    struct Observation: Encodable {
        var resourceType = "Observation"
        var id: String
        var status = "final"
        var code: Concept
        var subject: Reference
        var effectiveDateTime: String
        var valueQuantity: Quantity
    }
    guard bench.wants("JSONEncoder") else { return }
    let patients = Array(generator.patients(in: 0..<200))
    let encoder = JSONEncoder()
    func encode() throws -> Double {
        var bytes = 0
        let time = try nanoseconds(per: 1) {
            for patient in patients {
                for (place, vitals) in patient.vitals.enumerated() {
                    for sign in 0..<6 {
                        bytes += try encoder.encode(
                            Observation(
                                id: "observation-\(patient.index + 1)-\(place * 6 + sign)",
                                code: Concept(coding: [
                                    Coding(system: "http://loinc.org", code: "8867-4", display: "Heart rate")
                                ]),
                                subject: Reference(reference: "Patient/p-\(patient.index + 1)"),
                                effectiveDateTime: "2025-06-01T08:15:00Z",
                                valueQuantity: Quantity(
                                    value: Double(vitals.heartRate), unit: "per minute",
                                    system: "http://unitsofmeasure.org", code: "/min"))
                        ).count
                    }
                }
            }
        }
        return Double(bytes) / time * 1000
    }
    func direct() -> Double {
        let figure = rate(.fhirNDJSON, patients: 5_000)
        return figure.patients * figure.bytes / 1e6
    }
    let figures = try await bench.medians([{ try encode() }, { direct() }])
    bench.record(
        "fhir-ndjson with the model, against JSONEncoder on observations alone", figures[1], "MB/s",
        floor: "JSONEncoder", floorValue: figures[0], target: .ratioAtLeast(10))
}
