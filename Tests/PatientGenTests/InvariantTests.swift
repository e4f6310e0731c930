import Testing

@testable import PatientGen

/// What may never happen, over 100,000 patients of every preset.
@Suite struct InvariantTests {
    static let size = 100_000

    @Test(arguments: Scenario.presets.map(\.id))
    func `time, ends, care and blood are in order`(_ id: String) throws {
        var scenario = try #require(Scenario.preset(id))
        scenario.totalPatients = Self.size
        let generator = PatientGenerator(scenario: scenario, seed: 7)
        let broken = Self.brokenRules(generator)
        #expect(broken.isEmpty)
    }

    /// The same where beds are few, casualties wait and are diverted.
    @Test func `time, ends, care and blood are in order where beds are few and rates are configured`() {
        var scenario = Scenario()
        scenario.totalPatients = 20_000
        scenario.facilities = [
            .init(id: "R1", name: "", capacity: 900, kiaRate: 0.05),
            .init(id: "R2", name: "", capacity: 300, rtdRate: 0.2),
            .init(id: "R3", name: "", capacity: 200, kiaRate: 0.1), .init(id: "R4", name: "", capacity: 300),
        ]
        let generator = PatientGenerator(scenario: scenario, seed: 7)
        let broken = Self.brokenRules(generator, ratesAreSet: true)
        #expect(broken.isEmpty)
    }

    /// Each rule that is broken, with a patient who breaks it.
    /// - Parameter ratesAreSet: Whether the scenario says who returns, which then is so whatever the wound.
    static func brokenRules(_ generator: PatientGenerator, ratesAreSet: Bool = false) -> [String: UInt64] {
        var broken: [String: UInt64] = [:]
        generator.forEach(in: 0..<generator.count) { patient in
            let rule =
                brokenTimeline(patient) ?? brokenCare(patient) ?? brokenSigns(patient) ?? brokenSense(patient)
                ?? brokenLocation(patient)
            if let rule = rule ?? (ratesAreSet ? nil : brokenDuty(patient)) { broken[rule] = patient.index }
        }
        return broken
    }

    /// The rule that a timeline breaks.
    static func brokenTimeline(_ patient: borrowing Patient) -> String? {
        var last = 0
        var place = Place.pointOfInjury
        var transit: (to: Place, minute: Int)?
        if patient.injuredAt < 0 { return "nothing before the scenario" }
        for (number, step) in patient.timeline.enumerated() {
            if step.minute < last { return number == 0 ? "nothing before the injury" : "time never runs backwards" }
            last = step.minute
            let isEnd = number == patient.timeline.count - 1
            switch step.kind {
            case .kia, .dow, .rtd:
                if !isEnd { return "the end comes last" }
                let outcome: Patient.Outcome =
                    step.kind == .kia ? .killed : step.kind == .dow ? .diedOfWounds : .returned
                if patient.outcome != outcome { return "the end is the outcome" }
                if step.kind == .kia, place != .pointOfInjury { return "the killed die before a facility" }
                if step.kind == .dow, place == .pointOfInjury { return "the dead of wounds die after a facility" }
                if patient.lastPlace != place { return "the last facility is where it ended" }
            case .arrival:
                if number == 0 {
                    if step.minute != 0 || step.place != .pointOfInjury { return "the first is the injury" }
                } else if transit?.to != step.place || transit?.minute != step.minute {
                    return "an arrival follows its transit"
                }
                place = step.place
            case .evacuationStart: if step.place != place { return "evacuation begins where the patient is" }
            case .transitStart:
                guard let to = step.destination, let minutes = step.transit, to.rawValue > place.rawValue, minutes > 0
                else { return "a transit leads on and takes time" }
                transit = (to, step.minute + minutes)
            }
            if isEnd, patient.outcome == .inTreatment, step.kind != .arrival { return "who remains has arrived" }
            if isEnd, patient.outcome != .inTreatment, ![.kia, .dow, .rtd].contains(step.kind) {
                return "exactly one end"
            }
        }
        return patient.timeline.isEmpty ? "a timeline is never empty" : nil
    }

