/// The tables of a scenario, made once: what a patient's draws are looked up in.
struct Plan: Sendable {
    let fronts: Weights
    let nations: [(indices: [Int], weights: Weights)]
    /// The mix of those that are part of no event.
    let mix: Weights
    let warfareTypes: [Warfare]
    let warfare: Weights
    let calendar: Calendar
    let events: Events
    let effects: EnvironmentEffects
    let person: Person
    let wounds: [Wounds]
    let illnesses: [Weights]
    let illnessTriage: [[Weights]]
    let course: Course
    let timeToDeath: [UInt32]
    let haemorrhage: Share
    let regions: Weights

    init(scenario: Scenario, seed: UInt64) {
        let figures = scenario.figures
        fronts = Weights(scenario.fronts.map(\.casualtyRate))
        nations = scenario.fronts.map { front in
            let known = front.nationalities.compactMap { share in
                Nation.index(of: share.code).map { ($0, share.percentage) }
            }
            return known.isEmpty ? ([0], Weights([1])) : (known.map(\.0), Weights(known.map(\.1)))
        }
        warfareTypes = scenario.warfareTypes.isEmpty ? [.conventional] : scenario.warfareTypes
        warfare = Weights(warfareTypes.map { Events.figures($0).weight })
        calendar = Calendar(scenario, seed: seed)
        let effects = EnvironmentEffects(scenario.environment)
        self.effects = effects
        let types = scenario.warfareTypes.isEmpty ? [.conventional] : scenario.warfareTypes
        let sum = InjuryType.allCases.reduce(0) { $0 + (scenario.injuryMix[$1] ?? 0) }
        let shares = InjuryType.allCases.map { sum > 0 ? (scenario.injuryMix[$0] ?? 0) / sum : 1 / 3 }
        events = Events(
            scenario, battleShare: shares[2], calendar: calendar, fronts: fronts, warfare: warfare, seed: seed)
        // Casualties of events are battle casualties, so fewer of the others are: the whole keeps the scenario's mix.
        let total = Double(scenario.totalPatients)
        let inEvents = Double(events.casualties)
        mix = Weights([shares[0] * total, shares[1] * total, max(0, shares[2] * total - inEvents)])
        person = Person(figures, baseDate: scenario.baseDate)
        regions = Weights(figures.regions)
        let fates = Fates(figures)
        wounds = types.map { Wounds($0, scenario.intensity, figures, effects, fates) }
        illnesses = [Condition.weights(Condition.disease, effects), Condition.weights(Condition.nonBattle, effects)]
        illnessTriage = [InjuryType.disease, .nonBattle].flatMap { type in
            types.map { warfare in
                let rows = type == .disease ? Condition.disease : Condition.nonBattle
                return Triage(
                    Triage.target(type, warfare, polytrauma: false),
                    severities: Condition.severities(rows, effects)
                ).tables
            }
        }
        timeToDeath = figures.timeToDeath.map { Share($0).of65536 }
        haemorrhage = Share(figures.haemorrhage)
        course = Course(scenario, fates: fates, effects: effects, calendar: calendar, events: events)
    }
}

extension Condition {
    /// Shares of the severities 1…5 among a table's illnesses.
    static func severities(_ rows: [IllnessRow], _ effects: EnvironmentEffects) -> [Double] {
        let weights = shares(rows, effects)
        let sum = weights.reduce(0, +)
        var shares = [0.0, 0, 0, 0, 0]
        for (row, weight) in zip(rows, weights) {
            // As drawn: two draws, the smaller counts.
            let count = row.severities.count
            for place in 0..<count {
                let chance = Double(2 * (count - place) - 1) / Double(count * count)
                shares[row.severities.lowerBound + place - 1] += weight / sum * chance
            }
        }
        return shares
    }
}
