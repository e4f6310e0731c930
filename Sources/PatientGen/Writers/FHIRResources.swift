/// The FHIR R4 resources of a patient, written one at a time into UTF-8. References are relative (`Patient/p-1`), the
/// same in every format, so that bulk files and bundles tell of the same records.
struct FHIRResources: Sendable {
    let moments: Moments

    /// Which parts of a patient become how many resources of a type.
    func count(_ type: FHIRType, of patient: Patient) -> Int {
        switch type {
        case .organization, .location, .medicationAdministration: 0
        case .patient: 1
        case .encounter: patient.timeline.count { $0.kind == .arrival || $0.kind == .transitStart }
        case .condition: patient.conditions.count
        case .observation: patient.vitals.count * Sign.allCases.count
        case .procedure: patient.treatments.count
        case .allergyIntolerance: patient.allergies.count
        }
    }

    /// `p-1`, `condition-1-0`: the same each time, unique within a type.
    func id(_ type: FHIRType, _ place: Int, of patient: Patient, _ b: inout UTF8Sink) {
        b.append(type.prefix)
        b.append(Int(patient.index) + 1)
        guard type != .patient else { return }
        b.append("-")
        b.append(place)
    }

    /// One resource.
    func append(_ type: FHIRType, _ place: Int, of patient: Patient, _ b: inout UTF8Sink) {
        b.append("{\"resourceType\":\"")
        b.appendText(type.rawValue)
        b.append("\",\"id\":\"")
        id(type, place, of: patient, &b)
        b.append("\",")
        switch type {
        case .organization, .location, .medicationAdministration: break
        case .patient: person(patient, &b)
        case .encounter: encounter(place, patient, &b)
        case .condition: condition(patient.conditions[place], patient, &b)
        case .observation: observation(place, patient, &b)
        case .procedure: procedure(patient.treatments[place], patient, &b)
        case .allergyIntolerance: allergy(patient.allergies[place], patient, &b)
        }
        b.append("}")
    }

    private func subject(_ name: StaticString, _ patient: Patient, _ b: inout UTF8Sink) {
        b.append(",\"")
        b.append(name)
        b.append("\":{\"reference\":\"Patient/p-")
        b.append(Int(patient.index) + 1)
        b.append("\"}")
    }

    private func time(_ name: StaticString, _ minute: Int, _ patient: Patient, _ b: inout UTF8Sink) {
        b.append(name)
        moments.append(patient.injuredAt + minute, &b)
        b.append("\"")
    }

    private func person(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append("\"identifier\":[{\"system\":\"https://example.org/exercise-patient\",\"value\":\"")
        b.append(Int(patient.index) + 1)
        b.append("\"}],\"active\":true,\"name\":[{\"use\":\"official\",\"family\":")
        b.appendJSONString(patient.familyName)
        b.append(",\"given\":[")
        b.appendJSONString(patient.givenName)
        b.append("],\"prefix\":[")
        b.appendJSONString(patient.rank)
        b.append("]}],\"gender\":\"")
        b.append(patient.isFemale ? "female" : "male")
        b.append("\",\"birthDate\":\"")
        b.appendDay(patient.birthDate)
        b.append("\"")
        let died = patient.outcome == .killed || patient.outcome == .diedOfWounds
        if died, let end = patient.timeline.last { time(",\"deceasedDateTime\":\"", end.minute, patient, &b) }
        b.append(",\"managingOrganization\":{\"reference\":\"Organization/org-")
        b.appendText(Nation.all[patient.nation].code)
        b.append("\"}")
    }

    private func encounter(_ place: Int, _ patient: Patient, _ b: inout UTF8Sink) {
        var seen = -1
        var at = 0
        for (index, event) in patient.timeline.enumerated() where event.kind == .arrival || event.kind == .transitStart
        {
            seen += 1
            if seen == place { at = index }
        }
        let event = patient.timeline[at]
        let isTransit = event.kind == .transitStart
        // Care ends when the transport begins or the course ends; a transport takes what it takes.
        let end =
            isTransit
            ? event.minute + (event.transit ?? 0)
            : patient.timeline[at...].dropFirst().first { $0.kind != .evacuationStart }?.minute
        b.append(end == nil ? "\"status\":\"in-progress\"" : "\"status\":\"finished\"")
        b.append(",\"class\":{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActCode\",\"code\":\"")
        b.append(
            isTransit || event.place == .pointOfInjury
                ? "FLD\",\"display\":\"field\"}" : "EMER\",\"display\":\"emergency\"}")
        subject("subject", patient, &b)
        time(",\"period\":{\"start\":\"", event.minute, patient, &b)
        if let end { time(",\"end\":\"", end, patient, &b) }
        b.append("},\"location\":[{\"location\":{\"reference\":\"Location/loc-")
        b.appendText(event.place.code)
        b.append("\"}}")
        if isTransit, let destination = event.destination {
            b.append(",{\"location\":{\"reference\":\"Location/loc-")
            b.appendText(destination.code)
            b.append("\"}}")
        }
        b.append("]")
    }