    /// The rule that treatments and drugs break.
    static func brokenCare(_ patient: borrowing Patient) -> String? {
        var stays = [(from: Int, to: Int)](repeating: (.max, .min), count: Place.allCases.count)
        for (number, step) in patient.timeline.enumerated() where step.kind == .arrival {
            let next = number + 1 < patient.timeline.count ? patient.timeline[number + 1] : nil
            let isDeath = next.map { $0.kind == .kia || $0.kind == .dow } ?? false
            stays[step.place.rawValue] = (step.minute, (next?.minute ?? .max) - (isDeath ? 1 : 0))
        }
        var last = 0
        for treatment in patient.treatments {
            let stay = stays[treatment.place.rawValue]
            if treatment.minute < stay.from || treatment.minute > stay.to {
                return patient.outcome.isDeath ? "no care after death" : "care is given where the patient is"
            }
            if treatment.minute < last { return "treatments are in order" }
            last = treatment.minute
            if !places(of: treatment.procedure).contains(treatment.place.rawValue) {
                return "\(treatment.procedure) is not done at \(treatment.place)"
            }
            if let rule = brokenSite(treatment, patient) { return rule }
            if treatment.procedure == .transfusion {
                guard let group = treatment.bloodGroup, group.canBeGiven(to: patient.bloodGroup) else {
                    return "transfused blood is compatible"
                }
            }
        }
        for medication in patient.medications {
            let stay = stays[medication.place.rawValue]
            if medication.minute < stay.from || medication.minute > stay.to { return "no drug after death" }
            if medication.drug == .tranexamicAcid, medication.minute > 180 { return "tranexamic acid within 3 hours" }
            if patient.allergens.contains(where: { $0.forbids == medication.drug }) { return "no drug that harms" }
        }
        return nil
    }

    /// The rule that a treatment's place on the body breaks.
    static func brokenSite(_ treatment: Patient.Treatment, _ patient: borrowing Patient) -> String? {
        let there = patient.conditions.filter { $0.site == treatment.site }.map(\.condition.code)
        switch treatment.procedure {
        case .tourniquet:
            guard treatment.site?.isLimb == true else { return "no tourniquet on the torso" }
            return there.allSatisfy(burns.contains) ? "a tourniquet is on a limb that bleeds" : nil
        case .immobilisation:
            let isHeld = patient.injuryType == .battle ? !fractures.isDisjoint(with: there) : !there.isEmpty
            return isHeld ? nil : "a splint is where something is broken or torn"
        default: return treatment.site == nil ? nil : "only tourniquets and splints have a side"
        }
    }

    /// The rule that sites break: each is of its region, bones and vessels are where they are, no limb is lost twice.
    static func brokenLocation(_ patient: borrowing Patient) -> String? {
        var lost: [BodySite] = []
        for finding in patient.conditions {
            let site = finding.site
            let code = finding.condition.code
            if site == .wholeBody || site == .back {
                if !["T31.1", "T31.3", "355001", "52072009", "T67.5", "T68", "T66", "B50.9", "M54.4", "M54.5"].contains(
                    code)
                {
                    return "only some conditions are of the whole body or the back"
                }
                continue
            }
            if site.isLimb != (finding.region == .extremity) { return "limbs are extremities" }
            let region = finding.region.rawValue
            if !site.isLimb, site.name != region, !site.name.hasSuffix(region.dropLast()) {
                return "a site is of its region"
            }
            if legs.contains(code), site != .leftLeg, site != .rightLeg { return "what is of the leg is on a leg" }
            if arms.contains(code), site != .leftArm, site != .rightArm { return "what is of the arm is on an arm" }
            if amputations.contains(code) {
                if lost.contains(site) { return "no limb is lost twice" }
                lost.append(site)
            }
        }
        if lost.count > 2 { return "nobody loses more than two limbs" }
        for finding in patient.conditions
        where lost.contains(finding.site) && !amputations.contains(finding.condition.code) {
            // A leg where both are gone, or an arm: of the stump then.
            if !lost.contains(finding.site.opposite) { return "what is gone is not hurt" }
        }
        let isBattle = patient.injuryType == .battle
        if isBattle, patient.bloodLoss >= 150 || patient.bleedingSite != nil,
            burns.contains(patient.conditions[0].condition.code)
        {
            return "blood is not lost from a burn"
        }
        let worst = patient.conditions[0].condition.code
        if isBattle, patient.bleedingSite == nil, patient.bloodLoss < 150, vessels.contains(worst) {
            return "a great vessel bleeds"
        }
        if isBattle, patient.bloodLoss < 75, !lost.isEmpty { return "a limb is not lost without blood" }
        if !(901...999).contains(patient.unit.battalion) || !(0...3).contains(patient.unit.company)
            || !(0..<100_000_000).contains(patient.grid)
        {
            return "units and places are those of an exercise"
        }
        return nil
    }

