/// What is done to a patient at each place of its way, in the order of TCCC (massive bleeding, airway, breathing,
/// circulation, the rest) and of the roles; never after death or after the patient has left.
struct Care {
    private var draws: Draws
    private let injury: Injury
    private let delay: Int
    private var place = Place.pointOfInjury
    private var minute = 0
    private var last = 0
    /// Whether a first facility, and a first surgeon, have seen the patient: at Role 1 and Role 2 unless they are passed.
    private var isStabilised = false
    private var isOperated = false

    init(_ injury: Injury, delay: Int, index: UInt64, seed: UInt64) {
        draws = Draws(seed: seed, index: index, stream: .care)
        self.injury = injury
        self.delay = delay
    }

    /// Fills vitals, treatments and medications of a patient whose way is known.
    mutating func fill(_ patient: inout Patient, effects: EnvironmentEffects, seed: UInt64) {
        var physiology = Draws(seed: seed, index: patient.index, stream: .physiology)
        let body = Physiology(
            consciousness: injury.consciousness, airway: injury.airway, warmth: 368 + injury.fever + effects.warmth / 2,
            pain: injury.pain, &physiology)
        if patient.baseDeficit != nil { patient.baseDeficit = Physiology.baseDeficit(patient.bloodLoss, &physiology) }
        let timeline = patient.timeline
        for number in timeline.indices where timeline[number].kind == .arrival {
            let place = timeline[number].place
            let from = timeline[number].minute
            let until = number + 1 < timeline.count ? timeline[number + 1].minute : from + 360
            let isDeath = number + 1 < timeline.count && patient.outcome.isDeath && number + 2 == timeline.count
            let last = isDeath ? until - 1 : until
            guard last >= from, !(place == .pointOfInjury && isDeath && until <= 2) else { continue }
            // What is not yet made good of the blood lost, and of pain and breath.
            let (loss, relief): (Int, Int) =
                switch place {
                case .pointOfInjury: (patient.bloodLoss * 3 / 4, 0)
                case .role1: (patient.bloodLoss, 40)
                case .role3 where isOperated: (patient.bloodLoss / 5, 75)
                case .role4 where isOperated: (patient.bloodLoss / 20, 85)
                default: (patient.bloodLoss, 50)
                }
            let first = place == .pointOfInjury ? min(last, from + 3 + delay) : min(last, from + 2)
            patient.vitals.append(body.signs(minute: first, loss: loss, relief: relief, &physiology))
            treat(&patient, place, first, last)
            if last - from >= 90, place == .role2 || place == .role3 {
                patient.vitals.append(
                    body.signs(minute: from + 85, loss: loss / 3, relief: min(90, relief + 20), &physiology))
            }
        }
    }

    private mutating func treat(_ patient: inout Patient, _ place: Place, _ first: Int, _ last: Int) {
        (self.place, minute, self.last) = (place, first, last)
        if patient.injuryType != .battle {
            illness(&patient)
            return
        }
        let traits = injury.traits
        switch place {
        case .pointOfInjury:
            // Bleeding ends when it does: that is when the tourniquet holds or the dressing is packed.
            let control = max(first, min(patient.bleedingMinutes, last))
            if !tie(control - first, &patient), traits.contains(.open) {
                add(.pressure, control - first, &patient)
            }
            // Dry dressings on burns.
            if traits.contains(.burn), injury.severity >= 2 { add(.woundCare, 3 + draws.below(4), &patient) }
            if traits.contains(.fracture), injury.severity < 4 { splint(4 + draws.below(6), &patient) }
            if injury.severity >= 3 { give(.ketamine, 2 + draws.below(4), &patient) }
            if traits.contains(.open), injury.severity <= 2 { give(.moxifloxacin, 2 + draws.below(5), &patient) }
        case .role1:
            stabilise(&patient)
            if traits.contains(.open) {
                add(injury.severity <= 2 ? .suture : .woundCare, 5 + draws.below(15), &patient)
            } else if traits.contains(.burn) {
                add(.woundCare, 5 + draws.below(15), &patient)
            }
            if traits.contains(.fracture), injury.severity >= 4 { splint(5 + draws.below(8), &patient) }
            if injury.severity == 2 { give(.morphine, 2 + draws.below(5), &patient) }
            if injury.severity == 1 { give(.paracetamol, 2 + draws.below(5), &patient) }
        case .role2:
            operate(&patient)
            if traits.contains(.open), injury.severity >= 3 { add(.debridement, 15 + draws.below(20), &patient) }
        case .role3:
            operate(&patient)
            if !traits.isDisjoint(with: [.open, .burn]), injury.severity >= 2 {
                add(.debridement, 30 + draws.below(60), &patient)
            }
            if traits.contains(.fracture) { splint(20 + draws.below(30), &patient) }
            if injury.severity >= 2 { give(.morphine, 10 + draws.below(20), &patient) }
        case .role4:
            operate(&patient)
            add(.woundCare, 30 + draws.below(60), &patient)
            give(.paracetamol, 10 + draws.below(20), &patient)
        }
    }

