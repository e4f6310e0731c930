/// International Patient Summary documents, FHIR R4, one Bundle a line and a patient: the Composition first, then the
/// patient, the problems, the allergies, the medications, the last vital signs, the procedures. Of the first three a
/// section without entries says why; of the others it is left out.
public struct IPSWriter: PatientWriter {
    private let resources: FHIRResources
    private let texts = IPSTexts()

    /// A writer for a scenario's patients.
    public init(scenario: Scenario) { resources = FHIRResources(scenario: scenario, isSummary: true) }

    /// One document.
    public func append(_ patient: Patient, into b: inout UTF8Sink) {
        let key = Digits(patient.index + 1)
        b.append("{\"resourceType\":\"Bundle\",\"id\":\"ips-")
        key.append(&b)
        b.append("\",\"identifier\":{\"system\":\"https://example.org/exercise-summary\",\"value\":\"ips-")
        key.append(&b)
        b.append("\"},\"type\":\"document\",\"timestamp\":\"")
        written(patient, &b)
        b.append("\",\"entry\":[{\"fullUrl\":\"https://example.org/fhir/Composition/composition-")
        key.append(&b)
        b.append("\",\"resource\":")
        composition(patient, key, &b)
        texts.organizations.append(patient.nation, &b)
        entry(.patient, 0, patient, key, &b)
        for place in patient.conditions.indices { entry(.condition, place, patient, key, &b) }
        for place in patient.allergens.indices { entry(.allergyIntolerance, place, patient, key, &b) }
        for place in statements(patient) { entry(.medicationStatement, place, patient, key, &b) }
        for place in observations(patient) { entry(.observation, place, patient, key, &b) }
        for place in patient.treatments.indices { entry(.procedure, place, patient, key, &b) }
        b.append("]}\n")
    }

    /// The drug taken every day, where there is one, has place 0.
    private func statements(_ patient: Patient) -> Range<Int> {
        (patient.longTermMedication == nil ? 1 : 0)..<patient.medications.count + 1
    }

    /// The last signs that were taken.
    private func observations(_ patient: Patient) -> Range<Int> {
        let end = FHIRResources.singleObservations + patient.vitals.count * Sign.count
        return (patient.vitals.isEmpty ? end : end - Sign.count)..<end
    }

    private func entry(_ type: FHIRType, _ place: Int, _ patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        b.append(",{\"fullUrl\":\"https://example.org/fhir/")
        b.append(type.path)
        resources.id(type, place, key, &b)
        b.append("\",\"resource\":")
        resources.append(type, place, of: patient, key, &b)
        b.append("}")
    }

    private func composition(_ patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        b.append("{\"resourceType\":\"Composition\",\"id\":\"composition-")
        key.append(&b)
        b.append(
            "\",\"status\":\"final\",\"type\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"60591-5\",\"display\":\"Patient summary Document\"}]},\"subject\":{\"reference\":\"Patient/p-"
        )
        key.append(&b)
        b.append("\"},\"date\":\"")
        written(patient, &b)
        b.append("\",\"author\":[{\"reference\":\"Organization/")
        FHIRShared.id(.organization, patient.nation, &b)
        b.append("\"}],\"title\":\"International Patient Summary (exercise)\",\"section\":[")
        // No closures: what captures the writer copies it, and its texts' references are counted by all threads.
        let problems = patient.conditions.indices
        if begin(.problems, problems, &b) {
            for problem in patient.conditions { texts.conditions.append(problem.condition.place, &b) }
            end(.condition, problems, key, &b)
        }
        let allergies = patient.allergens.indices
        if begin(.allergies, allergies, &b) {
            for allergen in patient.allergens { texts.allergens.append(Int(allergen.rawValue), &b) }
            end(.allergyIntolerance, allergies, key, &b)
        }
        let drugs = statements(patient)
        if begin(.medications, drugs, &b) {
            if let drug = patient.longTermMedication { texts.dailyDrugs.append(Int(drug.rawValue), &b) }
            for medication in patient.medications { texts.drugs.append(Int(medication.drug.rawValue), &b) }
            end(.medicationStatement, drugs, key, &b)
        }
        if let vitals = patient.vitals.last {
            let last = observations(patient)
            if begin(.vitals, last, &b) {
                signs(vitals, &b)
                end(.observation, last, key, &b)
            }
        }
        let treatments = patient.treatments.indices
        if !treatments.isEmpty, begin(.procedures, treatments, &b) {
            for treatment in patient.treatments { texts.procedures.append(Int(treatment.procedure.rawValue), &b) }
            end(.procedure, treatments, key, &b)
        }
        b.append("]}")
    }

