/// The tables of a scenario, made once: what a patient's draws are looked up in.
struct Plan: Sendable {
    /// Those of a front.
    struct Nations {
        let places: [Int]
        let allotment: Allotment
    }

    /// Fronts and kinds of those that are part of no event.
    let fronts: Allotment
    let mix: Allotment
    let nations: [Nations]
    let warfareTypes: [Warfare]
    let warfare: Weights
    let calendar: Calendar
    let events: Events
    let effects: EnvironmentEffects
    let person: Person
    let wounds: [Wounds]
    /// Diseases by warfare type, then injuries.
    let illnesses: [Weights]
    let illnessTriage: [[Weights]]
    var course: Course
    let timeToDeath: [UInt32]
    let haemorrhage: Share
    let bleedingSites: Weights
    let regions: Weights

    init(scenario: Scenario, seed: UInt64) {
        let figures = scenario.figures
        warfareTypes = scenario.warfareTypes.isEmpty ? [.conventional] : scenario.warfareTypes
        warfare = Weights(warfareTypes.map { Events.figures($0).weight })
        calendar = Calendar(scenario, seed: seed)
        let effects = EnvironmentEffects(scenario.environment)
        self.effects = effects
        let types = warfareTypes
        let kinds = quotas(InjuryType.allCases.map { scenario.injuryMix[$0] ?? 0 }, total: scenario.totalPatients)
        let rates = scenario.fronts.map(\.casualtyRate)
        let counts = quotas(rates, total: scenario.totalPatients)
        events = Events(
            scenario, battle: kinds[2], calendar: calendar, fronts: (counts, Weights(rates)), warfare: warfare,
            seed: seed)
        // Casualties of events are battle casualties of their front, so fewer of the others are.
        mix = Allotment([kinds[0], kinds[1], kinds[2] - events.casualties], seed: seed, order: 0)
        var rest = counts
        for event in events.all { rest[event.front] -= event.count }
        fronts = Allotment(rest, seed: seed, order: 1)
        nations = zip(scenario.fronts, counts).enumerated().map { number, front in
            let known = front.0.nationalities.compactMap { share in
                Nation.index(of: share.code).map { ($0, share.percentage) }
            }
            let shares = known.isEmpty ? [(0, 1)] : known
            return Nations(
                places: shares.map(\.0),
                allotment: Allotment(quotas(shares.map(\.1), total: front.1), seed: seed, order: 2 + number))
        }
        person = Person(figures, baseDate: scenario.baseDate)
        regions = Weights(figures.regions)
        let fates = Fates(figures)
        wounds = types.map { Wounds($0, scenario.intensity, figures, effects, fates) }
        let kindsOfIllness = [(InjuryType.disease, Condition.disease), (.nonBattle, Condition.nonBattle)]
            .flatMap { type, rows in types.map { (type, rows, $0) } }
        illnesses = kindsOfIllness.map { Condition.weights($1, effects, $2) }
        illnessTriage = kindsOfIllness.map { type, rows, warfare in
            Triage(
                Triage.target(type, warfare, polytrauma: false),
                severities: Condition.severities(rows, effects, warfare).shares
            ).tables
        }
        timeToDeath = figures.timeToDeath.map { Share($0).of65536 }
        haemorrhage = Share(figures.haemorrhage)
        bleedingSites = Weights(figures.bleedingSites)
        course = Course(scenario, fates: fates, effects: effects, seed: seed)
        let beds = Course.beds(scenario)
        if beds.contains(where: { $0 != nil }) {
            course.schedule = Schedule(self, beds: beds, total: scenario.totalPatients, seed: seed)
        }
    }

    /// Fills in everything but who the patient is and the care on the way.
    @discardableResult
    func injure(_ index: UInt64, into patient: inout Patient, seed: UInt64) -> Injury {
        patient.clear(index)
        let warfare = place(&patient, seed: seed)
        let injury =
            patient.injuryType == .battle
            ? wound(&patient, warfare: warfare, seed: seed) : sicken(&patient, warfare: warfare, seed: seed)
        course.run(&patient, injury, seed: seed)
        return injury
    }

    /// Front, nation, kind, day and minute; gives the place of the warfare type. Fronts, nations and kinds have exactly
    /// their shares.
    private func place(_ patient: inout Patient, seed: UInt64) -> Int {
        var draws = Draws(seed: seed, index: patient.index, stream: .place)
        var warfare = draws.pick(self.warfare)
        var day = draws.pick(calendar.days)
        let found = events.find(patient.index)
        patient.event = found.event
        patient.isMassCasualty = found.event != nil
        let front: Int
        let rank: Int
        let minute: Int
        if let number = found.event {
            let event = events.all[number]
            patient.injuryType = .battle
            (front, warfare, day) = (event.front, event.warfare, event.day)
            rank = event.rank + Int(patient.index - event.start)
            minute = event.minute + draws.below(event.minutes)
        } else {
            let kind = mix.kind(of: found.slot).kind
            patient.injuryType = InjuryType.allCases[kind]
            let place = fronts.kind(of: found.slot)
            front = place.kind
            rank = events.casualtiesByFront[front] + place.rank
            minute = kind == 2 ? calendar.minute(day: day, &draws) : draws.below(1440)
        }
        patient.front = front
        patient.nation = nations[front].places[nations[front].allotment.kind(of: rank).kind]
        patient.warfare = warfareTypes[warfare]
        patient.day = day + 1
        patient.injuredAt = day * 1440 + minute
        return warfare
    }

    /// When one who is killed dies, and where from, for one who bleeds to death.
    func death(_ draws: inout Draws) -> (minute: Int, site: BleedingSite?) {
        let word = draws.next() >> 16
        let minute =
            word < timeToDeath[0]
            ? 0
            : word < timeToDeath[1]
                ? 1 + draws.below(10)
                : word < timeToDeath[2]
                    ? 11 + draws.below(50) : word < timeToDeath[3] ? 61 + draws.below(60) : 121 + draws.below(120)
        guard minute > 0, draws.chance(haemorrhage) else { return (minute, nil) }
        return (minute, BleedingSite.allCases[draws.pick(bleedingSites)])
    }
}

extension Condition {
    /// Shares of the severities 1…5 among a table's illnesses, and among each severity's of those that last and that pass.
    static func severities(
        _ rows: [IllnessRow], _ effects: EnvironmentEffects, _ warfare: Warfare
    ) -> (shares: [Double], lasting: [Double], passing: [Double]) {
        let weights = shares(rows, effects, warfare)
        let sum = weights.reduce(0, +)
        var shares = [0.0, 0, 0, 0, 0]
        var lasting = shares
        var passing = shares
        for (row, weight) in zip(rows, weights) {
            // As drawn: two draws, the smaller counts.
            let count = row.severities.count
            for place in 0..<count {
                let chance = Double(2 * (count - place) - 1) / Double(count * count)
                let part = weight / sum * chance
                shares[row.severities.lowerBound + place - 1] += part
                if row.isLasting { lasting[row.severities.lowerBound + place - 1] += part }
                if row.isPassing { passing[row.severities.lowerBound + place - 1] += part }
            }
        }
        func among(_ parts: [Double]) -> [Double] { zip(parts, shares).map { $1 > 0 ? $0 / $1 : 0 } }
        return (shares, among(lasting), among(passing))
    }
}
