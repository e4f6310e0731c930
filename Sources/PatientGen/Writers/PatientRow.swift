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
    static func flag(_ flag: Bool, _ sink: inout UTF8Sink)
    static func day(_ day: CalendarDay, _ sink: inout UTF8Sink)
    /// Minutes after the scenario's first midnight.
    static func moment(_ minute: Int, _ moments: Moments, _ sink: inout UTF8Sink)
}

/// A patient as one row: the same columns for CSV and spreadsheets.
struct PatientRow<Style: CellStyle>: Sendable {
    private let moments: Moments
    private let fronts: [String]

    init(scenario: Scenario) {
        moments = Moments(scenario: scenario)
        fronts = scenario.fronts.map(\.name)
    }

    static var columns: [StaticString] {
        [
            "id", "family_name", "given_name", "gender", "birthdate", "nationality", "rank", "blood_type", "weight",
            "front", "injury_type", "triage_category", "condition_code", "condition", "severity", "body_part",
            "warfare_scenario", "event_id", "mass_casualty", "injury_time", "day", "final_status", "last_facility",
            "hours_in_system",
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
        text(Nation.all[patient.nation].code, &b)
        text(patient.rank, &b)
        text(patient.bloodGroup.text, &b)
        number(patient.weight, &b)
        text(fronts[patient.front], &b)
        text(patient.injuryType.rawValue, &b)
        word(&b) {
            $0.append(UInt8(ascii: "T"))
            $0.append(patient.triage)
        }
        if let worst = patient.conditions.first {
            text(worst.condition.code, &b)
            text(worst.condition.name, &b)
            number(worst.severity, &b)
        } else {
            for _ in 0..<3 { text("", &b) }
        }
        text(patient.region.rawValue, &b)
        text(patient.warfare.rawValue, &b)
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
        text(patient.outcome.rawValue, &b)
        text(patient.lastPlace.name, &b)
        Style.separator(&b)
        Style.number(&b) { $0.appendHours(patient.timeline.last?.minute ?? 0) }
        Style.end(&b)
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