    /// Begins a section: its code and its narrative, or why it has no entries. Whether it has some.
    private func begin(_ section: IPSTexts.Section, _ places: Range<Int>, _ b: inout UTF8Sink) -> Bool {
        if section != .problems { b.append(",") }
        texts.sections.append(section.rawValue, &b)
        guard places.isEmpty else { return true }
        b.append(
            "None recorded</div>\"},\"emptyReason\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/list-empty-reason\",\"code\":\"nilknown\",\"display\":\"Nil Known\"}]}}"
        )
        return false
    }

    /// Ends a section's narrative and refers to its entries.
    private func end(_ type: FHIRType, _ places: Range<Int>, _ key: Digits, _ b: inout UTF8Sink) {
        b.append("</div>\"},\"entry\":[")
        for place in places {
            b.append(place == places.lowerBound ? "{\"reference\":\"" : ",{\"reference\":\"")
            b.append(type.path)
            resources.id(type, place, key, &b)
            b.append("\"}")
        }
        b.append("]}")
    }

    private func signs(_ vitals: Patient.Vitals, _ b: inout UTF8Sink) {
        b.append("<p>Heart rate ")
        b.append(vitals.heartRate)
        b.append(", blood pressure ")
        b.append(vitals.systolic)
        b.append("/")
        b.append(vitals.diastolic)
        b.append(", respiratory rate ")
        b.append(vitals.respiratoryRate)
        b.append(", oxygen saturation ")
        b.append(vitals.oxygenSaturation)
        b.append(" %, temperature ")
        b.appendTenths(vitals.temperature)
        b.append(", Glasgow coma score ")
        b.append(vitals.consciousness)
        b.append("</p>")
    }

    private func written(_ patient: Patient, _ b: inout UTF8Sink) {
        resources.moments.append(patient.injuredAt + (patient.timeline.last?.minute ?? 0), &b)
    }
}

/// The parts of patient summaries that stand in tables.
struct IPSTexts: Sendable {
    enum Section: Int, CaseIterable { case problems, allergies, medications, vitals, procedures }

    /// From the begin to the begin of the narrative.
    let sections = Segments(count: Section.allCases.count) {
        let (title, code, display) = [
            ("Problem List", "11450-4", "Problem list - Reported"),
            ("Allergies and Intolerances", "48765-2", "Allergies and adverse reactions Document"),
            ("Medication Summary", "10160-0", "History of Medication use Narrative"),
            ("Vital Signs", "8716-3", "Vital signs"),
            ("History of Procedures", "47519-4", "History of Procedures Document"),
        ][$0]
        $1.append("{\"title\":", string: title)
        $1.append(",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":", string: code)
        $1.append(",\"display\":", string: display)
        $1.append("}]},\"text\":{\"status\":\"generated\",\"div\":")
        $1.append("\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">")
    }
    let conditions = paragraphs(Condition.all.map(\.name))
    let allergens = paragraphs(Allergen.allCases.map(\.name))
    let drugs = paragraphs(Drug.allCases.map { "\($0.name) \($0.milligrams) mg \($0.route)" })
    let dailyDrugs = paragraphs(Drug.allCases.map { "\($0.name) \($0.milligrams) mg \($0.route) once a day" })
    let procedures = paragraphs(Procedure.allCases.map(\.name))
    /// Whole entries, with the comma before them.
    let organizations = Segments(count: Nation.all.count) {
        $1.append("},{\"fullUrl\":\"https://example.org/fhir/Organization/")
        FHIRShared.id(.organization, $0, &$1)
        $1.append("\",\"resource\":")
        FHIRShared.append(.organization, $0, &$1)
        $1.append("}")
    }

    private static func paragraphs(_ texts: [String]) -> Segments {
        Segments(count: texts.count) {
            $1.append("<p>")
            $1.appendNarrative(texts[$0])
            $1.append("</p>")
        }
    }
}
