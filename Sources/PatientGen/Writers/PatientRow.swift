/// How cells of a table are written.
protocol CellStyle {
    /// Begins, ends a row.
    static func begin(_ sink: inout UTF8Sink)
    static func end(_ sink: inout UTF8Sink)
    /// Between two cells.
    static func separator(_ sink: inout UTF8Sink)
    /// Text of unknown content.
    static func text(_ text: String, _ sink: inout UTF8Sink)
    /// Text of letters, digits and spaces that stand in a table of ours.
    static func word(_ sink: inout UTF8Sink, _ word: (inout UTF8Sink) -> Void)
    static func number(_ sink: inout UTF8Sink, _ number: (inout UTF8Sink) -> Void)
    /// A unit, whose name has a comma.
    static func unit(_ unit: MilitaryUnit, _ sink: inout UTF8Sink)
    static func flag(_ flag: Bool, _ sink: inout UTF8Sink)
    static func day(_ day: CalendarDay, _ sink: inout UTF8Sink)
    /// Minutes after the scenario's first midnight.
    static func moment(_ minute: Int, _ moments: Moments, _ sink: inout UTF8Sink)
}

/// A patient as one row: the same columns for CSV and spreadsheets. What a patient has more than one of stands in one cell,
/// `;` between entries and `:` between the parts of one; minutes are since the injury.
struct PatientRow<Style: CellStyle>: Sendable {
    private let moments: Moments
    private let texts: RowTexts<Style>

    init(scenario: Scenario) {
        moments = Moments(scenario: scenario)
        texts = RowTexts(scenario: scenario)
    }

    static var columns: [StaticString] {
        [
            "id", "family_name", "given_name", "gender", "birthdate", "nationality", "rank", "unit", "blood_type",
            "weight", "front", "grid", "injury_type", "triage_category", "condition_code", "condition", "severity",
            "body_part",
            "warfare_scenario", "event_id", "mass_casualty", "injury_time", "day", "final_status", "last_facility",
            "hours_in_system", "native_family_name", "native_given_name", "national_id", "mechanism",
            "cause_code", "injury_severity_score", "polytrauma", "blood_loss_percent", "shock_class", "base_deficit",
            "bleeding_minutes", "bleeding_site", "conditions", "allergies", "medications", "long_term_medication",
            "vitals", "treatments", "movement_timeline",
        ]
    }

    func header(_ b: inout UTF8Sink) {
        Style.begin(&b)
        for (place, column) in Self.columns.enumerated() {
            if place > 0 { Style.separator(&b) }
            Style.word(&b) { $0.append(column) }
        }
        Style.end(&b)
    }

    @inline(__always)
    func append(_ patient: Patient, _ b: inout UTF8Sink) {
        Style.begin(&b)
        Style.number(&b) { $0.append(Int(patient.index) + 1) }
        text(patient.familyName, &b)
        text(patient.givenName, &b)
        word(&b) { $0.append(patient.isFemale ? "female" : "male") }
        Style.separator(&b)
        Style.day(patient.birthDate, &b)
        texts.nations.append(patient.nation, &b)
        texts.ranks.append(patient.grade.ordinal, &b)
        Style.separator(&b)
        Style.unit(patient.unit, &b)
        texts.blood.append(patient.bloodGroup.rawValue, &b)
        number(patient.weight, &b)
        texts.fronts.append(patient.front, &b)
        word(&b) { $0.appendGrid(patient.grid) }
        texts.types.append(patient.injuryType.ordinal, &b)
        word(&b) {
            $0.append(UInt8(ascii: "T"))
            $0.append(patient.triage)
        }
        if let worst = patient.conditions.first {
            texts.conditions.append(worst.condition.place, &b)
            number(worst.severity, &b)
        } else {
            for _ in 0..<3 { text("", &b) }
        }
        texts.regions.append(patient.region.place, &b)
        texts.warfare.append(patient.warfare.ordinal, &b)
        if let event = patient.event {
            word(&b) {
                $0.append("event-")
                $0.append(event + 1)
            }
        } else {
            text("", &b)
        }
        Style.separator(&b)
        Style.flag(patient.isMassCasualty, &b)
        Style.separator(&b)
        Style.moment(patient.injuredAt, moments, &b)
        number(patient.day, &b)
        texts.outcomes.append(patient.outcome.ordinal, &b)
        texts.lastPlaces.append(patient.lastPlace.rawValue, &b)
        Style.separator(&b)
        Style.number(&b) { $0.appendHours(patient.timeline.last?.minute ?? 0) }
        injury(patient, &b)
        lists(patient, &b)
        Style.end(&b)
    }