    /// Where TCCC, a surgeon or a hospital does what.
    static func places(of procedure: Procedure) -> ClosedRange<Int> {
        switch procedure {
        case .tourniquet, .pressure: 0...0
        case .suture: 1...1
        // At Role 3 or 4 where the facilities before it are passed for want of beds.
        case .pleuralDrain, .intraosseous, .airwayMask: 1...4
        case .transfusion, .laparotomy: 2...4
        case .debridement: 2...3
        case .immobilisation: 0...3
        case .woundCare: 0...4
        case .oxygen: 1...4
        }
    }

    /// The rule that vital signs break.
    static func brokenSigns(_ patient: borrowing Patient) -> String? {
        let end = patient.timeline.last.map { $0.kind == .arrival ? Int.max : $0.minute } ?? 0
        var last = 0
        for signs in patient.vitals {
            if signs.minute < last || signs.minute > end { return "signs are in order and of the living" }
            last = signs.minute
            if patient.bloodLoss < 300, signs.systolic < 100 { return "pressure holds while the loss is compensated" }
            if signs.diastolic >= signs.systolic { return "diastolic is below systolic" }
            if !(3...15).contains(signs.consciousness) || !(0...10).contains(signs.pain)
                || !(50...100).contains(signs.oxygenSaturation) || !(300...430).contains(signs.temperature)
                || !(30...220).contains(signs.heartRate) || !(4...60).contains(signs.respiratoryRate)
            {
                return "signs are those of a living body"
            }
        }
        let range = patient.triage
        if !(1...3).contains(range) { return "triage is 1, 2 or 3" }
        if patient.conditions.isEmpty || patient.givenName.isEmpty || patient.familyName.isEmpty {
            return "everyone has a name and a condition"
        }
        return nil
    }

