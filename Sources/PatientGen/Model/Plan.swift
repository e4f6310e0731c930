/// The tables of a scenario, made once: what a patient's draws are looked up in.
struct Plan: Sendable {
    let fronts: Weights
    let nations: [(indices: [Int], weights: Weights)]
    let mix: Weights
    let warfareTypes: [Warfare]
    let warfare: Weights
    let days: Weights
    /// Number of mass-casualty events, and the share of battle casualties that belong to one.
    let events: Int
    let eventShare: Share
    private let triages: [Weights]
    private let overrides: [Scenario.Facility?]
    private let severity: Double
    private let delay: Int

    init(scenario: Scenario) {
        fronts = Weights(scenario.fronts.map(\.casualtyRate))
        nations = scenario.fronts.map { front in
            let known = front.nationalities.compactMap { share in
                Nation.index(of: share.code).map { ($0, share.percentage) }
            }
            return (known.map(\.0), Weights(known.map(\.1)))
        }
        mix = Weights(InjuryType.allCases.map { scenario.injuryMix[$0] ?? 0 })
        warfareTypes = scenario.warfareTypes
        warfare = Weights(scenario.warfareTypes.map { Self.figures($0).weight })
        days = Weights(Self.dailyWeights(scenario))
        let probability = scenario.warfareTypes.map { Self.figures($0).massCasualty }.max() ?? 0
        let forced = scenario.specialEvents.contains(.massCasualty)
        events =
            forced || scenario.totalPatients >= 50
            ? max(forced ? 1 : 0, Int(probability * Double(scenario.daysOfFighting))) : 0
        eventShare = Share(min(0.6, probability * 0.3 + (forced ? 0.25 : 0)))
        triages = [
            [0.4, 0.4, 0.2], [0.2, 0.3, 0.5], [0.5, 0.35, 0.15], [0.5, 0.35, 0.15], [0.7, 0.25, 0.05],
        ].map(Weights.init)
        overrides = Place.allCases.map { place in scenario.facilities.first { $0.id.uppercased().hasPrefix(place.code) }
        }
        severity =
            switch scenario.intensity {
            case .low: 0.8
            case .medium: 1
            case .high: 1.15
            case .extreme: 1.35
            }
        delay = scenario.environment.count * 12
    }

    /// Relative weight and probability of a mass-casualty event.
    static func figures(_ warfare: Warfare) -> (weight: Double, massCasualty: Double) {
        switch warfare {
        case .conventional: (1.0, 0.3)
        case .artillery: (1.2, 0.8)
        case .urban: (1.1, 0.4)
        case .guerrilla: (0.8, 0.15)
        case .drone: (0.6, 0.1)
        case .naval: (0.9, 0.4)
        case .cbrn: (2.0, 0.95)
        case .peacekeeping: (0.4, 0.05)
        }
    }

    /// The tempo's eight weights, stretched over the days.
    private static func dailyWeights(_ scenario: Scenario) -> [Double] {
        let shape: [Double] =
            switch scenario.tempo {
            case .sustained: [1, 1, 1, 1, 1, 1, 1, 1]
            case .escalating: [0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8]
            case .surge: [0.5, 1.5, 2, 1.5, 0.5, 0.8, 1.2, 0.6]
            case .declining: [1.8, 1.6, 1.4, 1.2, 1, 0.8, 0.6, 0.4]
            case .intermittent: [1, 0.3, 1.5, 0.4, 1.2, 0.2, 1, 0.5]
            }
        var weights = (0..<scenario.daysOfFighting).map { shape[$0 * 8 / scenario.daysOfFighting] }
        if scenario.specialEvents.contains(.majorOffensive) { weights[weights.count / 2] *= 1 + 2.0 * 4 / 24 }
        if scenario.specialEvents.contains(.ambush) { weights[weights.count / 3] *= 1 + 1.0 / 24 }
        return weights
    }

