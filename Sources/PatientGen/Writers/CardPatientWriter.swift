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
    let moments: Moments
    let fronts: [String]
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

    func line(_ name: StaticString, _ b: inout UTF8Sink, _ value: (inout UTF8Sink) -> Void) {
        b.append(name)
        value(&b)
        b.append("\n")
    }

    /// `021015Z`: day, hour and minute, as radio reports have them.
    func group(_ minute: Int, _ patient: Patient, _ b: inout UTF8Sink) {
        moments.appendGroup(patient.injuredAt + minute, &b)
    }

    /// How the injury came about, in the words of the card. What kind of explosion it was follows the warfare, an
    /// assumption.
    func mechanism(_ patient: Patient, _ b: inout UTF8Sink) {
        switch patient.cause {
        case .fire: b.append("BURN")
        case .firearm:
            b.append(
                patient.mechanism == .gunshot
                    ? "GSW" : patient.conditions.first?.condition.isBlunt == true ? "BLUNT" : "OTHER: close combat")
        case .explosion:
            switch patient.warfare {
            case .conventional, .artillery: b.append("ARTILLERY")
            case .guerrilla, .peacekeeping: b.append("IED")
            case .urban: b.append("GRENADE")
            case .drone: b.append("OTHER: explosion, drone")
            case .naval, .cbrn: b.append("OTHER: explosion")
            }
        case .fall: b.append("FALL")
        case .vehicle: b.append("MVC")
        case .sharpObject: b.append("OTHER: sharp object")
        case .heat: b.append("OTHER: heat")
        case .cold: b.append("OTHER: cold")
        case .chemical: b.append("OTHER: chemical agent")
        case .biological: b.append("OTHER: biological agent")
        case .nuclear: b.append("OTHER: radiation")
        case nil: b.append(patient.injuryType == .disease ? "OTHER: disease" : "OTHER: overuse")
        }
        if patient.isMassCasualty { b.append(", mass casualty") }
    }

    /// `right leg: Fracture of femur (AIS 3); …`, the worst first.
    func injuries(_ patient: Patient, _ b: inout UTF8Sink) {
        for place in patient.conditions.indices {
            if place > 0 { b.append("; ") }
            let finding = patient.conditions[place]
            b.appendText(finding.site.name)
            b.append(": ")
            b.appendLine(finding.condition.name)
            b.append(patient.injuryType == .disease ? " (severity " : " (AIS ")
            b.append(finding.severity)
            b.append(")")
        }
    }

    func signs(_ vitals: Patient.Vitals, _ patient: Patient, _ b: inout UTF8Sink) {
        group(vitals.minute, patient, &b)
        b.append(" pulse ")
        b.append(vitals.heartRate)
        b.append(", BP ")
        b.append(vitals.systolic)
        b.append("/")
        b.append(vitals.diastolic)
        b.append(", resp ")
        b.append(vitals.respiratoryRate)
        b.append(", SpO2 ")
        b.append(vitals.oxygenSaturation)
        b.append("%, AVPU ")
        b.append(vitals.responsiveness.letter)
        if vitals.canTellPain {
            b.append(", pain ")
            b.append(vitals.pain)
            b.append("/10")
        }
        b.append(", GCS ")
        b.append(vitals.consciousness)
        b.append(", temp ")
        b.appendTenths(vitals.temperature)
    }

    /// `Application of tourniquet, left leg, 020824Z`.
    func treatment(_ treatment: Patient.Treatment, _ patient: Patient, _ b: inout UTF8Sink) {
        b.appendLine(treatment.name)
        if let site = treatment.site {
            b.append(", ")
            b.appendText(site.name)
        }
        b.append(", ")
        group(treatment.minute, patient, &b)
    }

    /// `Ketamine 30 mg IV, 020826Z`.
    func drug(_ given: Patient.Medication, _ patient: Patient, _ b: inout UTF8Sink) {
        b.appendText(given.drug.name)
        b.append(" ")
        b.append(given.drug.milligrams)
        b.append(" mg ")
        b.appendText(given.drug.route)
        b.append(", ")
        group(given.minute, patient, &b)
    }
}