    /// What a physician would not believe: a rule that wounds, signs, care and duty break together.
    static func brokenSense(_ patient: borrowing Patient) -> String? {
        let codes = Set(patient.conditions.map(\.condition.code))
        let worst = patient.conditions.map(\.severity).max() ?? 0
        let isBattle = patient.injuryType == .battle
        let broken = !codes.isDisjoint(with: fractures)
        for finding in patient.conditions where finding.condition.code == "S02.0" {
            if finding.region != .head { return "the vault of the skull is of the head" }
        }
        let isBurnt = !codes.isDisjoint(with: burns)
        for treatment in patient.treatments {
            switch treatment.procedure {
            case .immobilisation:
                if isBattle, !broken { return "what is splinted is broken" }
            case .transfusion: if patient.bloodLoss < 250 { return "blood replaces blood" }
            case .laparotomy:
                if !patient.conditions.contains(where: { $0.region == .abdomen }) {
                    return "the abdomen is opened for the abdomen"
                }
            case .tourniquet: if patient.injuryType != .battle { return "a tourniquet holds a wound of battle" }
            case .pleuralDrain:
                if !patient.conditions.contains(where: { $0.region == .thorax }) { return "a chest is drained" }
            case .airwayMask:
                if patient.vitals.allSatisfy({ $0.consciousness > 11 }) { return "who is awake keeps the airway" }
            default: break
            }
        }
        if isBattle, isBurnt, worst >= 2, patient.outcome != .killed, !patient.outcome.isDeath,
            patient.timeline.count > 3, patient.treatments.isEmpty
        {
            return "a burn is dressed"
        }
        let isOfAgent = !codes.isDisjoint(with: ["T59.8", "T59.4", "T65.0", "T66", "A22.1"])
        if isOfAgent, patient.warfare != .cbrn { return "agents are of CBRN warfare" }
        switch patient.cause {
        case .explosion: if patient.mechanism != .explosion { return "an explosion is one" }
        case .fire: if !isBurnt { return "fire burns" }
        case .firearm: if !isBattle || patient.mechanism == .explosion { return "who is shot is shot" }
        case .nuclear, .biological, .chemical: if !isOfAgent { return "an agent does what agents do" }
        case .vehicle, .fall, .sharpObject, .heat, .cold:
            if patient.injuryType != .nonBattle { return "accidents are not of battle" }
        case nil: if isBattle || isOfAgent { return "a wound and an agent's effect have a cause" }
        }
        let isOpened = patient.treatments.contains { $0.procedure == .laparotomy }
        let isAbdomenSevere = patient.conditions.contains {
            $0.region == .abdomen && $0.site != .wholeBody && $0.severity >= 3 && !burns.contains($0.condition.code)
        }
        // A stay at Role 2 is an hour at least; who dies there may die before.
        if isBattle, isAbdomenSevere != isOpened, patient.lastPlace > .role2 {
            return "a severe wound of the abdomen is opened"
        }
        for medication in patient.medications where [.atropine, .pralidoxime].contains(medication.drug) {
            if !codes.contains("T59.8") { return "an antidote has its poison" }
        }
        if patient.bloodLoss < 300, !isOfAgent, let first = patient.vitals.first, first.consciousness < 15,
            !patient.conditions.contains(where: {
                $0.region == .head || ["T68", "370977006"].contains($0.condition.code)
            })
        {
            return "consciousness is clouded by the brain, blood loss, cold, heat or an agent"
        }
        return nil
    }

    /// The rule that one who returned to duty breaks.
    static func brokenDuty(_ patient: borrowing Patient) -> String? {
        guard patient.outcome == .returned else { return nil }
        let codes = Set(patient.conditions.map(\.condition.code))
        if patient.injuryType == .battle {
            if patient.conditions.contains(where: { $0.severity >= 3 }) {
                return "the severely wounded do not return within days"
            }
            if !codes.isDisjoint(with: fractures) { return "who breaks a limb does not return within days" }
        }
        if patient.bloodLoss >= 150 { return "who loses much blood does not return within days" }
        return codes.contains("K35.8") ? "an appendix is not left to itself" : nil
    }

    /// Bones that are splinted, and limbs that are gone.
    static let fractures: Set<String> = amputations.union([
        "423125000", "397181002", "71620000", "65966004", "58150001", "77493009", "S42.3", "S82.2",
    ])
    private static let amputations: Set<String> = ["262595009", "S48.1", "S58.1", "S78.1", "S88.1", "S98.0"]
    private static let vessels: Set<String> = ["S25.0", "S26.0", "S35.0", "S45.1", "S75.0", "S85.0"]
    private static let legs: Set<String> = [
        "283385000", "284551006", "71620000", "16114001", "44465007", "S75.0", "S78.1", "S82.2", "S82.6", "S83.2",
        "S83.5",
        "S85.0", "S88.1", "S98.0",
    ]
    private static let arms: Set<String> = [
        "284549007", "283371005", "65966004", "70704007", "S42.3", "S45.1", "S48.1", "S58.1", "S62.6", "S68.1",
    ]
    private static let burns: Set<String> = [
        "125666000", "403190006", "403191005", "403192003", "T20.3", "T31.1", "T31.3",
    ]