    @inline(__always)
    private func injury(_ patient: Patient, _ b: inout UTF8Sink) {
        text(patient.nativeFamilyName ?? "", &b)
        text(patient.nativeGivenName ?? "", &b)
        word(&b) { $0.appendNationalID(patient.nationalID) }
        texts.mechanisms.append(patient.mechanism?.ordinal ?? Mechanism.allCases.count, &b)
        texts.causes.append(patient.cause.map { Int($0.rawValue) } ?? ExternalCause.allCases.count, &b)
        number(patient.injurySeverityScore, &b)
        Style.separator(&b)
        Style.flag(patient.isPolytrauma, &b)
        Style.separator(&b)
        Style.number(&b) { $0.appendTenths(patient.bloodLoss) }
        number(patient.shockClass, &b)
        if let deficit = patient.baseDeficit {
            Style.separator(&b)
            Style.number(&b) { $0.appendTenths(deficit) }
        } else {
            text("", &b)
        }
        number(patient.bleedingMinutes, &b)
        texts.bleedingSites.append(patient.bleedingSite?.ordinal ?? BleedingSite.allCases.count, &b)
    }

    @inline(__always)
    private func lists(_ patient: Patient, _ b: inout UTF8Sink) {
        list(patient.conditions, &b) { finding, b in
            texts.codes.append(finding.condition.place, &b)
            texts.regionNames.append(finding.region.place, &b)
            b.append(finding.severity)
            texts.sites.append(Int(finding.site.rawValue), &b)
        }
        list(patient.allergens, &b) { texts.allergens.append(Int($0.rawValue), &$1) }
        list(patient.medications, &b) { medication, b in
            texts.drugs.append(Int(medication.drug.rawValue), &b)
            b.append(":")
            step(medication.minute, medication.place, &b)
        }
        word(&b) { if let drug = patient.longTermMedication { texts.drugs.append(Int(drug.rawValue), &$0) } }
        list(patient.vitals, &b) { vitals, b in
            b.append(vitals.minute)
            part(vitals.heartRate, &b)
            part(vitals.systolic, &b)
            part(vitals.diastolic, &b)
            part(vitals.respiratoryRate, &b)
            part(vitals.oxygenSaturation, &b)
            b.append(":")
            b.appendTenths(vitals.temperature)
            part(vitals.consciousness, &b)
            b.append(":")
            if vitals.canTellPain { b.append(vitals.pain) }
        }
        list(patient.treatments, &b) { treatment, b in
            texts.procedures.append(Int(treatment.procedure.rawValue), &b)
            b.append(":")
            step(treatment.minute, treatment.place, &b)
            if let site = treatment.site { texts.sites.append(Int(site.rawValue), &b) }
            if let group = treatment.bloodGroup { texts.groups.append(group.rawValue, &b) }
        }
        list(patient.timeline, &b) { event, b in
            texts.kinds.append(event.kind.ordinal, &b)
            step(event.minute, event.place, &b)
            if let destination = event.destination { texts.placeCodes.append(destination.rawValue, &b) }
            if let transit = event.transit { part(transit, &b) }
        }
    }

    @inline(__always)
    private func list<Entry>(
        _ entries: [Entry], _ b: inout UTF8Sink, _ write: (Entry, inout UTF8Sink) -> Void
    ) {
        word(&b) { b in
            for place in entries.indices {
                if place > 0 { b.append(";") }
                write(entries[place], &b)
            }
        }
    }

    @inline(__always)
    private func part(_ number: Int, _ b: inout UTF8Sink) {
        b.append(":")
        b.append(number)
    }

    @inline(__always)
    private func step(_ minute: Int, _ place: Place, _ b: inout UTF8Sink) {
        b.append(minute)
        texts.placeCodes.append(place.rawValue, &b)
    }

    @inline(__always)
    private func text(_ text: String, _ b: inout UTF8Sink) {
        Style.separator(&b)
        Style.text(text, &b)
    }

    @inline(__always)
    private func word(_ b: inout UTF8Sink, _ word: (inout UTF8Sink) -> Void) {
        Style.separator(&b)
        Style.word(&b, word)
    }

    @inline(__always)
    private func number(_ number: Int, _ b: inout UTF8Sink) {
        Style.separator(&b)
        Style.number(&b) { $0.append(number) }
    }
}
