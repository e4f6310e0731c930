/// The reports that are sent from the point of injury: the request for evacuation and what goes with it.
extension CardPatientWriter {
    /// The nine lines with the brevity codes of the NATO request; one patient, one request, at the hour of the pickup.
    func request(_ patient: Patient, _ b: inout UTF8Sink) {
        line("9-LINE (exercise), PATIENT ", &b) { $0.append(Int(patient.index) + 1) }
        guard let pickup = patient.timeline.first(where: { $0.kind == .transitStart }) else {
            line("NO REQUEST: ", &b) {
                $0.appendText(patient.outcome.rawValue)
                $0.append(" at ")
                $0.appendText(patient.lastPlace.name)
            }
            return
        }
        let first = patient.vitals.first
        line("LINE 1 LOCATION: ", &b) {
            $0.append("grid ")
            $0.appendGrid(patient.grid)
            $0.append(", ")
            $0.appendLine(fronts[patient.front])
            $0.append(", ")
            group(pickup.minute, patient, &$0)
        }
        line("LINE 2 FREQUENCY, CALL SIGN: ", &b) { callSign(patient.unit, &$0) }
        line("LINE 3 PRECEDENCE: 1 ", &b) { $0.append(patient.precedence) }
        line("LINE 4 SPECIAL EQUIPMENT: ", &b) {
            let isWeak = (first?.consciousness ?? 15) <= 8 || (first?.oxygenSaturation ?? 100) < 90
            $0.append(isWeak ? "D ventilator" : "A none")
        }
        line("LINE 5 PATIENTS BY TYPE: ", &b) { $0.append(patient.needsLitter ? "L1 litter" : "A1 ambulatory") }
        line("LINE 6 SECURITY: ", &b) {
            $0.append(patient.injuryType == .battle ? "P possible enemy" : "N no enemy")
        }
        // Smoke is not seen at night.
        let hour = (patient.injuredAt + pickup.minute) % 1440 / 60
        line("LINE 7 MARKING: ", &b) { $0.append((6..<20).contains(hour) ? "C smoke" : "B pyrotechnic signal") }
        line("LINE 8 NATIONALITY, STATUS: A NATO military, ", &b) { $0.appendText(Nation.all[patient.nation].code) }
        line("LINE 9 CONTAMINATION: ", &b) {
            switch patient.cause {
            case .nuclear: $0.append("N nuclear")
            case .biological: $0.append("B biological")
            case .chemical: $0.append("C chemical")
            default: $0.append(patient.warfare == .cbrn ? "C chemical, suspected" : "none")
            }
        }
    }

    /// Mechanism, injuries, signs and treatment at the point of injury, as they are handed on to who fetches the patient.
    func report(_ patient: Patient, _ b: inout UTF8Sink) {
        line("MIST (exercise), PATIENT ", &b) { $0.append(Int(patient.index) + 1) }
        line("M: ", &b) {
            mechanism(patient, &$0)
            $0.append(", ")
            group(0, patient, &$0)
        }
        line("I: ", &b) { injuries(patient, &$0) }
        line("S: ", &b) {
            if let first = patient.vitals.first { signs(first, patient, &$0) } else { $0.append("none taken") }
        }
        var isUntreated = true
        for treatment in patient.treatments where treatment.place == .pointOfInjury {
            line("T: ", &b) { self.treatment(treatment, patient, &$0) }
            isUntreated = false
        }
        for given in patient.medications where given.place == .pointOfInjury {
            line("T: ", &b) { drug(given, patient, &$0) }
            isUntreated = false
        }
        if isUntreated { b.append("T: none\n") }
    }

    /// `33.425 MHz, BRAVO 917`: a channel of the combat net band for each company, so that no two share one.
    private func callSign(_ unit: MilitaryUnit, _ b: inout UTF8Sink) {
        let kilohertz = 30_000 + 25 * ((unit.battalion - 901) * 4 + unit.company)
        b.append(kilohertz / 1000)
        b.append(".")
        b.append(kilohertz % 1000, digits: 3)
        b.append(" MHz, ")
        switch unit.company {
        case 0: b.append("ALPHA ")
        case 1: b.append("BRAVO ")
        case 2: b.append("CHARLIE ")
        default: b.append("DELTA ")
        }
        b.append(unit.battalion)
    }
}

extension Patient {
    /// Line 3; surgical is who bleeds and has an urgent wound.
    fileprivate var precedence: StaticString {
        switch triage {
        case 1: injuryType == .battle && shockClass > 1 ? "B urgent surgical" : "A urgent"
        case 2: "C priority"
        default: "D routine"
        }
    }

    /// Who cannot walk: urgent, clouded, or with a leg or the back hurt more than slightly.
    fileprivate var needsLitter: Bool {
        if triage == 1 || (vitals.first?.consciousness ?? 15) < 14 { return true }
        for finding in conditions where finding.severity >= 2 {
            switch finding.site {
            case .leftLeg, .rightLeg, .back, .wholeBody, .abdomen: return true
            default: continue
            }
        }
        return false
    }
}