    private func condition(_ finding: Patient.Finding, _ patient: Patient, _ b: inout UTF8Sink) {
        b.append(
            "\"clinicalStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-clinical\",\"code\":\"active\"}]},\"verificationStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-ver-status\",\"code\":\"confirmed\"}]},\"category\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-category\",\"code\":\"encounter-diagnosis\"}]}],\"code\":{\"coding\":[{\"system\":\""
        )
        b.append(
            finding.condition.system == .snomed
                ? "http://snomed.info/sct" : "http://hl7.org/fhir/sid/icd-10")
        b.append("\",\"code\":")
        b.appendJSONString(finding.condition.code)
        b.append(",\"display\":")
        b.appendJSONString(finding.condition.name)
        b.append("}],\"text\":")
        b.appendJSONString(finding.condition.name)
        b.append("}")
        subject("subject", patient, &b)
        time(",\"onsetDateTime\":\"", 0, patient, &b)
    }

    private func procedure(_ treatment: Patient.Treatment, _ patient: Patient, _ b: inout UTF8Sink) {
        b.append("\"status\":\"completed\",\"code\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":")
        b.appendJSONString(treatment.code)
        b.append(",\"display\":")
        b.appendJSONString(treatment.name)
        b.append("}],\"text\":")
        b.appendJSONString(treatment.name)
        b.append("}")
        subject("subject", patient, &b)
        time(",\"performedDateTime\":\"", treatment.minute, patient, &b)
        b.append(",\"location\":{\"reference\":\"Location/loc-")
        b.appendText(treatment.place.code)
        b.append("\"}")
    }

    private func allergy(_ substance: String, _ patient: Patient, _ b: inout UTF8Sink) {
        b.append(
            "\"clinicalStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical\",\"code\":\"active\"}]},\"verificationStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification\",\"code\":\"confirmed\"}]},\"code\":{\"text\":"
        )
        b.appendJSONString(substance)
        b.append("}")
        subject("patient", patient, &b)
    }

    private func observation(_ place: Int, _ patient: Patient, _ b: inout UTF8Sink) {
        let vitals = patient.vitals[place / Sign.allCases.count]
        let sign = Sign.allCases[place % Sign.allCases.count]
        b.append(
            "\"status\":\"final\",\"category\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/observation-category\",\"code\":\"vital-signs\"}]}],\"code\":"
        )
        b.append(sign.code)
        subject("subject", patient, &b)
        time(",\"effectiveDateTime\":\"", vitals.minute, patient, &b)
        if sign == .bloodPressure {
            b.append(
                ",\"component\":[{\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"8480-6\",\"display\":\"Systolic blood pressure\"}]},\"valueQuantity\":{\"value\":"
            )
            b.append(vitals.systolic)
            b.append(
                ",\"unit\":\"mmHg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mm[Hg]\"}},{\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"8462-4\",\"display\":\"Diastolic blood pressure\"}]},\"valueQuantity\":{\"value\":"
            )
            b.append(vitals.diastolic)
            b.append(",\"unit\":\"mmHg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mm[Hg]\"}}]")
            return
        }
        b.append(",\"valueQuantity\":{\"value\":")
        switch sign {
        case .heartRate: b.append(vitals.heartRate)
        case .respiratoryRate: b.append(vitals.respiratoryRate)
        case .oxygenSaturation: b.append(vitals.oxygenSaturation)
        case .temperature: b.appendTenths(vitals.temperature)
        case .consciousness: b.append(vitals.consciousness)
        case .bloodPressure: break
        }
        b.append(sign.unit)
    }
}
