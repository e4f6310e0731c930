import Testing

@testable import PatientGen

/// What a scenario sets changes the patients, and in the direction that the documentation tells.
@Suite struct DirectionTests {
    /// What the surroundings can change, over 8,000 patients.
    struct Measures {
        var onTheWay = 0.0, firstAid = 0.0, flown = 0, warmth = 0.0, deaths = 0
        var infection = 0, heat = 0, cold = 0, sprains = 0, eyes = 0, crush = 0

        init(_ change: (inout Scenario) -> Void) {
            var scenario = Scenario()
            scenario.totalPatients = 8000
            scenario.injuryMix = [.disease: 0.3, .nonBattle: 0.3, .battle: 0.4]
            change(&scenario)
            let groups = Dictionary(
                (Condition.nonBattle + Condition.disease).map { ($0.code, $0.group) }, uniquingKeysWith: { a, _ in a })
            var (transits, aided, sensed) = (0, 0, 0)
            PatientGenerator(scenario: scenario, seed: 23).forEach(in: 0..<8000) { patient in
                if patient.outcome.isDeath { deaths += 1 }
                for step in patient.timeline where step.kind == .transitStart {
                    onTheWay += Double(step.transit ?? 0)
                    transits += 1
                    if step.place == .pointOfInjury, step.destination == .role2 { flown += 1 }
                }
                if let first = patient.vitals.first {
                    warmth += Double(first.temperature)
                    sensed += 1
                    if patient.outcome != .killed {
                        firstAid += Double(first.minute)
                        aided += 1
                    }
                }
                guard let code = patient.conditions.first?.condition.code else { return }
                if patient.injuryType == .battle {
                    crush += patient.conditions.count { $0.condition.code == "125665001" }
                    return
                }
                switch groups[code] {
                case .infection: infection += 1
                case .heat: heat += 1
                case .cold: cold += 1
                case .eyes: eyes += 1
                case .musculoskeletal: sprains += 1
                default: break
                }
            }
            onTheWay /= Double(transits)
            firstAid /= Double(aided)
            warmth /= Double(sensed)
        }
    }

