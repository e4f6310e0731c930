/// The patient record as JSON: one object a line, or one array.
public struct JSONPatientWriter: PatientWriter {
    let moments: Moments
    let texts: JSONTexts
    private let isArray: Bool

    /// A writer for a scenario's patients.
    public init(scenario: Scenario, isArray: Bool) {
        moments = Moments(scenario: scenario)
        texts = JSONTexts(scenario: scenario)
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
        b.append("{\"id\":")
        b.append(Int(patient.index) + 1)
        texts.nations.append(patient.nation, &b)
        b.append(patient.isFemale ? ",\"gender\":\"female\"" : ",\"gender\":\"male\"")
        texts.types.append(patient.injuryType.ordinal, &b)
        b.append(",\"triage_category\":\"T")
        b.append(patient.triage)
        b.append("\"")
        texts.states.append(patient.outcome.ordinal, &b)
        texts.fronts.append(patient.front, &b)
        b.append(",\"grid\":\"")
        b.appendGrid(patient.grid)
        b.append("\"")
        texts.outcomes.append(patient.outcome.ordinal, &b)
        texts.lastPlaces.append(patient.lastPlace.rawValue, &b)
        b.append(",\"injury_time\":\"")
        moments.append(patient.injuredAt, &b)
        b.append("\",\"day\":")
        b.append(patient.day)
        texts.regions.append(patient.region.place, &b)
        texts.warfare.append(patient.warfare.ordinal, &b)
        b.append(",\"event_id\":")
        if let event = patient.event {
            b.append("\"event-")
            b.append(event + 1)
            b.append("\"")
        } else {
            b.append("null")
        }
        b.append(patient.isMassCasualty ? ",\"mass_casualty\":true" : ",\"mass_casualty\":false")
        injury(patient, &b)
        person(patient, &b)
        findings(patient, &b)
        care(patient, &b)
        timeline(patient, &b)
        b.append("}")
        if !isArray { b.append("\n") }
    }

    private func injury(_ patient: Patient, _ b: inout UTF8Sink) {
        if let mechanism = patient.mechanism {
            texts.mechanisms.append(mechanism.ordinal, &b)
        } else {
            b.append(",\"mechanism\":null")
        }
        if let cause = patient.cause {
            texts.causes.append(Int(cause.rawValue), &b)
        } else {
            b.append(",\"external_cause\":null")
        }
        b.append(",\"injury_severity_score\":")
        b.append(patient.injurySeverityScore)
        b.append(patient.isPolytrauma ? ",\"polytrauma\":true" : ",\"polytrauma\":false")
        b.append(",\"blood_loss_percent\":")
        b.appendTenths(patient.bloodLoss)
        if let site = patient.bleedingSite {
            texts.bleedingSites.append(site.ordinal, &b)
        } else {
            b.append(",\"bleeding_site\":null")
        }
        b.append(",\"bleeding_minutes\":")
        b.append(patient.bleedingMinutes)
        b.append(",\"shock_class\":")
        b.append(patient.shockClass)
        b.append(",\"base_deficit\":")
        if let deficit = patient.baseDeficit { b.appendTenths(deficit) } else { b.append("null") }
    }

    private func person(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append(",\"demographics\":{\"family_name\":")
        b.appendJSONString(patient.familyName)
        b.append(",\"given_name\":")
        b.appendJSONString(patient.givenName)
        native(",\"native_family_name\":", patient.nativeFamilyName, &b)
        native(",\"native_given_name\":", patient.nativeGivenName, &b)
        b.append(",\"national_id\":\"")
        b.appendNationalID(patient.nationalID)
        b.append(patient.isFemale ? "\",\"gender\":\"female\"" : "\",\"gender\":\"male\"")
        b.append(",\"birthdate\":\"")
        b.appendDay(patient.birthDate)
        b.append("\"")
        texts.nations.append(patient.nation, &b)
        b.append(",\"weight\":")
        b.append(patient.weight)
        b.append(",\"blood_type\":")
        texts.blood.append(patient.bloodGroup.rawValue, &b)
        texts.ranks.append(patient.grade.ordinal, &b)
        b.append(",\"unit\":\"")
        b.appendUnit(patient.unit)
        b.append("\"}")
    }

    private func native(_ key: StaticString, _ name: String?, _ b: inout UTF8Sink) {
        b.append(key)
        if let name { b.appendJSONString(name) } else { b.append("null") }
    }
}
