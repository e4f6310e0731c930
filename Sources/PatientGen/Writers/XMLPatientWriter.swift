/// The patient record as one well-formed XML 1.0 document: `<patients>` with one `<patient>` each.
public struct XMLPatientWriter: PatientWriter {
    let moments: Moments
    let texts: XMLTexts

    /// A writer for a scenario's patients.
    public init(scenario: Scenario) {
        moments = Moments(scenario: scenario)
        texts = XMLTexts(scenario: scenario)
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
        texts.outcomes.append(patient.outcome.ordinal, &b)
        texts.lastPlaces.append(patient.lastPlace.rawValue, &b)
        attribute(" day=\"", patient.day, &b)
        b.append("><demographics><family_name>")
        b.appendXMLText(patient.familyName)
        b.append("</family_name><given_name>")
        b.appendXMLText(patient.givenName)
        b.append("</given_name>")
        if let family = patient.nativeFamilyName, let given = patient.nativeGivenName {
            b.append("<native_family_name>")
            b.appendXMLText(family)
            b.append("</native_family_name><native_given_name>")
            b.appendXMLText(given)
            b.append("</native_given_name>")
        }
        b.append("<national_id>")
        b.appendNationalID(patient.nationalID)
        b.append(patient.isFemale ? "</national_id><gender>female" : "</national_id><gender>male")
        b.append("</gender><birthdate>")
        b.appendDay(patient.birthDate)
        b.append("</birthdate>")
        texts.nations.append(patient.nation, &b)
        texts.ranks.append(patient.grade.ordinal, &b)
        b.append("<unit>")
        b.appendUnit(patient.unit)
        b.append("</unit>")
        texts.blood.append(patient.bloodGroup.rawValue, &b)
        b.append("<weight unit=\"kg\">")
        b.append(patient.weight)
        b.append("</weight></demographics>")
        injury(patient, &b)
        b.append("<conditions>")
        for place in patient.conditions.indices {
            let finding = patient.conditions[place]
            b.append("<condition severity=\"")
            b.append(finding.severity)
            b.append("\"")
            texts.regions.append(finding.region.place, &b)
            texts.sites.append(Int(finding.site.rawValue), &b)
            texts.conditions.append(finding.condition.place, &b)
        }
        b.append("</conditions><allergies>")
        for place in patient.allergens.indices { texts.allergens.append(Int(patient.allergens[place].rawValue), &b) }
        b.append("</allergies>")
        care(patient, &b)
        b.append("</patient>\n")
    }

    private func injury(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append("<injury")
        texts.types.append(patient.injuryType.ordinal, &b)
        texts.fronts.append(patient.front, &b)
        b.append(" grid=\"")
        b.appendGrid(patient.grid)
        b.append("\"")
        texts.warfare.append(patient.warfare.ordinal, &b)
        texts.regions.append(patient.region.place, &b)
        if let mechanism = patient.mechanism { texts.mechanisms.append(mechanism.ordinal, &b) }
        if let cause = patient.cause { texts.causes.append(Int(cause.rawValue), &b) }
        attribute(" severity_score=\"", patient.injurySeverityScore, &b)
        b.append(patient.isPolytrauma ? " polytrauma=\"true\"" : " polytrauma=\"false\"")
        b.append(" blood_loss_percent=\"")
        b.appendTenths(patient.bloodLoss)
        b.append("\"")
        if let site = patient.bleedingSite { texts.bleedingSites.append(site.ordinal, &b) }
        attribute(" bleeding_minutes=\"", patient.bleedingMinutes, &b)
        attribute(" shock_class=\"", patient.shockClass, &b)
        if let deficit = patient.baseDeficit {
            b.append(" base_deficit=\"")
            b.appendTenths(deficit)
            b.append("\"")
        }
        b.append(patient.isMassCasualty ? " mass_casualty=\"true\"" : " mass_casualty=\"false\"")
        if let event = patient.event { attribute(" event=\"event-", event + 1, &b) }
        time(patient.injuredAt, &b)
        b.append("/>")
    }

    private func care(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append("<medications>")
        for place in patient.medications.indices {
            let medication = patient.medications[place]
            b.append("<medication")
            time(patient.injuredAt + medication.minute, &b)
            texts.locations.append(medication.place.rawValue, &b)
            texts.drugs.append(Int(medication.drug.rawValue), &b)
        }
        if let drug = patient.longTermMedication {
            b.append("<medication long_term=\"true\"")
            texts.drugs.append(Int(drug.rawValue), &b)
        }
        b.append("</medications><vitals>")
        for place in patient.vitals.indices {
            let vitals = patient.vitals[place]
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
            if vitals.canTellPain { attribute(" pain=\"", vitals.pain, &b) }
            b.append("/>")
        }
        b.append("</vitals><treatments>")
        for place in patient.treatments.indices {
            let treatment = patient.treatments[place]
            b.append("<treatment")
            time(patient.injuredAt + treatment.minute, &b)
            texts.locations.append(treatment.place.rawValue, &b)
            if let site = treatment.site { texts.sites.append(Int(site.rawValue), &b) }
            if let group = treatment.bloodGroup { texts.groups.append(group.rawValue, &b) }
            texts.procedures.append(Int(treatment.procedure.rawValue), &b)
        }
        b.append("</treatments><movement_timeline>")
        for place in patient.timeline.indices {
            let event = patient.timeline[place]
            texts.movements.append(event.kind.ordinal * 5 + event.place.rawValue, &b)
            time(patient.injuredAt + event.minute, &b)
            if let destination = event.destination { texts.destinations.append(destination.rawValue, &b) }
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

    private func attribute(_ opening: StaticString, _ number: Int, _ b: inout UTF8Sink) {
        b.append(opening)
        b.append(number)
        b.append("\"")
    }
}
