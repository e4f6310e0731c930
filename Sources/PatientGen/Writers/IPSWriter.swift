/// International Patient Summary documents, FHIR R4, one Bundle a line and a patient: the Composition first, then the
/// patient, the problems, the allergies. A section without entries says why.
public struct IPSWriter: PatientWriter {
    private let resources: FHIRResources

    /// A writer for a scenario's patients.
    public init(scenario: Scenario) { resources = FHIRResources(moments: Moments(scenario: scenario)) }

    /// One document.
    public func append(_ patient: Patient, into b: inout UTF8Sink) {
        b.append("{\"resourceType\":\"Bundle\",\"id\":\"ips-")
        number(patient, &b)
        b.append("\",\"identifier\":{\"system\":\"https://example.org/exercise-summary\",\"value\":\"ips-")
        number(patient, &b)
        b.append("\"},\"type\":\"document\",\"timestamp\":\"")
        written(patient, &b)
        b.append("\",\"entry\":[{\"fullUrl\":\"https://example.org/fhir/Composition/composition-")
        number(patient, &b)
        b.append("\",\"resource\":")
        composition(patient, &b)
        b.append("},{\"fullUrl\":\"https://example.org/fhir/Organization/")
        FHIRShared.id(.organization, patient.nation, &b)
        b.append("\",\"resource\":")
        FHIRShared.append(.organization, patient.nation, &b)
        b.append("}")
        for type in [FHIRType.patient, .condition, .allergyIntolerance] {
            for place in 0..<resources.count(type, of: patient) {
                b.append(",{\"fullUrl\":\"https://example.org/fhir/")
                b.appendText(type.rawValue)
                b.append("/")
                resources.id(type, place, of: patient, &b)
                b.append("\",\"resource\":")
                resources.append(type, place, of: patient, &b)
                b.append("}")
            }
        }
        b.append("]}\n")
    }

    private func composition(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append("{\"resourceType\":\"Composition\",\"id\":\"composition-")
        number(patient, &b)
        b.append(
            "\",\"status\":\"final\",\"type\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"60591-5\",\"display\":\"Patient summary Document\"}]},\"subject\":{\"reference\":\"Patient/p-"
        )
        number(patient, &b)
        b.append("\"},\"date\":\"")
        written(patient, &b)
        b.append("\",\"author\":[{\"reference\":\"Organization/")
        FHIRShared.id(.organization, patient.nation, &b)
        b.append("\"}],\"title\":\"International Patient Summary (exercise)\",\"section\":[")
        section(
            "Problem List", "11450-4", "Problem list - Reported", .condition, patient.conditions.map(\.condition.name),
            patient, &b)
        b.append(",")
        section(
            "Allergies and Intolerances", "48765-2", "Allergies and adverse reactions Document", .allergyIntolerance,
            patient.allergies, patient, &b)
        b.append(",")
        section(
            "Medication Summary", "10160-0", "History of Medication use Narrative", .medicationAdministration, [],
            patient, &b)
        b.append("]}")
    }

    private func section(
        _ title: StaticString, _ code: StaticString, _ display: StaticString, _ type: FHIRType, _ names: [String],
        _ patient: Patient, _ b: inout UTF8Sink
    ) {
        b.append("{\"title\":\"")
        b.append(title)
        b.append("\",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"")
        b.append(code)
        b.append("\",\"display\":\"")
        b.append(display)
        b.append("\"}]},\"text\":{\"status\":\"generated\",\"div\":")
        b.append("\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">")
        if names.isEmpty { b.append("None recorded") }
        for name in names {
            b.append("<p>")
            b.appendNarrative(name)
            b.append("</p>")
        }
        b.append("</div>\"")
        b.append("}")
        guard !names.isEmpty else {
            b.append(
                ",\"emptyReason\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/list-empty-reason\",\"code\":\"nilknown\",\"display\":\"Nil Known\"}]}}"
            )
            return
        }
        b.append(",\"entry\":[")
        for place in names.indices {
            b.append(place == 0 ? "{\"reference\":\"" : ",{\"reference\":\"")
            b.appendText(type.rawValue)
            b.append("/")
            resources.id(type, place, of: patient, &b)
            b.append("\"}")
        }
        b.append("]}")
    }

    private func number(_ patient: Patient, _ b: inout UTF8Sink) { b.append(Int(patient.index) + 1) }

    private func written(_ patient: Patient, _ b: inout UTF8Sink) {
        resources.moments.append(patient.injuredAt + (patient.timeline.last?.minute ?? 0), &b)
    }
}
