/// The TCCC card: what is known and done until a surgeon has the casualty, at the point of injury and at Role 1. A field
/// that would be empty is left out, but for those that a reader looks for.
///
/// Source: DD Form 1380 and its instructions (June 2014), in DHA-PI 6040.01.
extension CardPatientWriter {
    func card(_ patient: Patient, _ b: inout UTF8Sink) {
        b.append("TCCC CARD (exercise)\n")
        // The initials and the last four digits of the number.
        line("BATTLE ROSTER #: ", &b) {
            $0.appendInitial(patient.givenName)
            $0.appendInitial(patient.familyName)
            $0.append(Int(patient.nationalID % 10_000), digits: 4)
        }
        line("EVAC: ", &b) { $0.append(patient.triage == 1 ? "URGENT" : patient.triage == 2 ? "PRIORITY" : "ROUTINE") }
        line("NAME: ", &b) { name(patient, &$0) }
        line("LAST 4: ", &b) { $0.append(Int(patient.nationalID % 10_000), digits: 4) }
        line("GENDER: ", &b) { $0.append(patient.isFemale ? "F" : "M") }
        line("DATE: ", &b) { moments.appendCardDay(patient.injuredAt, &$0) }
        line("TIME: ", &b) { moments.appendClock(patient.injuredAt, &$0) }
        line("SERVICE: ", &b) { $0.appendText(Nation.all[patient.nation].code) }
        line("UNIT: ", &b) { $0.appendUnit(patient.unit) }
        line("ALLERGIES: ", &b) { b in
            if patient.allergens.isEmpty { b.append("NKDA") }
            for place in patient.allergens.indices {
                if place > 0 { b.append(", ") }
                b.appendText(patient.allergens[place].name)
            }
        }
        line("MECHANISM OF INJURY: ", &b) { mechanism(patient, &$0) }
        line("INJURY: ", &b) { injuries(patient, &$0) }
        for treatment in patient.treatments where treatment.procedure == .tourniquet {
            tourniquet(treatment, patient, &b)
        }
        for vitals in patient.vitals where patient.isBeforeSurgeon(vitals.minute) {
            line("SIGNS & SYMPTOMS: ", &b) { signs(vitals, patient, &$0) }
        }
        for treatment in patient.treatments where treatment.place <= .role1 && treatment.procedure != .tourniquet {
            line(treatment.procedure.cardField, &b) { self.treatment(treatment, patient, &$0) }
        }
        for given in patient.medications where given.place <= .role1 {
            line(given.drug.cardField, &b) { drug(given, patient, &$0) }
        }
        line("NOTES: ", &b) {
            $0.appendLine(patient.rank)
            $0.append(", blood group ")
            $0.appendText(patient.bloodGroup.text)
            if let daily = patient.longTermMedication {
                $0.append(", takes daily ")
                $0.appendText(daily.name)
            }
        }
    }

    private func name(_ patient: Patient, _ b: inout UTF8Sink) {
        b.appendLine(patient.familyName)
        b.append(", ")
        b.appendLine(patient.givenName)
        guard let family = patient.nativeFamilyName, let given = patient.nativeGivenName else { return }
        b.append(" (")
        b.appendText(family)
        b.append(", ")
        b.appendText(given)
        b.append(")")
    }

    private func tourniquet(_ treatment: Patient.Treatment, _ patient: Patient, _ b: inout UTF8Sink) {
        switch treatment.site {
        case .rightArm: b.append("TQ R ARM: ")
        case .leftArm: b.append("TQ L ARM: ")
        case .rightLeg: b.append("TQ R LEG: ")
        default: b.append("TQ L LEG: ")
        }
        self.treatment(treatment, patient, &b)
        b.append("\n")
    }
}

extension Patient {
    /// Whether a minute is before the arrival at Role 2 or a later facility.
    fileprivate func isBeforeSurgeon(_ minute: Int) -> Bool {
        for step in timeline where step.kind == .arrival && step.place > .role1 { return minute < step.minute }
        return true
    }
}

extension Procedure {
    /// The card's field: catastrophic bleeding and circulation, airway, breathing, or other.
    fileprivate var cardField: StaticString {
        switch self {
        case .tourniquet: "C TQ: "
        case .pressure: "C DRESSING: "
        case .airwayMask: "A SGA: "
        case .oxygen: "B O2: "
        case .pleuralDrain: "B CHEST TUBE: "
        case .intraosseous: "C ACCESS: "
        case .transfusion: "C BLOOD PRODUCT: "
        case .immobilisation: "OTHER SPLINT: "
        case .suture, .woundCare, .debridement, .laparotomy: "OTHER: "
        }
    }
}

extension Drug {
    fileprivate var cardField: StaticString {
        switch self {
        case .ketamine, .morphine, .paracetamol, .ibuprofen: "MEDS ANALGESIC: "
        case .ertapenem, .moxifloxacin: "MEDS ANTIBIOTIC: "
        case .tranexamicAcid, .artemether, .atropine, .pralidoxime: "MEDS OTHER: "
        }
    }
}