    @Test(arguments: Environment.allCases)
    func `the surroundings make everything harder in their own way`(_ environment: Environment) {
        let calm = Measures { _ in }
        let hard = Measures { $0.environment = [environment] }
        switch environment {
        case .rain: #expect(hard.onTheWay > calm.onTheWay * 1.1 && hard.warmth < calm.warmth)
        case .fog: #expect(hard.onTheWay > calm.onTheWay * 1.2 && hard.flown == 0 && calm.flown > 20)
        case .storm: #expect(hard.onTheWay > calm.onTheWay * 1.4 && hard.flown == 0)
        case .extremeHeat: #expect(hard.heat > calm.heat * 4 && hard.warmth > calm.warmth)
        case .extremeCold: #expect(hard.cold > calm.cold * 4 && hard.warmth < calm.warmth)
        case .dustStorm: #expect(hard.eyes > calm.eyes * 2 && hard.flown == 0)
        case .night: #expect(hard.onTheWay > calm.onTheWay * 1.1 && hard.firstAid > calm.firstAid + 3)
        case .mountains: #expect(hard.onTheWay > calm.onTheWay * 1.4 && hard.sprains > calm.sprains)
        case .debris: #expect(hard.crush > calm.crush * 2 && hard.firstAid > calm.firstAid + 8)
        }
        if environment == .rain { #expect(hard.infection > calm.infection) }
        if [.storm, .mountains].contains(environment) { #expect(hard.sprains > calm.sprains) }
        #expect(hard.deaths >= calm.deaths)
    }

    @Test func `first aid comes within ten minutes and the surgeon within two hours for those flown`() {
        var scenario = Scenario()
        scenario.totalPatients = 8000
        scenario.injuryMix = [.battle: 1]
        PatientGenerator(scenario: scenario, seed: 2).forEach(in: 0..<8000) { patient in
            let first = patient.vitals.first?.minute ?? 0
            #expect(first <= 10)
            let isFlown = patient.timeline.contains {
                $0.kind == .transitStart && $0.destination == .role2 && $0.place == .pointOfInjury
            }
            if isFlown, let surgeon = patient.timeline.first(where: { $0.kind == .arrival && $0.place == .role2 }),
                patient.bleedingMinutes < 40
            {
                #expect(surgeon.minute <= 120)
            }
        }
    }

    @Test(
        arguments: [
            (Tempo.sustained, [1.0, 1, 1, 1, 1, 1, 1, 1]), (.escalating, [0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8]),
            (.surge, [0.5, 1.5, 2, 1.5, 0.5, 0.8, 1.2, 0.6]), (.declining, [1.8, 1.6, 1.4, 1.2, 1, 0.8, 0.6, 0.4]),
            (.intermittent, [1, 0.3, 1.5, 0.4, 1.2, 0.2, 1, 0.5]),
        ])
    func `the tempo's weights are the days' shares`(_ tempo: Tempo, _ weights: [Double]) {
        var scenario = Scenario()
        scenario.totalPatients = 8000
        scenario.tempo = tempo
        scenario.injuryMix = [.disease: 1]
        var days = [Int](repeating: 0, count: 8)
        PatientGenerator(scenario: scenario, seed: 29).forEach(in: 0..<8000) { days[$0.day - 1] += 1 }
        for (seen, weight) in zip(days, weights) {
            let expected = weight / weights.reduce(0, +) * 8000
            #expect(abs(Double(seen) - expected) < 4 * expected.squareRoot() + 1)
        }
    }

    @Test func `warfare changes mechanisms, triage, events and its share`() {
        struct Seen {
            var mechanisms = [0, 0, 0], triage = [0, 0, 0], sickTriage = [0, 0, 0], deaths = 0, sizes: Set<Int> = []
        }
        func see(_ warfare: Warfare) -> Seen {
            var scenario = Scenario()
            scenario.totalPatients = 6000
            scenario.warfareTypes = [warfare]
            scenario.injuryMix = [.disease: 0.3, .battle: 0.7]
            var seen = Seen()
            let generator = PatientGenerator(scenario: scenario, seed: 31)
            seen.sizes = Set(generator.plan.events.all.map(\.count))
            generator.forEach(in: 0..<6000) { patient in
                if patient.outcome.isDeath { seen.deaths += 1 }
                if let mechanism = patient.mechanism {
                    seen.mechanisms[mechanism == .explosion ? 0 : mechanism == .gunshot ? 1 : 2] += 1
                    seen.triage[patient.triage - 1] += 1
                } else {
                    seen.sickTriage[patient.triage - 1] += 1
                }
            }
            return seen
        }
        let all = Dictionary(uniqueKeysWithValues: Warfare.allCases.map { ($0, see($0)) })
        guard let plain = all[.conventional], let artillery = all[.artillery], let urban = all[.urban],
            let guerrilla = all[.guerrilla], let drone = all[.drone], let naval = all[.naval], let cbrn = all[.cbrn],
            let peace = all[.peacekeeping]
        else { return }
        #expect(artillery.mechanisms[0] > plain.mechanisms[0] && drone.mechanisms[0] > plain.mechanisms[0])
        #expect(urban.mechanisms[1] > plain.mechanisms[1] && guerrilla.mechanisms[1] > plain.mechanisms[1])
        #expect(naval.mechanisms[2] > 2 * plain.mechanisms[2] && cbrn.mechanisms[2] > 2 * plain.mechanisms[2])
        #expect(peace.mechanisms[1] > plain.mechanisms[1] && peace.deaths < plain.deaths)
        #expect(cbrn.deaths > plain.deaths && artillery.deaths > plain.deaths)
        // T1 of battle casualties .50 by artillery, .40 otherwise; of disease .70 by chemical agents, .20 otherwise.
        #expect(abs(percents(artillery.triage)[0] - 50) < 3 && abs(percents(plain.triage)[0] - 42) < 3)
        #expect(abs(percents(cbrn.sickTriage)[0] - 70) < 4 && abs(percents(plain.sickTriage)[0] - 20) < 4)
        for (warfare, seen) in all {
            let range = Events.figures(warfare).casualties
            #expect(seen.sizes.allSatisfy(range.contains), "\(warfare)")
        }
        #expect(!cbrn.sizes.isEmpty && !artillery.sizes.isEmpty)
    }

    @Test func `kinds of warfare share casualties by their weights`() {
        var scenario = Scenario()
        scenario.totalPatients = 8000
        scenario.warfareTypes = [.artillery, .peacekeeping]
        scenario.injuryMix = [.disease: 1]
        var counts = [0, 0]
        PatientGenerator(scenario: scenario, seed: 37).forEach(in: 0..<8000) {
            counts[$0.warfare == .artillery ? 0 : 1] += 1
        }
        #expect(abs(percents(counts)[0] - 75) < 2)
    }

    @Test func `special events gather casualties in their hours`() throws {
        func scenario(_ event: SpecialEvent?) -> Scenario {
            var scenario = Scenario()
            scenario.totalPatients = 8000
            scenario.warfareTypes = [.peacekeeping]
            scenario.injuryMix = [.battle: 1]
            scenario.specialEvents = event.map { [$0] } ?? []
            return scenario
        }
        for (event, factor, minutes) in [(SpecialEvent.majorOffensive, 3.0, 240), (.ambush, 2, 60)] {
            let generator = PatientGenerator(scenario: scenario(event), seed: 41)
            let window = try #require(generator.plan.calendar.windows.first)
            #expect(window.length == minutes)
            var (inside, onDay) = (0, 0)
            generator.forEach(in: 0..<8000) { patient in
                guard !patient.isMassCasualty, patient.day == window.day + 1 else { return }
                onDay += 1
                let minute = patient.injuredAt % 1440 - window.start
                if (0..<window.length).contains(minute) { inside += 1 }
            }
            let expected = factor * Double(minutes) / (factor * Double(minutes) + Double(1440 - minutes))
            #expect(abs(percent(inside, onDay) - expected * 100) < 5)
            // The day has more casualties than the others.
            #expect(Double(onDay) > 1000 * (1 + (factor - 1) * Double(minutes) / 1440) * 0.9)
        }
        let events = PatientGenerator(scenario: scenario(.massCasualty), seed: 41).plan.events.all
        let mass = try #require(events.first { $0.minutes == 30 })
        #expect((30...100).contains(mass.count))
        var minutes: [Int] = []
        PatientGenerator(scenario: scenario(.massCasualty), seed: 41).forEach(
            in: mass.start..<mass.start + UInt64(mass.count)
        ) { minutes.append($0.injuredAt) }
        #expect((minutes.max() ?? 0) - (minutes.min() ?? 0) <= 30)
    }

    @Test func `harder fighting wounds worse and kills more`() {
        let seen = Intensity.allCases.map { intensity in
            var scenario = Scenario()
            scenario.totalPatients = 8000
            scenario.injuryMix = [.battle: 1]
            scenario.intensity = intensity
            var (scores, deaths) = (0, 0)
            PatientGenerator(scenario: scenario, seed: 43).forEach(in: 0..<8000) { patient in
                scores += patient.injurySeverityScore
                if patient.outcome.isDeath { deaths += 1 }
            }
            return (scores, deaths)
        }
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.0 < $1.0 && $0.1 < $1.1 })
    }

    @Test func `an outcome preset and single figures can be set in the scenario`() throws {
        let json = #"""
            {"total_patients":4000,"injury_mix":{"Battle Injury":1},"outcome_preset":"pre_2009",
             "clinical_figures":{"women":0.5,"mechanisms":[0,1,0],"age_quartiles":[30,35,40]}}
            """#
        let scenario = try Scenario(json: Array(json.utf8))
        #expect(scenario.figures.killed == 0.16)
        let all = PatientGenerator(scenario: scenario, seed: 1).patients(in: 0..<4000)
        #expect(all.allSatisfy { $0.mechanism == .gunshot })
        #expect(abs(percent(all.count { $0.isFemale }, 4000) - 50) < 3)
        let again = try Scenario(scenario.value)
        #expect(again.value.json == scenario.value.json && again.figures == scenario.figures)
    }
}
