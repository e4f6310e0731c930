/// What a casualty card or a radio report is called.
public enum CardKind: Sendable, Hashable, CaseIterable {
    /// The fields of a TCCC card, mapped from DD Form 1380.
    case dd1380
    /// The nine lines of a request for evacuation.
    case nineLine
    /// Mechanism, injuries, signs, treatment.
    case mist
}

/// Reports as plain text, one block a patient, with an empty line between two. A mapping of the fields, no form.
public struct CardPatientWriter: PatientWriter {
    private let moments: Moments
    private let fronts: [String]
    private let kind: CardKind

    /// A writer for a scenario's patients.
    public init(scenario: Scenario, kind: CardKind) {
        moments = Moments(scenario: scenario)
        fronts = scenario.fronts.map(\.name)
        self.kind = kind
    }

    /// An empty line.
    public func separator(into buffer: inout UTF8Sink) { buffer.append("\n") }

    /// One block.
    public func append(_ patient: Patient, into b: inout UTF8Sink) {
        switch kind {
        case .dd1380: card(patient, &b)
        case .nineLine: request(patient, &b)
        case .mist: report(patient, &b)
        }
    }

    private func card(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append("TCCC CARD (exercise)\n")
        line("BATTLE ROSTER: EX", &b) { $0.append(Int(patient.index) + 1, digits: 7) }
        line("NAME: ", &b) {
            $0.appendLine(patient.familyName)
            $0.append(", ")
            $0.appendLine(patient.givenName)
            if let family = patient.nativeFamilyName, let given = patient.nativeGivenName {
                $0.append(" (")
                $0.appendText(family)
                $0.append(", ")
                $0.appendText(given)
                $0.append(")")
            }
        }
        line("SEX: ", &b) { $0.append(patient.isFemale ? "F" : "M") }
        line("ID: ", &b) { $0.appendNationalID(patient.nationalID) }
        line("BLOOD TYPE: ", &b) { $0.appendText(patient.bloodGroup.text) }
        line("SERVICE: ", &b) {
            $0.appendText(Nation.all[patient.nation].code)
            $0.append(" ")
            $0.appendLine(patient.rank)
        }
        line("DATE/TIME: ", &b) { moments.append(patient.injuredAt, &$0) }
        line("EVAC: ", &b) { $0.append(precedence(patient)) }
        line("ALLERGIES: ", &b) { b in
            if patient.allergens.isEmpty { b.append("NKDA") }
            for place in patient.allergens.indices {
                if place > 0 { b.append(", ") }
                b.appendText(patient.allergens[place].name)
            }
        }
        mechanism("MECHANISM: ", patient, &b)
        injuries("INJURY: ", patient, &b)
        for vitals in patient.vitals { signs("SIGNS: ", patient, vitals, &b) }
        for treatment in patient.treatments { care("TREATMENT: ", patient, treatment, &b) }
        for medication in patient.medications { drug("MEDICATION: ", patient, medication, &b) }
        if let daily = patient.longTermMedication {
            line("TAKES DAILY: ", &b) { $0.appendText(daily.name) }
        }
    }

    private func request(_ patient: Patient, _ b: inout UTF8Sink) {
        line("EXERCISE 9-LINE, PATIENT ", &b) { $0.append(Int(patient.index) + 1) }
        guard patient.timeline.contains(where: { $0.kind == .transitStart }) else {
            line("NO REQUEST: ", &b) {
                $0.appendText(patient.outcome.rawValue)
                $0.append(" at ")
                $0.appendText(patient.lastPlace.name)
            }
            return
        }
        line("1 LOCATION: ", &b) { $0.appendLine(fronts[patient.front]) }
        b.append("2 FREQUENCY/CALL SIGN: per exercise signal plan\n")
        line("3 PRECEDENCE: 1 ", &b) { $0.append(precedence(patient)) }
        line("4 SPECIAL EQUIPMENT: ", &b) {
            $0.append((patient.vitals.first?.oxygenSaturation ?? 100) < 90 ? "D ventilator" : "A none")
        }
        line("5 PATIENTS BY TYPE: ", &b) {
            $0.append(patient.triage < 3 ? "L1 litter" : "A1 ambulatory")
        }
        line("6 SECURITY: ", &b) {
            $0.append(patient.injuryType == .battle ? "P possible enemy" : "N no enemy")
        }
        b.append("7 MARKING: C smoke\n")
        line("8 NATIONALITY/STATUS: A NATO military, ", &b) { $0.appendText(Nation.all[patient.nation].code) }
        line("9 CONTAMINATION: ", &b) {
            $0.append(patient.warfare == .cbrn ? "C chemical (suspected)" : "none")
        }
    }

