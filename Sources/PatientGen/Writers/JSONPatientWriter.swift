/// The patient record as JSON: one object a line, or one array.
public struct JSONPatientWriter: PatientWriter {
    private let moments: Moments
    private let fronts: [String]
    private let isArray: Bool

    /// A writer for a scenario's patients.
    public init(scenario: Scenario, isArray: Bool) {
        moments = Moments(scenario: scenario)
        fronts = scenario.fronts.map(\.name)
        self.isArray = isArray
    }

    /// `[` for an array.
    public func header(into buffer: inout UTF8Sink) { if isArray { buffer.append("[\n") } }

    /// A comma for an array.
    public func separator(into buffer: inout UTF8Sink) { if isArray { buffer.append(",\n") } }

    /// `]` for an array.
    public func footer(into buffer: inout UTF8Sink) { if isArray { buffer.append("\n]\n") } }

    /// One object.
    public func append(_ patient: Patient, into b: inout UTF8Sink) {
        let nation = Nation.all[patient.nation].code
        b.append("{\"id\":")
        b.append(Int(patient.index) + 1)
        field("nationality", nation, &b)
        field("gender", patient.isFemale ? "female" : "male", &b)
        field("injury_type", patient.injuryType.rawValue, &b)
        b.append(",\"triage_category\":\"T")
        b.append(patient.triage)
        b.append("\"")
        field("status", status(patient), &b)
        field("front", fronts[patient.front], &b)
        field("final_status", patient.outcome.rawValue, &b)
        field("last_facility", patient.lastPlace.name, &b)
        b.append(",\"injury_time\":\"")
        moments.append(patient.injuredAt, &b)
        b.append("\",\"day\":")
        b.append(patient.day)
        field("body_part", patient.region.rawValue, &b)
        field("warfare_scenario", patient.warfare.rawValue, &b)
        b.append(",\"event_id\":")
        if let event = patient.event {
            b.append("\"event-")
            b.append(event + 1)
            b.append("\"")
        } else {
            b.append("null")
        }
        b.append(",\"mass_casualty\":")
        b.append(patient.isMassCasualty ? "true" : "false")
        person(patient, nation, &b)
        conditions(patient, &b)
        care(patient, &b)
        timeline(patient, &b)
        b.append("}")
        if !isArray { b.append("\n") }
    }

    private func field(_ name: StaticString, _ text: String, _ b: inout UTF8Sink) {
        b.append(",\"")
        b.append(name)
        b.append("\":")
        b.appendJSONString(text)
    }

    private func status(_ patient: Patient) -> String {
        switch patient.outcome {
        case .killed: "KIA"
        case .diedOfWounds: "DOW"
        case .returned: "RTD"
        case .inTreatment: "in_treatment"
        }
    }

    private func person(_ patient: Patient, _ nation: String, _ b: inout UTF8Sink) {
        b.append(",\"demographics\":{\"family_name\":")
        b.appendJSONString(patient.familyName)
        field("given_name", patient.givenName, &b)
        field("gender", patient.isFemale ? "female" : "male", &b)
        b.append(",\"birthdate\":\"")
        b.appendDay(patient.birthDate)
        b.append("\"")
        field("nationality", nation, &b)
        b.append(",\"weight\":")
        b.append(patient.weight)
        field("blood_type", patient.bloodGroup.text, &b)
        field("rank", patient.rank, &b)
        b.append("}")
    }

    private func conditions(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append(",\"conditions\":[")
        for (place, finding) in patient.conditions.enumerated() {
            b.append(place == 0 ? "{\"code\":" : ",{\"code\":")
            b.appendJSONString(finding.condition.code)
            field("system", finding.condition.system.rawValue, &b)
            field("name", finding.condition.name, &b)
            b.append(",\"severity\":")
            b.append(finding.severity)
            b.append("}")
        }
        b.append("],\"allergies\":[")
        for (place, allergy) in patient.allergies.enumerated() {
            if place > 0 { b.append(",") }
            b.appendJSONString(allergy)
        }
        b.append("],\"medications\":[]")
    }

    private func care(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append(",\"vitals\":[")
        for (place, vitals) in patient.vitals.enumerated() {
            b.append(place == 0 ? "{\"timestamp\":\"" : ",{\"timestamp\":\"")
            moments.append(patient.injuredAt + vitals.minute, &b)
            b.append("\",\"heart_rate\":")
            b.append(vitals.heartRate)
            b.append(",\"blood_pressure\":\"")
            b.append(vitals.systolic)
            b.append("/")
            b.append(vitals.diastolic)
            b.append("\",\"respiratory_rate\":")
            b.append(vitals.respiratoryRate)
            b.append(",\"spo2\":")
            b.append(vitals.oxygenSaturation)
            b.append(",\"temperature\":")
            b.append(vitals.temperature / 10)
            b.append(".")
            b.append(vitals.temperature % 10)
            b.append(",\"gcs\":")
            b.append(vitals.consciousness)
            b.append("}")
        }
        b.append("],\"treatments\":[")
        for (place, treatment) in patient.treatments.enumerated() {
            b.append(place == 0 ? "{\"code\":" : ",{\"code\":")
            b.appendJSONString(treatment.code)
            field("treatment", treatment.name, &b)
            b.append(",\"timestamp\":\"")
            moments.append(patient.injuredAt + treatment.minute, &b)
            b.append("\"")
            field("location", treatment.place.name, &b)
            b.append("}")
        }
        b.append("]")
    }

    private func timeline(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append(",\"movement_timeline\":[")
        for (place, event) in patient.timeline.enumerated() {
            b.append(place == 0 ? "{\"event_type\":" : ",{\"event_type\":")
            b.appendJSONString(event.kind.rawValue)
            field("facility", event.place.name, &b)
            b.append(",\"timestamp\":\"")
            moments.append(patient.injuredAt + event.minute, &b)
            b.append("\",\"hours_since_injury\":")
            hours(event.minute, &b)
            if let destination = event.destination { field("to_facility", destination.name, &b) }
            if let transit = event.transit {
                b.append(",\"transit_duration_hours\":")
                hours(transit, &b)
            }
            b.append("}")
        }
        b.append("]")
    }

    /// Minutes as hours with two decimals.
    private func hours(_ minutes: Int, _ b: inout UTF8Sink) {
        b.append(minutes / 60)
        b.append(".")
        b.append(minutes % 60 * 100 / 60, digits: 2)
    }
}
