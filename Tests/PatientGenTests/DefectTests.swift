import Testing

@testable import PatientGen

/// Each defect of the generator that this one replaces, which must be impossible here. Those of its files (Unknown names
/// in CSV, XML that is not well-formed, empty files, encryption that renames) are tested with the writers.
@Suite struct DefectTests {
    private func patients(_ count: Int = 8000, _ change: (inout Scenario) -> Void = { _ in }) -> [Patient] {
        var scenario = Scenario()
        scenario.totalPatients = count
        change(&scenario)
        return Array(PatientGenerator(scenario: scenario, seed: 17).patients(in: 0..<UInt64(count)))
    }

    private func mix(_ json: String) throws -> [Int] {
        var scenario = try Scenario(json: Array(json.utf8))
        scenario.totalPatients = 1000
        let patients = PatientGenerator(scenario: scenario, seed: 1).patients(in: 0..<1000)
        return InjuryType.allCases.map { type in patients.count { $0.injuryType == type } }
    }

    @Test func `defect: fractions in the mix were ignored and 99 per cent were battle trauma`() throws {
        let fractions = try mix(#"{"injury_mix":{"Disease":0.52,"Non-Battle Injury":0.33,"Battle Injury":0.15}}"#)
        let percents = try mix(#"{"injury_mix":{"Disease":52,"Non-Battle Injury":33,"Battle Injury":15}}"#)
        #expect(fractions == [520, 330, 150])
        #expect(percents == fractions)
    }

    @Test func `defect: triage was by id and came after the simulation`() {
        let battle = patients { $0.injuryMix = [.battle: 1] }
        func mean(_ values: [Int]) -> Double { Double(values.reduce(0, +)) / Double(max(1, values.count)) }
        // It follows the injury, not the place in the list.
        let scores = (1...3).map { triage in mean(battle.filter { $0.triage == triage }.map(\.injurySeverityScore)) }
        #expect(scores[0] > scores[1] + 3 && scores[1] > scores[2])
        let thirds = (0..<3).map { third in mean(battle.filter { Int($0.index) * 3 / 8000 == third }.map(\.triage)) }
        #expect(abs(thirds[0] - thirds[2]) < 0.06)
        // What happens depends on it: the first category leaves the point of injury first.
        let waits = (1...3).map { triage in
            mean(
                battle.filter { $0.triage == triage }.compactMap { patient in
                    patient.timeline.first { $0.kind == .evacuationStart }?.minute
                })
        }
        #expect(waits[0] * 1.5 < waits[1] && waits[1] < waits[2])
    }

    @Test func `defect: half of all were killed whatever the configuration`() {
        let few = patients { $0.injuryMix = [.battle: 1] }.count { $0.outcome == .killed }
        let more = patients {
            $0.injuryMix = [.battle: 1]
            $0.figures = .largeScaleCombat
        }.count { $0.outcome == .killed }
        let none = patients {
            $0.injuryMix = [.battle: 1]
            $0.facilities = [.init(id: "POI", name: "", kiaRate: 0)]
        }.count { $0.outcome == .killed }
        #expect(few < 800 && more > few * 2 && none == 0)
    }

    @Test func `defect: events came before the injury`() {
        #expect(patients().allSatisfy { $0.timeline.allSatisfy { $0.minute >= 0 } && $0.injuredAt >= 0 })
    }

    @Test func `defect: the killed had no kia event`() {
        let killed = patients { $0.injuryMix = [.battle: 1] }.filter { $0.outcome == .killed }
        #expect(!killed.isEmpty)
        #expect(killed.allSatisfy { $0.timeline.last?.kind == .kia && $0.timeline.count { $0.kind == .kia } == 1 })
    }

    @Test func `defect: rounding put 37 per cent of the casualties on the last day`() {
        for days in [8, 7, 13] {
            let all = patients { $0.daysOfFighting = days }
            let byDay = (1...days).map { day in all.count { $0.day == day } }
            let mean = 8000 / Double(days)
            #expect(byDay.allSatisfy { abs(Double($0) - mean) < 5 * mean.squareRoot() + 60 }, "\(byDay)")
        }
    }

    @Test func `defect: the configuration of facilities was ignored`() {
        let plain = patients()
        let deadly = patients { $0.facilities = [.init(id: "R1", name: "", kiaRate: 0.3)] }
        let kind = patients { $0.facilities = [.init(id: "R1-A", name: "", rtdRate: 0.9)] }
        func count(_ all: [Patient], _ outcome: Patient.Outcome, _ place: Place) -> Int {
            all.count { $0.outcome == outcome && $0.lastPlace == place }
        }
        // 0.3 × 1.5, 1 and 0.5 by triage.
        let arrived = deadly.filter { $0.timeline.contains { $0.kind == .arrival && $0.place == .role1 } }
        for (triage, rate) in [45.0, 30, 15].enumerated() {
            let all = arrived.filter { $0.triage == triage + 1 }
            let dead = count(all, .diedOfWounds, .role1)
            #expect(abs(percent(dead, all.count) - rate) < 4)
        }
        #expect(count(plain, .diedOfWounds, .role1) * 20 < count(deadly, .diedOfWounds, .role1))
        #expect(
            count(kind, .returned, .role1) > 6000 && count(kind, .returned, .role1) > count(plain, .returned, .role1))
    }

    @Test func `defect: capacity never bound`() {
        let full = patients { $0.facilities = [.init(id: "R2", name: "", capacity: 20)] }
        let open = patients()
        func arrivals(_ all: [Patient]) -> Int {
            all.count { $0.timeline.contains { $0.kind == .arrival && $0.place == .role2 } }
        }
        #expect(arrivals(full) * 2 < arrivals(open))
    }

    @Test func `defect: there was no seed`() {
        var scenario = Scenario()
        scenario.totalPatients = 100
        func all(_ seed: UInt64) -> [Patient] {
            Array(PatientGenerator(scenario: scenario, seed: seed).patients(in: 0..<100))
        }
        #expect(all(1) == all(1))
        #expect(zip(all(1), all(2)).count { $0 == $1 } == 0)
    }

    @Test func `defect: ages were by the clock on the wall`() {
        for year in [1950, 2025, 2199] {
            let all = patients(500) { $0.baseDate = CalendarDay(year: year, month: 2, day: 28) }
            let day = CalendarDay(year: year, month: 2, day: 28)
            #expect(all.allSatisfy { (18...60).contains(Tally.age($0.birthDate, on: day)) })
        }
        let (early, late) = (patients(500), patients(500) { $0.baseDate = CalendarDay(year: 2035, month: 6, day: 1) })
        let days = CalendarDay(year: 2035, month: 6, day: 1).number - Scenario().baseDate.number
        #expect(zip(early, late).allSatisfy { $1.birthDate.number - $0.birthDate.number == days })
    }

    @Test func `defect: names were Unknown`() {
        #expect(patients().allSatisfy { !$0.familyName.contains("Unknown") && !$0.givenName.isEmpty })
    }
}
