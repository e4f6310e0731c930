/// The FHIR R4 resources of a patient, written one at a time into UTF-8. References are relative (`Patient/p-1`), the
/// same in every format, so that bulk files and bundles tell of the same records.
struct FHIRResources: Sendable {
    let moments: Moments
    let texts = FHIRTexts()
    /// A summary holds no encounters and locations, so that nothing refers to one.
    let isSummary: Bool

    init(scenario: Scenario, isSummary: Bool = false) {
        moments = Moments(scenario: scenario)
        self.isSummary = isSummary
    }

    /// Observations that do not repeat: weight and blood group.
    static let singleObservations = 2

    /// Which parts of a patient become how many resources of a type.
    @inline(__always)
    func count(_ type: FHIRType, of patient: Patient) -> Int {
        switch type {
        case .organization, .location: return 0
        case .patient: return 1
        case .encounter:
            var count = 0
            for place in patient.timeline.indices where patient.timeline[place].isEncounter { count += 1 }
            return count
        case .condition: return patient.conditions.count
        case .observation: return Self.singleObservations + patient.vitals.count * Sign.allCases.count
        case .procedure: return patient.treatments.count
        case .medicationAdministration: return patient.medications.count
        case .medicationStatement: return patient.longTermMedication == nil ? 0 : 1
        case .allergyIntolerance: return patient.allergens.count
        }
    }

    /// `p-1`, `condition-1-0`: the same each time, unique within a type.
    @inline(__always)
    func id(_ type: FHIRType, _ place: Int, _ key: Digits, _ b: inout UTF8Sink) {
        b.append(type.prefix)
        key.append(&b)
        guard type != .patient else { return }
        b.append("-")
        b.append(place)
    }

    /// One resource. A medication statement's place is 0 for the drug taken every day, and from 1 a drug given.
    func append(_ type: FHIRType, _ place: Int, of patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        b.append(type.head)
        id(type, place, key, &b)
        b.append("\",")
        switch type {
        case .organization, .location: break
        case .patient: person(patient, key, &b)
        case .encounter: encounter(place, patient, key, &b)
        case .condition: condition(place, patient, key, &b)
        case .observation: observation(place, patient, key, &b)
        case .procedure: procedure(patient.treatments[place], patient, key, &b)
        case .medicationAdministration: administration(patient.medications[place], patient, key, &b)
        case .medicationStatement: statement(place, patient, key, &b)
        case .allergyIntolerance: allergy(patient.allergens[place], key, &b)
        }
        b.append("}")
    }

    @inline(__always)
    func subject(_ key: Digits, _ b: inout UTF8Sink) {
        b.append(",\"subject\":{\"reference\":\"Patient/p-")
        key.append(&b)
        b.append("\"}")
    }

    @inline(__always)
    func time(_ name: StaticString, _ minute: Int, _ patient: Patient, _ b: inout UTF8Sink) {
        b.append(name)
        moments.append(patient.injuredAt + minute, &b)
        b.append("\"")
    }

    /// A reference to the encounter that something of a minute belongs to: the last place that was arrived at by then.
    @inline(__always)
    func encounterReference(
        _ name: StaticString, _ minute: Int, _ patient: Patient, _ key: Digits, _ b: inout UTF8Sink
    ) {
        guard !isSummary else { return }
        var seen = 0
        var found = 0
        for place in patient.timeline.indices {
            let event = patient.timeline[place]
            guard event.isEncounter else { continue }
            if event.minute > minute { break }
            if event.kind == .arrival { found = seen }
            seen += 1
        }
        b.append(name)
        key.append(&b)
        b.append("-")
        b.append(found)
        b.append("\"}")
    }

    private func person(_ patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        b.append("\"identifier\":[{\"system\":\"https://example.org/exercise-patient\",\"value\":\"")
        key.append(&b)
        b.append(
            "\"},{\"type\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v2-0203\",\"code\":\"NI\"}]},\"system\":\"urn:oid:2.16.840.1.113883.19.5\",\"value\":\""
        )
        b.appendNationalID(patient.nationalID)
        b.append("\"}],\"active\":true,\"name\":[{\"use\":\"official\",\"family\":")
        b.appendJSONString(patient.familyName)
        b.append(",\"given\":[")
        b.appendJSONString(patient.givenName)
        b.append("],\"prefix\":[")
        texts.ranks.append(patient.grade.ordinal, &b)
        b.append("]}")
        if let family = patient.nativeFamilyName, let given = patient.nativeGivenName {
            b.append(",{\"use\":\"usual\",\"family\":")
            b.appendJSONString(family)
            b.append(",\"given\":[")
            b.appendJSONString(given)
            b.append("]}")
        }
        b.append(patient.isFemale ? "],\"gender\":\"female\"" : "],\"gender\":\"male\"")
        b.append(",\"birthDate\":\"")
        b.appendDay(patient.birthDate)
        b.append("\"")
        if patient.outcome.isDeath, let end = patient.timeline.last {
            time(",\"deceasedDateTime\":\"", end.minute, patient, &b)
        }
        b.append(
            ",\"contact\":[{\"relationship\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v2-0131\",\"code\":\"E\",\"display\":\"Employer\"}]}],\"organization\":{\"display\":\""
        )
        b.appendUnit(patient.unit)
        b.append("\"}}]")
        texts.organizations.append(patient.nation, &b)
    }

    private func encounter(_ place: Int, _ patient: Patient, _ key: Digits, _ b: inout UTF8Sink) {
        var seen = -1
        var at = 0
        var isLast = true
        for index in patient.timeline.indices where patient.timeline[index].isEncounter {
            seen += 1
            if seen == place { at = index }
            if seen > place { isLast = false }
        }
        let event = patient.timeline[at]
        let isTransit = event.kind == .transitStart
        // Care ends when the transport begins or the course ends; a transport takes what it takes.
        var end = isTransit ? event.minute + (event.transit ?? 0) : nil
        for index in patient.timeline.indices where end == nil && index > at {
            if patient.timeline[index].kind != .evacuationStart { end = patient.timeline[index].minute }
        }
        b.append(end == nil ? "\"status\":\"in-progress\"" : "\"status\":\"finished\"")
        b.append(",\"class\":{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActCode\",\"code\":\"")
        b.append(
            isTransit || event.place == .pointOfInjury
                ? "FLD\",\"display\":\"field\"}" : "EMER\",\"display\":\"emergency\"}")
        texts.priorities.append(patient.triage - 1, &b)
        subject(key, &b)
        time(",\"period\":{\"start\":\"", event.minute, patient, &b)
        if let end { time(",\"end\":\"", end, patient, &b) }
        b.append("}")
        if place == 0, let cause = patient.cause { texts.reasons.append(Int(cause.rawValue), &b) }
        if isLast, end != nil { texts.dispositions.append(patient.outcome.ordinal, &b) }
        b.append(",\"location\":[")
        texts.locations.append(event.place.rawValue, &b)
        if isTransit, let destination = event.destination {
            b.append(",")
            texts.locations.append(destination.rawValue, &b)
        }
        b.append("]")
    }
}

extension Patient.Movement {
    /// Whether an encounter begins with it: care at a place, or a transport.
    @inline(__always)
    var isEncounter: Bool { kind == .arrival || kind == .transitStart }
}
