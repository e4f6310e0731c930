import BenchHarness
import Foundation
import PatientGen

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