    @Test func `pressure falls only after compensation, and then it does`() {
        var scenario = Scenario()
        scenario.totalPatients = 40_000
        scenario.injuryMix = [.battle: 1]
        var lowest = [999, 999, 999, 999]
        struct Sum { var pressure = 0, pulse = 0, breaths = 0, count = 0 }
        var sums = [Sum](repeating: Sum(), count: 4)
        PatientGenerator(scenario: scenario, seed: 3).forEach(in: 0..<40_000) { patient in
            // The first signs at a facility, before anything is made good.
            guard let signs = patient.vitals.dropFirst().first, patient.timeline.count > 3 else { return }
            let place = patient.shockClass - 1
            lowest[place] = min(lowest[place], signs.systolic)
            sums[place].pressure += signs.systolic
            sums[place].pulse += signs.heartRate
            sums[place].breaths += signs.respiratoryRate
            sums[place].count += 1
        }
        let pressure = sums.map { $0.pressure / max(1, $0.count) }
        let pulse = sums.map { $0.pulse / max(1, $0.count) }
        let breaths = sums.map { $0.breaths / max(1, $0.count) }
        #expect(lowest[0] >= 100 && lowest[1] >= 100)
        #expect(pressure[0] > 110 && pressure[1] > 110 && pressure[2] < 110 && pressure[3] < 90)
        // ATLS: below 100, 100 to 120, 120 to 140, above 140 beats; 14 to 20, 20 to 30, 30 to 40, above 35 breaths.
        #expect(pulse[0] < 100 && (95...120).contains(pulse[1]) && (115...140).contains(pulse[2]) && pulse[3] > 135)
        #expect(
            (14...20).contains(breaths[0]) && (20...30).contains(breaths[1]) && (28...40).contains(breaths[2])
                && breaths[3] > 35)
    }

    @Test(arguments: [1, 7, 1440, 20_011])
    func `fronts, nations and kinds have exactly their shares`(_ total: Int) {
        for id in ["nato_article_5", "cbrn_incident", "mass_casualty"] {
            guard var scenario = Scenario.preset(id) else { continue }
            scenario.totalPatients = total
            var kinds = [0, 0, 0]
            var nations = [[Int]](repeating: [0, 0, 0, 0], count: 3)
            PatientGenerator(scenario: scenario, seed: 5).forEach(in: 0..<UInt64(total)) { patient in
                kinds[patient.injuryType == .disease ? 0 : patient.injuryType == .nonBattle ? 1 : 2] += 1
                let code = Nation.all[patient.nation].code
                if let place = scenario.fronts[patient.front].nationalities.firstIndex(where: { $0.code == code }) {
                    nations[patient.front][place] += 1
                }
            }
            #expect(kinds == quotas(InjuryType.allCases.map { scenario.injuryMix[$0] ?? 0 }, total: total))
            let fronts = quotas(scenario.fronts.map(\.casualtyRate), total: total)
            #expect(nations.map { $0.reduce(0, +) } == fronts)
            for (place, front) in scenario.fronts.enumerated() {
                let wanted = quotas(front.nationalities.map(\.percentage), total: fronts[place])
                #expect(Array(nations[place].prefix(wanted.count)) == wanted)
            }
        }
    }

    @Test func `quotas add up and are never a whole one away from their share`() {
        var draws = Draws(seed: 1, index: 0, stream: .place)
        for _ in 0..<2000 {
            let weights = (0...draws.below(12)).map { _ in Double(draws.below(1000)) }
            let total = draws.below(100_000)
            let counts = quotas(weights, total: total)
            #expect(counts.reduce(0, +) == total)
            let sum = weights.reduce(0, +)
            guard sum > 0 else { continue }
            for (count, weight) in zip(counts, weights) {
                #expect(abs(Double(count) - weight / sum * Double(total)) < 1)
            }
        }
    }

    @Test func `a shuffle gives every place once`() {
        for count in [1, 2, 3, 5, 64, 1000, 4097] {
            let shuffle = Shuffle(count: count, seed: 9, order: count)
            #expect(Set((0..<count).map(shuffle.place)) == Set(0..<count))
        }
    }

    @Test func `a patient does not depend on what was generated before it`() {
        let generator = PatientGenerator(scenario: Scenario(), seed: 7)
        var reused = Patient()
        for index in (0..<500).reversed() { generator.generate(UInt64(index), into: &reused) }
        #expect(reused == generator.patient(at: 0))
    }
}
