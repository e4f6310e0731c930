/// Generates the patients of a scenario. Patient *i* is a pure function of (model version, scenario, seed, *i*): any
/// range, on any machine, in any order, gives the same patients.
///
/// ```swift
/// let generator = PatientGenerator(scenario: Scenario(), seed: 7)
/// for patient in generator.patients(in: 0..<100) { … }
/// ```
public struct PatientGenerator: Sendable {
    /// The version of the model: a change of what it gives is a new version.
    public static let modelVersion = 1

    /// What is generated.
    public let scenario: Scenario
    /// Chooses among the possible worlds of the scenario.
    public let seed: UInt64
    let plan: Plan

    /// A generator. Prepares its tables; generates nothing yet.
    public init(scenario: Scenario, seed: UInt64) {
        self.scenario = scenario
        self.seed = seed
        plan = Plan(scenario: scenario)
    }

    /// How many patients the scenario has.
    public var count: UInt64 { UInt64(scenario.totalPatients) }

    /// The patients of a range, one after another.
    public func patients(in range: Range<UInt64>) -> some Sequence<Patient> {
        range.lazy.map { patient(at: $0) }
    }

    /// One patient. Constant time.
    public func patient(at index: UInt64) -> Patient {
        var place = Draws(seed: seed, index: index, stream: .place)
        let front = place.pick(plan.fronts)
        let nationPlace = plan.nations[front].indices[place.pick(plan.nations[front].weights)]
        let nation = Nation.all[nationPlace]
        let type = InjuryType.allCases[place.pick(plan.mix)]
        var warfare = plan.warfareTypes[place.pick(plan.warfare)]
        var day = place.pick(plan.days) + 1
        var minuteOfDay = place.below(1440)

        // A mass-casualty event belongs to the scenario: its patients share its day, hour and warfare.
        var event: Int?
        if type == .battle, plan.events > 0, place.chance(plan.eventShare) {
            let number = place.below(plan.events)
            var shared = Draws(seed: seed, index: UInt64(number), stream: .event)
            warfare = plan.warfareTypes[shared.pick(plan.warfare)]
            day = shared.pick(plan.days) + 1
            minuteOfDay = min(1439, shared.below(1440) + place.below(30))
            event = number
        }

        var injury = Draws(seed: seed, index: index, stream: .injury)
        let (region, findings, bleeding) = Self.findings(type, &injury)
        let triage = injury.pick(plan.triage(type, warfare, polytrauma: findings.count > 1)) + 1

        var course = Draws(seed: seed, index: index, stream: .course)
        let way = plan.course(type: type, triage: triage, draws: &course)

        var physiology = Draws(seed: seed, index: index, stream: .physiology)
        var care = Draws(seed: seed, index: index, stream: .care)
        var person = Draws(seed: seed, index: index, stream: .person)
        let isFemale = person.chance(Share(0.032))
        let age = Self.age(&person)
        let given = isFemale ? nation.female : nation.male
        let surname = nation.surnames[person.below(nation.surnames.count)]
        let family = Self.form(surname, isFemale: isFemale)
        let birth = scenario.baseDate.number - age * 365 - person.below(365)
        let weight = (isFemale ? 62 : 78) + person.below(13) + person.below(13) - 12
        let blood = BloodGroup(rawValue: person.pick(nation.blood)) ?? .oPositive
        let rank = Self.rank(age: age, &person)
        var history = Draws(seed: seed, index: index, stream: .history)
        let allergies =
            history.chance(Share(0.08)) ? [["Penicillin", "Latex", "Sulfonamide", "Peanut"][history.below(4)]] : []

        let arrivals = way.timeline.filter { $0.kind == .arrival }
        return Patient(
            index: index, nation: nationPlace, front: front, isFemale: isFemale,
            givenName: given[person.below(given.count)],
            familyName: family, birthDate: CalendarDay(number: birth), weight: weight, bloodGroup: blood, rank: rank,
            injuryType: type, warfare: warfare, event: event, isMassCasualty: event != nil, region: region,
            conditions: findings, triage: triage, day: day, injuredAt: (day - 1) * 1440 + minuteOfDay,
            vitals: arrivals.map { Self.vitals(at: $0, bleeding: bleeding, &physiology) },
            treatments: Self.treatments(type, region: region, bleeding: bleeding, arrivals: arrivals, &care),
            timeline: way.timeline, outcome: way.outcome, lastPlace: way.last, allergies: allergies)
    }

