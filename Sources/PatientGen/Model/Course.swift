/// The way through the places of care: stays, waits, transports, and how it ends.
struct Course: Sendable {
    private let diedAtRole1: Share
    private let diedByClass: [Share]
    /// By kind of casualty, place, triage and severity; the sixth is what passes.
    private let returns: [Share]
    private let mild: [Share]
    private let rates: [(death: [Share], transit: [Share])?]
    private let configuredReturns: [[Share]?]
    private let flown: Share
    private let slower: Int
    private let delay: Int
    /// Who waits for a bed.
    var schedule: Schedule
    private let placesOfDeath = Weights(Fates.placesOfDeath)

    init(_ scenario: Scenario, fates: Fates, effects: EnvironmentEffects, seed: UInt64) {
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
                    for severity in 0..<6 {
                        guard place != .pointOfInjury else {
                            returns.append(Share(0))
                            continue
                        }
                        guard severity < 5 else {
                            returns.append(Share(Fates.passingReturn))
                            continue
                        }
                        let late = place == .role4
                        let chance = Fates.chance(
                            figures.returnRates[place.rawValue - 1],
                            late || (place == .role3 && type == 2) ? 1 : fates.returnLevel[type], category,
                            (type == 2 ? Fates.returnBySeverity : Fates.illnessReturnBySeverity)[severity])
                        returns.append(Share(chance))
                    }
                }
            }
        }
        self.returns = returns

        // What facilities are configured to do overrides the calibrated chances.
        let byPlace = Self.facilities(scenario)
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
        schedule = Schedule(seed: seed)
    }

    private static func facilities(_ scenario: Scenario) -> [[Scenario.Facility]] {
        Place.allCases.map { place in scenario.facilities.filter { $0.place == place } }
    }

    /// Beds by place; `nil` for any number, as where no facility or one without a capacity is configured.
    static func beds(_ scenario: Scenario) -> [Int?] {
        facilities(scenario).enumerated().map { place, all in
            place == 0 || all.isEmpty || all.contains { $0.capacity == nil }
                ? nil : all.compactMap(\.capacity).reduce(0, +)
        }
    }

    /// Whether the scenario has a death rate of its own for a place.
    func isConfigured(_ place: Place) -> Bool { rates[place.rawValue] != nil }

    /// Draws the way of a patient whose injury, triage and blood loss are known.
    func run(_ patient: inout Patient, _ injury: Injury, seed: UInt64) {
        var draws = Draws(seed: seed, index: patient.index, stream: .course)
        let category = patient.triage - 1
        let type = patient.injuryType == .battle ? 2 : patient.injuryType == .nonBattle ? 1 : 0
        // What lasts keeps from duty as what is severe.
        let duty = injury.isPassing ? 6 : injury.isLasting ? max(4, injury.severity) : injury.severity
        let isSevere = injury.severity >= 4 && (type == 2 || injury.isOfAgent)
        patient.timeline.append(.init(kind: .arrival, place: .pointOfInjury, minute: 0))
        var place = Place.pointOfInjury
        var minute = 0

        if let death = injury.death {
            end(&patient, .kia, .pointOfInjury, death)
            return
        }

        let isFlown = isSevere && category == 0 && draws.chance(flown)
        // Whether and where a severe casualty dies once the surgeon has it.
        var deathbed: Place?
        let measured = Physiology.shockClass(patient.bloodLoss) - 1
        let isLost = isSevere && draws.chance(diedByClass[measured])
        if isLost { deathbed = [Place.role2, .role3, .role4][draws.pick(placesOfDeath)] }

        while true {
            // A place has draws of its own: one that is passed by changes nothing at the others.
            draws.jump(to: UInt32(place.rawValue + 1) * 4)
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
            if place == .role2, isSevere, type == 2 { patient.baseDeficit = -1 }
            if dies {
                end(&patient, place == .pointOfInjury ? .kia : .dow, place, minute + 1 + draws.below(stay))
                return
            }
            let back =
                configuredReturns[place.rawValue].map { $0[category] }
                ?? returns[((type * 5 + place.rawValue) * 3 + category) * 6 + duty - 1]
            if deathbed == nil, draws.chance(back) {
                end(&patient, .rtd, place, minute + stay)
                return
            }
            guard let following = place.next else {
                patient.outcome = .inTreatment
                patient.lastPlace = place
                return
            }
            minute += stay
            var next = place == .pointOfInjury && isFlown ? Place.role2 : following
            let range = place == .pointOfInjury && isFlown ? 20...60 : Self.transits[place.rawValue][category]
            var transit = draws.within(range) * slower / 100
            var wait = 0
            asking: while true {
                switch schedule.decision(patient.index, next, at: patient.injuredAt + minute + transit) {
                case .admitted(let minutes):
                    wait = minutes
                    break asking
                case .diverted:
                    // Where no facility has a bed, the patient stays.
                    guard let further = next.next else {
                        patient.outcome = .inTreatment
                        patient.lastPlace = place
                        return
                    }
                    transit += draws.within(Self.transits[next.rawValue][category]) * slower / 100
                    next = further
                }
            }
            patient.timeline.append(.init(kind: .evacuationStart, place: place, minute: minute))
            minute += wait
            if let configured = rates[next.rawValue], draws.chance(configured.transit[category]) {
                let after = 1 + draws.below(transit)
                patient.timeline.append(
                    .init(kind: .transitStart, place: place, minute: minute, destination: next, transit: after))
                end(&patient, place == .pointOfInjury ? .kia : .dow, place, minute + after)
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
