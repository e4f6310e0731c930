@testable import PatientGen

/// What is counted of a population, in one pass.
struct Tally: Sendable {
    var patients = 0
    var women = 0
    var ages: [Int] = []
    var kinds = [Int](repeating: 0, count: 3)
    /// Arrivals at Role 4 by kind.
    var evacuated = [Int](repeating: 0, count: 3)
    /// The same by diagnosis: musculoskeletal, spine, neurological, psychiatric, any other.
    var diagnoses = [Int](repeating: 0, count: 5)
    var deaths = 0
    var deathsBeforeFacility = 0

    // Battle casualties.
    var killed = 0
    var diedOfWounds = 0
    /// Returned from Role 1 or 2 within 72 hours, as Holcomb 2006 has it.
    var returned = 0
    var minutesToDeath: [Int] = []
    var bleedingSites = [Int](repeating: 0, count: 3)
    var mechanisms = [Int](repeating: 0, count: 3)
    var regions = [Int](repeating: 0, count: 8)
    /// Arrivals at Role 2 with a base deficit, their deaths and injury severity scores, by class.
    var arrivals = [Int](repeating: 0, count: 4)
    var deathsByClass = [Int](repeating: 0, count: 4)
    var scores = [Int](repeating: 0, count: 4)

    init(_ scenario: Scenario, seed: UInt64 = 2009) {
        let generator = PatientGenerator(scenario: scenario, seed: seed)
        let base = scenario.baseDate.number
        ages.reserveCapacity(scenario.totalPatients)
        generator.forEach(in: 0..<generator.count) { count($0, base: base) }
        ages.sort()
    }

    private mutating func count(_ patient: borrowing Patient, base: Int) {
        patients += 1
        if patient.isFemale { women += 1 }
        ages.append(Self.age(patient.birthDate, on: CalendarDay(number: base + patient.day - 1)))
        let kind = patient.injuryType == .disease ? 0 : patient.injuryType == .nonBattle ? 1 : 2
        kinds[kind] += 1
        for step in patient.timeline where step.kind == .arrival && step.place == .role4 {
            evacuated[kind] += 1
            diagnoses[Self.diagnosis(patient)] += 1
        }
        if patient.outcome.isDeath {
            deaths += 1
            if patient.lastPlace == .pointOfInjury { deathsBeforeFacility += 1 }
        }
        if kind == 2 { countBattle(patient) }
    }

    private mutating func countBattle(_ patient: borrowing Patient) {
        let end = patient.timeline.last?.minute ?? 0
        switch patient.outcome {
        case .killed:
            killed += 1
            minutesToDeath.append(end)
            if let site = patient.bleedingSite {
                bleedingSites[site == .truncal ? 0 : site == .junctional ? 1 : 2] += 1
            }
        case .diedOfWounds: diedOfWounds += 1
        case .returned: if patient.lastPlace.rawValue <= 2, end <= 72 * 60 { returned += 1 }
        case .inTreatment: break
        }
        mechanisms[patient.mechanism == .explosion ? 0 : patient.mechanism == .gunshot ? 1 : 2] += 1
        for finding in patient.conditions where finding.condition.code != "355001" {
            regions[Self.place(finding.region)] += 1
        }
        if let deficit = patient.baseDeficit {
            let place = deficit <= 20 ? 0 : deficit <= 60 ? 1 : deficit <= 100 ? 2 : 3
            arrivals[place] += 1
            scores[place] += patient.injurySeverityScore
            if patient.outcome == .diedOfWounds { deathsByClass[place] += 1 }
        }
    }

    /// Whole years, as a birthday has it.
    static func age(_ birth: CalendarDay, on day: CalendarDay) -> Int {
        day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day) ? 1 : 0)
    }

    private static let groups = Dictionary(
        (Condition.nonBattle + Condition.disease).map { ($0.code, $0.group) }, uniquingKeysWith: { one, _ in one })

    private static func diagnosis(_ patient: borrowing Patient) -> Int {
        guard patient.injuryType != .battle, let finding = patient.conditions.first else { return 4 }
        return switch groups[finding.condition.code] {
        case .musculoskeletal: 0
        case .spine: 1
        case .neuro: 2
        case .psychiatric: 3
        default: 4
        }
    }

    static func place(_ region: BodyRegion) -> Int {
        switch region {
        case .head: 0
        case .eyes: 1
        case .ears: 2
        case .face: 3
        case .neck: 4
        case .thorax: 5
        case .abdomen: 6
        case .extremity: 7
        }
    }

    var battle: Int { kinds[2] }
    /// Percent (Holcomb 2006).
    var percentKilled: Double { percent(killed, battle - returned) }
    var percentDiedOfWounds: Double { percent(diedOfWounds, battle - killed - returned) }
    var caseFatality: Double { percent(killed + diedOfWounds, battle) }
    var percentBeforeFacility: Double { percent(deathsBeforeFacility, deaths) }
    /// Largest distance of the killed's time to death from shares dead by 0, 10, 60 and 120 minutes, with straight lines
    /// between.
    func distance(from shares: [Double]) -> Double {
        let points = zip([0, 10, 60, 120, 240], shares + [1])
        let sorted = minutesToDeath.sorted()
        return (0...240).reduce(0) { worst, minute in
            let seen = Double(sorted.count { $0 <= minute }) / Double(max(1, sorted.count))
            var expected = shares[0]
            var before = (0, shares[0])
            for point in points where point.0 > 0 {
                if minute <= point.0 {
                    let part = Double(minute - before.0) / Double(point.0 - before.0)
                    expected = before.1 + (point.1 - before.1) * part
                    break
                }
                before = point
            }
            return max(worst, abs(seen - expected))
        }
    }
}

func percent(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) * 100 }

func percents(_ counts: [Int]) -> [Double] { counts.map { percent($0, counts.reduce(0, +)) } }

/// The cohorts that the figures come from, each of 200,000 patients, generated once for all tests and side by side.
enum Cohort {
    static let size = 200_000

    /// Injured, as a trauma registry has them: battle and non-battle injuries, outcomes after 2009.
    static let registry = task(Scenario.registryMix)
    /// The same with the outcomes before 2009.
    static let before2009 = task(Scenario.registryMix, .pre2009)
    /// The same with the places of death of Eastridge 2012.
    static let eastridge = task(Scenario.registryMix, .eastridge2012)
    /// All casualties, disease too.
    static let all = task(Scenario().injuryMix)

    private static func task(
        _ mix: [InjuryType: Double], _ figures: ClinicalFigures = .post2009
    ) -> Task<Tally, Never> {
        var scenario = Scenario()
        scenario.totalPatients = size
        scenario.injuryMix = mix
        scenario.figures = figures
        return Task { [scenario] in Tally(scenario) }
    }
}