    private static func findings(_ type: InjuryType, _ draws: inout Draws) -> (BodyRegion, [Patient.Finding], Int) {
        switch type {
        case .battle:
            let region = BodyRegion.allCases[draws.pick(BodyRegion.weights)]
            let fitting = Condition.battle.filter { $0.regions.contains(region) }
            let wound = fitting[draws.below(fitting.count)]
            var findings = [Patient.Finding(condition: wound.condition, severity: 2 + draws.below(4))]
            // 4.2 wounds a casualty (Owens 2008); those beyond the first are told as open wounds and fractures.
            if draws.chance(Share(0.55)) {
                let second = Condition.battle[[3, 4, 6][draws.below(3)]]
                if second.condition != wound.condition {
                    findings.append(Patient.Finding(condition: second.condition, severity: 1 + draws.below(3)))
                }
            }
            return (region, findings, wound.bleeding)
        case .nonBattle:
            let condition = Condition.nonBattle[draws.below(Condition.nonBattle.count)]
            return (.extremity, [Patient.Finding(condition: condition, severity: 1 + draws.below(3))], 0)
        case .disease:
            let condition = Condition.disease[draws.below(Condition.disease.count)]
            return (.abdomen, [Patient.Finding(condition: condition, severity: 1 + draws.below(3))], 0)
        }
    }

    /// Median 24, quartiles 21 and 29 (DoDTR).
    private static func age(_ draws: inout Draws) -> Int {
        switch draws.below(4) {
        case 0: 18 + draws.below(4)
        case 1: 21 + draws.below(4)
        case 2: 24 + draws.below(6)
        default: 29 + min(draws.below(22), draws.below(22))
        }
    }

    private static func form(_ surname: String, isFemale: Bool) -> String {
        let forms = surname.split(separator: "/")
        return String(isFemale ? forms[forms.count - 1] : forms[0])
    }

    /// 91 % enlisted (Cohen 2010); the rank rises with age.
    private static func rank(age: Int, _ draws: inout Draws) -> String {
        if draws.chance(Share(0.91)) { return "OR-\(min(9, max(1, (age - 16) / 3 + draws.below(3))))" }
        return "OF-\(min(6, max(1, (age - 20) / 5 + draws.below(2))))"
    }

    private static func vitals(at arrival: Patient.Movement, bleeding: Int, _ draws: inout Draws) -> Patient.Vitals {
        // ATLS classes of shock for the blood lost so far; care at Role 2 and beyond brings it back.
        let loss = max(0, bleeding * 12 + draws.below(10) - (arrival.place.rawValue >= 3 ? 18 : 0))
        let rate = 72 + loss * 17 / 10 + draws.below(15)
        let systolic = 124 - max(0, loss - 28) * 3 + draws.below(13) - 6
        return Patient.Vitals(
            minute: arrival.minute, heartRate: min(180, rate), systolic: max(50, systolic),
            diastolic: max(30, systolic * 5 / 8), respiratoryRate: 14 + loss * 2 / 5 + draws.below(4),
            oxygenSaturation: max(80, 98 - loss / 8 - draws.below(3)), temperature: 365 + draws.below(12) - loss / 8,
            consciousness: max(3, 15 - max(0, loss - 35) / 3))
    }

    private static func treatments(
        _ type: InjuryType, region: BodyRegion, bleeding: Int, arrivals: [Patient.Movement], _ draws: inout Draws
    ) -> [Patient.Treatment] {
        var treatments: [Patient.Treatment] = []
        for arrival in arrivals {
            func add(_ code: String, _ name: String, after minutes: Int) {
                treatments.append(
                    Patient.Treatment(code: code, name: name, minute: arrival.minute + minutes, place: arrival.place))
            }
            let pause = 3 + draws.below(8)
            switch (type, arrival.place) {
            case (.battle, .pointOfInjury):
                if bleeding >= 2, region == .extremity {
                    add("20655006", "Application of tourniquet", after: pause)
                } else if bleeding >= 1 {
                    add("447686008", "Pressure to wound", after: pause)
                }
            case (.battle, .role1):
                add("225358003", "Wound care", after: pause)
                if region == .thorax { add("264957007", "Insertion of pleural tube drain", after: pause + 5) }
            case (.battle, .role2):
                if bleeding >= 2 { add("116859006", "Transfusion of blood product", after: pause) }
                if region == .abdomen { add("74770008", "Exploratory laparotomy", after: pause + 20) }
            case (.battle, .role3):
                add("36777000", "Debridement", after: pause + 30)
            case (.nonBattle, .role1):
                add("274474001", "Bone immobilization", after: pause)
            case (.disease, .role1):
                add("57485005", "Oxygen therapy", after: pause)
            default: break
            }
        }
        return treatments
    }
}