    func triage(_ type: InjuryType, _ warfare: Warfare, polytrauma: Bool) -> Weights {
        switch (type, warfare) {
        case (.battle, .artillery): triages[3]
        case (.disease, .cbrn): triages[4]
        case (.battle, _): polytrauma ? triages[2] : triages[0]
        default: triages[1]
        }
    }

    // MARK: The way through the places of care

    struct Course {
        var timeline: [Patient.Movement]
        var outcome: Patient.Outcome
        var last: Place
    }

    /// Share of battle casualties that die before care; of those who reach it, the share that dies of wounds.
    /// Kotwal 2016, after 2009: %KIA 9.9, %DOW 4.3.
    private static let killed = 0.099
    private static let diedOfWounds = 0.043
    private static let returns: [Double] = [0, 0.25, 0.35, 0.45, 0.70]

    func course(type: InjuryType, triage: Int, draws: inout Draws) -> Course {
        var timeline: [Patient.Movement] = []
        var place = Place.pointOfInjury
        var minute = 0
        while true {
            timeline.append(.init(kind: .arrival, place: place, minute: minute))
            let stay = within(Self.stays[place.rawValue][triage - 1], &draws)
            if draws.chance(Share(death(at: place, type: type, triage: triage))) {
                let after = place == .pointOfInjury ? min(stay, draws.below(61)) : max(1, draws.below(max(2, stay)))
                timeline.append(
                    .init(kind: place == .pointOfInjury ? .kia : .dow, place: place, minute: minute + after))
                return Course(
                    timeline: timeline, outcome: place == .pointOfInjury ? .killed : .diedOfWounds, last: place)
            }
            if draws.chance(Share(recovery(at: place, triage: triage))) {
                timeline.append(.init(kind: .rtd, place: place, minute: minute + stay))
                return Course(timeline: timeline, outcome: .returned, last: place)
            }
            guard let next = place.next else { return Course(timeline: timeline, outcome: .inTreatment, last: place) }
            minute += stay
            let transit = within(Self.transits[place.rawValue][triage - 1], &draws) + delay
            timeline.append(.init(kind: .evacuationStart, place: place, minute: minute))
            timeline.append(
                .init(kind: .transitStart, place: place, minute: minute, destination: next, transit: transit))
            minute += transit
            place = next
        }
    }

    private func death(at place: Place, type: InjuryType, triage: Int) -> Double {
        let byTriage = [1.5, 1, 0.5][triage - 1]
        if let rate = overrides[place.rawValue]?.kiaRate { return min(1, rate * byTriage) }
        guard type == .battle else { return place == .role2 ? 0.001 * byTriage : 0 }
        // The mean over the triage categories of battle is 1.1: scaled away so that the calibrated share holds.
        switch place {
        case .pointOfInjury: return Self.killed * byTriage / 1.1 * severity
        case .role2: return Self.diedOfWounds * byTriage / 1.1 * severity
        default: return 0
        }
    }

    private func recovery(at place: Place, triage: Int) -> Double {
        min(1, (overrides[place.rawValue]?.rtdRate ?? Self.returns[place.rawValue]) * [0.8, 1, 1.2][triage - 1])
    }

    private func within(_ range: ClosedRange<Int>, _ draws: inout Draws) -> Int { draws.within(range) }

    /// Minutes at each place, by triage.
    private static let stays: [[ClosedRange<Int>]] = [
        [30...90, 120...300, 180...480], [60...180, 480...960, 720...960], [60...180, 300...720, 480...720],
        [120...360, 240...720, 360...720], [360...720, 720...1440, 720...1440],
    ]
    /// Minutes from each place to the next, by triage.
    private static let transits: [[ClosedRange<Int>]] = [
        [30...120, 60...180, 90...180], [60...180, 120...240, 180...300], [120...240, 180...300, 240...360],
        [60...180, 120...240, 180...300],
    ]
}