    private func report(_ patient: Patient, _ b: inout UTF8Sink) {
        line("EXERCISE MIST, PATIENT ", &b) { $0.append(Int(patient.index) + 1) }
        mechanism("M: ", patient, &b)
        injuries("I: ", patient, &b)
        if let vitals = patient.vitals.first { signs("S: ", patient, vitals, &b) } else { b.append("S: none taken\n") }
        if patient.treatments.isEmpty, patient.medications.isEmpty { b.append("T: none\n") }
        for treatment in patient.treatments { care("T: ", patient, treatment, &b) }
        for medication in patient.medications { drug("T: ", patient, medication, &b) }
    }

    private func line(_ name: StaticString, _ b: inout UTF8Sink, _ value: (inout UTF8Sink) -> Void) {
        b.append(name)
        value(&b)
        b.append("\n")
    }

    private func precedence(_ patient: Patient) -> StaticString {
        switch patient.triage {
        case 1: patient.shockClass > 2 ? "B URGENT SURGICAL" : "A URGENT"
        case 2: "C PRIORITY"
        default: "D ROUTINE"
        }
    }

    private func mechanism(_ name: StaticString, _ patient: Patient, _ b: inout UTF8Sink) {
        line(name, &b) {
            $0.appendText(patient.injuryType.rawValue)
            $0.append(", ")
            if let mechanism = patient.mechanism {
                $0.appendText(mechanism.rawValue)
                $0.append(", ")
            }
            $0.appendText(patient.warfare.rawValue)
            if patient.isMassCasualty { $0.append(", mass casualty") }
        }
    }

    private func injuries(_ name: StaticString, _ patient: Patient, _ b: inout UTF8Sink) {
        line(name, &b) { b in
            b.appendText(patient.region.rawValue)
            for finding in patient.conditions {
                b.append("; ")
                b.appendLine(finding.condition.name)
                b.append(" (")
                b.appendText(finding.region.rawValue)
                b.append(", severity ")
                b.append(finding.severity)
                b.append(")")
            }
        }
    }

    private func signs(_ name: StaticString, _ patient: Patient, _ vitals: Patient.Vitals, _ b: inout UTF8Sink) {
        line(name, &b) {
            moments.append(patient.injuredAt + vitals.minute, &$0)
            $0.append(" pulse ")
            $0.append(vitals.heartRate)
            $0.append(", BP ")
            $0.append(vitals.systolic)
            $0.append("/")
            $0.append(vitals.diastolic)
            $0.append(", resp ")
            $0.append(vitals.respiratoryRate)
            $0.append(", SpO2 ")
            $0.append(vitals.oxygenSaturation)
            $0.append("%, temp ")
            $0.appendTenths(vitals.temperature)
            $0.append(", GCS ")
            $0.append(vitals.consciousness)
            $0.append(", AVPU ")
            $0.append(vitals.responsiveness.letter)
            if vitals.canTellPain {
                $0.append(", pain ")
                $0.append(vitals.pain)
                $0.append("/10")
            }
        }
    }

    private func care(_ name: StaticString, _ patient: Patient, _ treatment: Patient.Treatment, _ b: inout UTF8Sink) {
        line(name, &b) {
            moments.append(patient.injuredAt + treatment.minute, &$0)
            $0.append(" ")
            $0.appendLine(treatment.name)
            if let group = treatment.bloodGroup {
                $0.append(", ")
                $0.appendText(group.text)
            }
            $0.append(" at ")
            $0.appendText(treatment.place.name)
        }
    }

    private func drug(_ name: StaticString, _ patient: Patient, _ given: Patient.Medication, _ b: inout UTF8Sink) {
        line(name, &b) {
            moments.append(patient.injuredAt + given.minute, &$0)
            $0.append(" ")
            $0.appendText(given.drug.name)
            $0.append(" ")
            $0.append(given.drug.milligrams)
            $0.append(" mg ")
            $0.appendText(given.drug.route)
            $0.append(" at ")
            $0.appendText(given.place.name)
        }
    }
}
