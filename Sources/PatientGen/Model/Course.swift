/// The way through the places of care: stays, waits, transports, and how it ends.
struct Course: Sendable {
    private let diedAtRole1: Share
    private let diedByClass: [Share]
    /// By kind of casualty, place, triage and severity.
    private let returns: [Share]
    private let mild: [Share]
    private let rates: [(death: [Share], transit: [Share])?]
    private let configuredReturns: [[Share]?]
    private let flown: Share
    private let slower: Int
    private let delay: Int
    private let schedule: Schedule
    private let placesOfDeath = Weights(Fates.placesOfDeath)

    init(_ scenario: Scenario, fates: Fates, effects: EnvironmentEffects, calendar: Calendar, events: Events) {
        let figures = scenario.figures
        diedAtRole1 = Share(min(0.95, fates.diedAtRole1 * effects.danger))
        diedByClass = fates.diedByClass.map { Share(min(0.98, $0 * effects.danger)) }
        mild = [1.5, 1, 0.5].map { Share(figures.nonBattleMortality * effects.danger * $0) }
        flown = Share(effects.grounded ? 0 : figures.flownToSurgery)
        slower = 100 + effects.slower
        delay = effects.delay
        var returns: [Share] = []
        for type in 0..<3 {
            for place in Place.allCases {
                for category in 0..<3 {
                    for severity in 0..<5 {
                        guard place != .pointOfInjury else {
                            returns.append(Share(0))
                            continue
                        }
                        let late = place == .role4
                        let chance = Fates.chance(
                            figures.returnRates[place.rawValue - 1],
                            late ? 1 : place == .role3 && type == 2 ? 1 : fates.returnLevel[type], category,
                            late ? Fates.lateReturnBySeverity[severity] : Fates.returnBySeverity[severity])
                        returns.append(Share(chance))
                    }
                }
            }
        }
        self.returns = returns

        // What facilities are configured to do overrides the calibrated chances.
        let byPlace = Place.allCases.map { place in
            scenario.facilities.filter { $0.id.uppercased().hasPrefix(place.code) }
        }
        func mean(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
        rates = byPlace.map { facilities in
            mean(facilities.compactMap(\.kiaRate)).map { rate in
                let death = [1.5, 1, 0.5].map { Share(min(1, rate * $0)) }
                return (death, [1.5, 1, 0.5].map { Share(min(1, rate * $0) * 0.3) })
            }
        }
        configuredReturns = byPlace.map { facilities in
            mean(facilities.compactMap(\.rtdRate)).map { rate in
                Fates.returnByTriage.map { Share(min(1, rate * $0)) }
            }
        }
        let capacities = byPlace.map { facilities in
            facilities.contains { $0.capacity == nil } ? nil : facilities.compactMap(\.capacity).reduce(0, +)
        }.enumerated().map { byPlace[$0.offset].isEmpty ? nil : $0.element }
        let onward = Place.allCases.map { place -> Double in
            let rate = mean(byPlace[place.rawValue].compactMap(\.rtdRate)) ?? [0, 0.45, 0.5, 0.45, 0.7][place.rawValue]
            return max(0, 1 - rate - (mean(byPlace[place.rawValue].compactMap(\.kiaRate)) ?? 0.01))
        }
        var reach = [1.0]
        for place in 0..<4 { reach.append(reach[place] * onward[place]) }
        schedule = Schedule(
            scenario, capacities: capacities, calendar: calendar, events: events, reach: reach,
            stays: Self.stays.map { Self.mean($0) },
            travel: Self.transits.map { Self.mean($0) * (100 + effects.slower) / 100 })
    }

    /// Draws the way of a patient whose injury, triage and blood loss are known.
    func run(_ patient: inout Patient, _ injury: Injury, plan: Plan, seed: UInt64) {
        var draws = Draws(seed: seed, index: patient.index, stream: .course)
        let category = patient.triage - 1
        let type = patient.injuryType == .battle ? 2 : patient.injuryType == .nonBattle ? 1 : 0
        let isSevere = type == 2 && injury.severity >= 4
        patient.timeline.append(.init(kind: .arrival, place: .pointOfInjury, minute: 0))
        var place = Place.pointOfInjury
        var minute = 0

        if rates[0] == nil, injury.isKilled {
            let word = draws.next() >> 16
            let after =
                word < plan.timeToDeath[0]
                ? 0
                : word < plan.timeToDeath[1]
                    ? 1 + draws.below(10)
                    : word < plan.timeToDeath[2]
                        ? 11 + draws.below(50)
                        : word < plan.timeToDeath[3] ? 61 + draws.below(60) : 121 + draws.below(120)
            if after == 0 {
                patient.conditions[0].severity = 6
                patient.injurySeverityScore = 75
            } else if draws.chance(plan.haemorrhage) {
                // Dead of blood loss: below 40 % of the volume.
                patient.bloodLoss = 605 + draws.below(40)
                patient.bleedingMinutes = after
            }
            patient.bleedingMinutes = min(patient.bleedingMinutes, after)
            end(&patient, .kia, .pointOfInjury, after)
            return
        }

        let isFlown = isSevere && category == 0 && draws.chance(flown)
        // Whether and where a severe casualty dies once the surgeon has it.
        var deathbed: Place?
        let measured = Physiology.shockClass(patient.bloodLoss) - 1
        let isLost = isSevere && draws.chance(diedByClass[measured])
        if isLost { deathbed = [Place.role2, .role3, .role4][draws.pick(placesOfDeath)] }

        while true {
            var stay = draws.within(
                place == .pointOfInjury && isFlown ? 20...40 : Self.stays[place.rawValue][category])
            if place == .pointOfInjury { stay += delay }
            if place == .pointOfInjury { stay = max(stay, min(patient.bleedingMinutes, 240) + 3) }
            let dies: Bool
            if let configured = rates[place.rawValue] {
                dies = draws.chance(configured.death[category])
            } else {
                switch place {
                case .role1: dies = isSevere && draws.chance(diedAtRole1)
                case .role2: dies = deathbed == place || (!isSevere && type != 2 && draws.chance(mild[category]))
                case .role3, .role4: dies = deathbed == place
                case .pointOfInjury: dies = false
                }
            }
            if place == .role2, isSevere { patient.baseDeficit = -1 }
            if dies {
                end(&patient, place == .pointOfInjury ? .kia : .dow, place, minute + 1 + draws.below(stay))
                return
            }
            let back =
                configuredReturns[place.rawValue].map { $0[category] }
                ?? returns[((type * 5 + place.rawValue) * 3 + category) * 5 + injury.severity - 1]
            if deathbed == nil, draws.chance(back) {
                end(&patient, .rtd, place, minute + stay)
                return
            }
            guard let following = place.next else {
                patient.outcome = .inTreatment
                patient.lastPlace = place
                return
            }
            let next = place == .pointOfInjury && isFlown ? Place.role2 : following
            minute += stay
            let range = place == .pointOfInjury && isFlown ? 20...60 : Self.transits[place.rawValue][category]
            let transit = draws.within(range) * slower / 100
            minute += schedule.wait(next, at: patient.injuredAt + minute + transit)
            patient.timeline.append(.init(kind: .evacuationStart, place: place, minute: minute))
            if let configured = rates[next.rawValue], draws.chance(configured.transit[category]) {
                let after = 1 + draws.below(transit)
                patient.timeline.append(
                    .init(kind: .transitStart, place: place, minute: minute, destination: next, transit: after))
                end(&patient, .dow, place, minute + after)
                return
            }
            patient.timeline.append(
                .init(kind: .transitStart, place: place, minute: minute, destination: next, transit: transit))
            minute += transit
            place = next
            patient.timeline.append(.init(kind: .arrival, place: place, minute: minute))
        }
    }

    private func end(_ patient: inout Patient, _ kind: Patient.Movement.Kind, _ place: Place, _ minute: Int) {
        patient.timeline.append(.init(kind: kind, place: place, minute: minute))
        patient.outcome = kind == .kia ? .killed : kind == .dow ? .diedOfWounds : .returned
        patient.lastPlace = place
    }

    private static func mean(_ ranges: [ClosedRange<Int>]) -> Int {
        ranges.reduce(0) { $0 + $1.lowerBound + $1.upperBound } / (2 * ranges.count)
    }

    /// Minutes at each place, by triage (the original's table).
    static let stays: [[ClosedRange<Int>]] = [
        [30...90, 120...300, 180...480], [60...180, 480...960, 720...960], [60...180, 300...720, 480...720],
        [120...360, 240...720, 360...720], [360...720, 720...1440, 720...1440],
    ]
    /// Minutes from each place to the next, by triage (the original's table).
    static let transits: [[ClosedRange<Int>]] = [
        [30...120, 60...180, 90...180], [60...180, 120...240, 180...300], [120...240, 180...300, 240...360],
        [60...180, 120...240, 180...300],
    ]
}
