/// The patient record as one well-formed XML 1.0 document: `<patients>` with one `<patient>` each.
public struct XMLPatientWriter: PatientWriter {
    private let moments: Moments
    private let fronts: [String]

    /// A writer for a scenario's patients.
    public init(scenario: Scenario) {
        moments = Moments(scenario: scenario)
        fronts = scenario.fronts.map(\.name)
    }

    /// The declaration and the root's begin.
    public func header(into buffer: inout UTF8Sink) {
        buffer.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<patients>\n")
    }

    /// The root's end.
    public func footer(into buffer: inout UTF8Sink) { buffer.append("</patients>\n") }

    /// One `<patient>`, on one line.
    public func append(_ patient: Patient, into b: inout UTF8Sink) {
        b.append("<patient id=\"")
        b.append(Int(patient.index) + 1)
        b.append("\"")
        attribute(" triage=\"T", patient.triage, &b)
        attribute(" final_status=\"", patient.outcome.rawValue, &b)
        attribute(" last_facility=\"", patient.lastPlace.name, &b)
        attribute(" day=\"", patient.day, &b)
        b.append("><demographics><family_name>")
        b.appendXMLText(patient.familyName)
        b.append("</family_name><given_name>")
        b.appendXMLText(patient.givenName)
        b.append("</given_name><gender>")
        b.append(patient.isFemale ? "female" : "male")
        b.append("</gender><birthdate>")
        b.appendDay(patient.birthDate)
        b.append("</birthdate><nationality>")
        b.appendText(Nation.all[patient.nation].code)
        b.append("</nationality><rank>")
        b.appendXMLText(patient.rank)
        b.append("</rank><blood_type>")
        b.appendText(patient.bloodGroup.text)
        b.append("</blood_type><weight unit=\"kg\">")
        b.append(patient.weight)
        b.append("</weight></demographics><injury")
        attribute(" type=\"", patient.injuryType.rawValue, &b)
        attribute(" front=\"", fronts[patient.front], &b)
        attribute(" warfare=\"", patient.warfare.rawValue, &b)
        attribute(" body_part=\"", patient.region.rawValue, &b)
        b.append(" mass_casualty=\"")
        b.append(patient.isMassCasualty ? "true\"" : "false\"")
        if let event = patient.event { attribute(" event=\"event-", event + 1, &b) }
        b.append(" time=\"")
        moments.append(patient.injuredAt, &b)
        b.append("\"/><conditions>")
        for finding in patient.conditions {
            b.append("<condition")
            attribute(" system=\"", finding.condition.system.rawValue, &b)
            attribute(" code=\"", finding.condition.code, &b)
            attribute(" severity=\"", finding.severity, &b)
            b.append(">")
            b.appendXMLText(finding.condition.name)
            b.append("</condition>")
        }
        b.append("</conditions><allergies>")
        for allergy in patient.allergies {
            b.append("<allergy>")
            b.appendXMLText(allergy)
            b.append("</allergy>")
        }
        b.append("</allergies>")
        care(patient, &b)
        b.append("</patient>\n")
    }

    private func care(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append("<vitals>")
        for vitals in patient.vitals {
            b.append("<reading")
            time(patient.injuredAt + vitals.minute, &b)
            attribute(" heart_rate=\"", vitals.heartRate, &b)
            attribute(" systolic=\"", vitals.systolic, &b)
            attribute(" diastolic=\"", vitals.diastolic, &b)
            attribute(" respiratory_rate=\"", vitals.respiratoryRate, &b)
            attribute(" spo2=\"", vitals.oxygenSaturation, &b)
            b.append(" temperature=\"")
            b.appendTenths(vitals.temperature)
            b.append("\"")
            attribute(" gcs=\"", vitals.consciousness, &b)
            b.append("/>")
        }
        b.append("</vitals><treatments>")
        for treatment in patient.treatments {
            b.append("<treatment")
            time(patient.injuredAt + treatment.minute, &b)
            attribute(" code=\"", treatment.code, &b)
            attribute(" location=\"", treatment.place.name, &b)
            b.append(">")
            b.appendXMLText(treatment.name)
            b.append("</treatment>")
        }
        b.append("</treatments><movement_timeline>")
        for event in patient.timeline {
            b.append("<event")
            attribute(" type=\"", event.kind.rawValue, &b)
            attribute(" facility=\"", event.place.name, &b)
            time(patient.injuredAt + event.minute, &b)
            if let destination = event.destination { attribute(" to_facility=\"", destination.name, &b) }
            if let transit = event.transit { attribute(" transit_minutes=\"", transit, &b) }
            b.append("/>")
        }
        b.append("</movement_timeline>")
    }

    private func time(_ minute: Int, _ b: inout UTF8Sink) {
        b.append(" time=\"")
        moments.append(minute, &b)
        b.append("\"")
    }

    private func attribute(_ opening: StaticString, _ text: String, _ b: inout UTF8Sink) {
        b.append(opening)
        b.appendXMLText(text)
        b.append("\"")
    }

    private func attribute(_ opening: StaticString, _ number: Int, _ b: inout UTF8Sink) {
        b.append(opening)
        b.append(number)
        b.append("\"")
    }
}