    /// What the first facility does for a casualty in danger.
    private mutating func stabilise(_ patient: inout Patient) {
        guard !isStabilised else { return }
        isStabilised = true
        if injury.consciousness <= 8 { add(.airwayMask, 1 + draws.below(3), &patient) }
        if injury.traits.contains(.chest) { add(.pleuralDrain, 2 + draws.below(6), &patient) }
        if injury.airway >= 6 || patient.bloodLoss >= 300 { add(.oxygen, 1 + draws.below(2), &patient) }
        if patient.bloodLoss >= 300 { add(.intraosseous, 1 + draws.below(3), &patient) }
        // Tranexamic acid within three hours of the injury (TCCC guidelines).
        if patient.bloodLoss >= 150, let arrival = patient.vitals.last, arrival.minute < 150 {
            give(.tranexamicAcid, 1, &patient)
        }
        if injury.traits.contains(.open) && injury.severity >= 3 || injury.isAbdomenSevere {
            give(.ertapenem, 2 + draws.below(6), &patient)
        }
    }

    /// What the first surgeon does: blood for blood, and the abdomen opened.
    private mutating func operate(_ patient: inout Patient) {
        stabilise(&patient)
        guard !isOperated else { return }
        isOperated = true
        let loss = patient.bloodLoss
        if loss >= 250 {
            let group: BloodGroup =
                patient.bloodGroup.isNegative ? .oNegative : draws.below(2) == 0 ? .oPositive : patient.bloodGroup
            add(.transfusion, 3 + draws.below(8), blood: group, &patient)
            if loss >= 400 { add(.transfusion, 8 + draws.below(10), blood: group, &patient) }
        }
        if injury.isAbdomenSevere { add(.laparotomy, 10 + draws.below(20), &patient) }
    }

    private mutating func illness(_ patient: inout Patient) {
        // Autoinjectors are the soldier's own: atropine and pralidoxime (Tuorinsky 2008).
        if injury.care == .antidote, place.rawValue <= Place.role1.rawValue {
            give(.atropine, 1 + draws.below(3), &patient)
            give(.pralidoxime, 1, &patient)
        }
        guard place != .pointOfInjury else { return }
        if injury.consciousness <= 8, !isStabilised {
            isStabilised = true
            add(.airwayMask, 1 + draws.below(3), &patient)
        }
        switch (injury.care, place) {
        case (.antidote, _) where injury.airway >= 4, (.air, _) where injury.airway >= 4:
            add(.oxygen, 1 + draws.below(3), &patient)
        case (.splint, .role1), (.splint, .role3): splint(10 + draws.below(20), &patient)
        case (.wound, .role1): add(.suture, 10 + draws.below(20), &patient)
        case (.wound, _): add(.woundCare, 20 + draws.below(20), &patient)
        case (.respiratory, _) where injury.airway >= 4: add(.oxygen, 5 + draws.below(10), &patient)
        case (.surgery, .role2...) where !isOperated: add(.laparotomy, 40 + draws.below(40), &patient)
        case (.warm, .role1) where injury.severity >= 3: add(.woundCare, 10 + draws.below(20), &patient)
        default: break
        }
        switch injury.care {
        case .antibiotic, .respiratory: give(.moxifloxacin, 5 + draws.below(20), &patient)
        case .malaria: give(.artemether, 5 + draws.below(20), &patient)
        case .pain, .splint: give(injury.severity >= 3 ? .morphine : .ibuprofen, 5 + draws.below(20), &patient)
        case .rest, .fluids, .wound:
            if injury.pain > 1 || injury.fever > 3 { give(.paracetamol, 5 + draws.below(20), &patient) }
        case .surgery:
            if place >= .role2, !isOperated { give(.ertapenem, 5 + draws.below(20), &patient) }
        default: break
        }
        if place >= .role2 { isOperated = true }
    }

    /// A tourniquet on each limb that is gone, else on the one that bleeds. Whether there is such a limb.
    private mutating func tie(_ minutes: Int, _ patient: inout Patient) -> Bool {
        var wait = minutes
        for place in patient.conditions.indices where patient.conditions[place].condition.isAmputation {
            add(.tourniquet, wait, at: patient.conditions[place].site, &patient)
            wait = 1
        }
        if injury.traits.contains(.amputation) { return true }
        guard patient.bloodLoss >= 100, injury.isLimbBleeding, injury.severity >= 3 else { return false }
        add(.tourniquet, wait, at: patient.conditions[0].site, &patient)
        return true
    }

    /// Holds each place that has a broken bone; an illness or accident has but one finding.
    private mutating func splint(_ minutes: Int, _ patient: inout Patient) {
        guard patient.injuryType == .battle else {
            return add(.immobilisation, minutes, at: patient.conditions[0].site, &patient)
        }
        var held: UInt16 = 0
        for place in patient.conditions.indices where patient.conditions[place].condition.isFracture {
            let site = patient.conditions[place].site
            guard held & 1 << site.rawValue == 0 else { continue }
            add(.immobilisation, held == 0 ? minutes : 4, at: site, &patient)
            held |= 1 << site.rawValue
        }
    }

    /// Does something, some minutes after what came before, where the stay leaves room for it.
    private mutating func add(
        _ procedure: Procedure, _ minutes: Int, blood: BloodGroup? = nil, at site: BodySite? = nil,
        _ patient: inout Patient
    ) {
        guard minute + minutes <= last else { return }
        minute += minutes
        patient.treatments.append(
            .init(procedure: procedure, minute: minute, place: place, bloodGroup: blood, site: site))
    }

    /// Gives a drug that the patient bears.
    private mutating func give(_ drug: Drug, _ minutes: Int, _ patient: inout Patient) {
        guard minute + minutes <= last, !patient.allergens.contains(where: { $0.forbids == drug }) else { return }
        minute += minutes
        patient.medications.append(.init(drug: drug, minute: minute, place: place))
    }
}
