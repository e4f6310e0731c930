import Testing

@testable import PatientGen

/// The checks against the literature, each over 200,000 patients of one seed. `VITALS_CALIBRATION=1` prints the
/// table of Documentation/PatientGen.md.
@Suite struct StatisticalTests {
    @Test func `1 wound sites are those of Owens 2008 within a point`() async {
        let target = [8.0, 6, 3, 10, 3, 6, 11, 54].map { $0 / 101 * 100 }
        let seen = percents(await Cohort.registry.value.regions)
        for (seen, target) in zip(seen, target) { expect("wound site", seen, target, 1) }
        let hellinger =
            (zip(seen, target).reduce(0) { sum, pair in
                let root = (pair.0 / 100).squareRoot() - (pair.1 / 100).squareRoot()
                return sum + root * root
            } / 2).squareRoot()
        #expect(hellinger < 0.02)
    }

    @Test func `2 mechanisms are those of Owens 2008 within a point`() async {
        for (seen, target) in zip(percents(await Cohort.registry.value.mechanisms), [78.0, 18, 4]) {
            expect("mechanism", seen, target, 1)
        }
    }

    @Test func `3 the killed are 9_9 per cent after 2009 and 16_0 before`() async {
        expect("%KIA after 2009", await Cohort.registry.value.percentKilled, 9.9, 0.7)
        expect("%KIA before 2009", await Cohort.before2009.value.percentKilled, 16.0, 0.7)
    }

    @Test func `4 the dead of wounds are 4_3 per cent after 2009 and 4_1 before`() async {
        expect("%DOW after 2009", await Cohort.registry.value.percentDiedOfWounds, 4.3, 0.5)
        expect("%DOW before 2009", await Cohort.before2009.value.percentDiedOfWounds, 4.1, 0.5)
    }

    @Test func `5 the case fatality is 7_6 per cent after 2009 and 13_7 before`() async {
        expect("CFR after 2009", await Cohort.registry.value.caseFatality, 7.6, 0.7)
        expect("CFR before 2009", await Cohort.before2009.value.caseFatality, 13.7, 0.7)
    }

    @Test func `6 the killed die when Webster 2021 has it`() async {
        let distance = await Cohort.registry.value.distance(from: [0.571, 0.677, 0.914, 0.990])
        expect("KIA time, Kolmogorov-Smirnov × 100", distance * 100, 0, 3)
    }

    @Test func `7 of the deaths 87_3 per cent come before a facility, as Eastridge 2012 has it`() async {
        let tally = await Cohort.eastridge.value
        expect("deaths before a facility", tally.percentBeforeFacility, 87.3, 2)
        for (seen, target) in zip(percents(tally.bleedingSites), [67.3, 19.2, 13.5]) {
            expect("bleeding site of the killed", seen, target, 2)
        }
    }

    @Test func `8 battle to non-battle injuries are 65_9 to 34_1, as the registry has it`() async {
        let kinds = percents(await Cohort.registry.value.kinds)
        expect("battle injuries", kinds[2], 65.9, 1)
        expect("non-battle injuries", kinds[1], 34.1, 1)
    }

    @Test func `9 the evacuated are of the kinds that Hauret 2010 has`() async {
        for (seen, target) in zip(percents(await Cohort.all.value.evacuated), [48.2, 34.8, 17]) {
            expect("evacuated (disease, non-battle, battle)", seen, target, 1.5)
        }
    }

    @Test func `9b the evacuated have the diagnoses that Cohen 2010 has`() async {
        for (seen, target) in zip(percents(await Cohort.all.value.diagnoses), [24.0, 7, 10, 9]) {
            expect("evacuated (musculoskeletal, spine, neurological, psychiatric)", seen, target, 1.5)
        }
    }

    @Test func `10 age and sex are those of the registry`() async {
        let tally = await Cohort.registry.value
        for (place, target) in [21.0, 24, 29].enumerated() {
            expect("age, quartile \(place + 1)", Double(tally.ages[tally.ages.count * (place + 1) / 4]), target, 1)
        }
        expect("women", percent(tally.women, tally.patients), 3.2, 0.5)
    }

    @Test func `11 mortality rises with the base deficit on arrival at Role 2 as Mutschler 2013 has it`() async {
        let tally = await Cohort.registry.value
        let seen = zip(tally.deathsByClass, tally.arrivals).map(percent)
        for (seen, target) in zip(seen, [7.4, 12.4, 23.9, 51.5]) { expect("base-deficit class", seen, target, 3) }
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 < $1 })
        // Injuries are worse from class to class, as there (19.1 to 36.7; the ends are not calibrated).
        let scores = zip(tally.scores, tally.arrivals).map { Double($0) / Double(max(1, $1)) }
        #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 < $1 })
        expect("injury severity score, class I", scores[0], 19.1, 4)
        expect("injury severity score, class IV", scores[3], 36.7, 4)
    }

    @Test func `the share kept from duty by broken limbs and blood loss is the one that returns are solved with`() {
        var scenario = Scenario()
        (scenario.totalPatients, scenario.injuryMix, scenario.intensity) = (40_000, [.battle: 1], .medium)
        scenario.warfareTypes = [.conventional]
        var (kept, all) = ([0, 0], [0, 0])
        PatientGenerator(scenario: scenario, seed: 31).forEach(in: 0..<40_000) { patient in
            let worst = patient.conditions.map(\.severity).max() ?? 0
            guard patient.outcome != .killed, (1...2).contains(worst) else { return }
            all[worst - 1] += 1
            let isBroken = patient.conditions.contains { InvariantTests.fractures.contains($0.condition.code) }
            if isBroken || patient.bloodLoss >= 150 { kept[worst - 1] += 1 }
        }
        for severity in 0..<2 {
            #expect(abs(Double(kept[severity]) / Double(all[severity]) - Fates.disabled[severity]) < 0.01)
        }
    }

    @Test func `12 blood groups are those of each nation`() {
        for (place, nation) in Nation.all.enumerated() {
            let row = BloodGroup.frequencies[nation.code] ?? BloodGroup.european
            let shares = row.map { $0 / row.reduce(0, +) }
            // Of patients: chi-square with 7 degrees of freedom stays below its 99.9th percentile.
            let people = groups(of: place, count: 6250)
            let chi = zip(people, shares).reduce(0) { sum, pair in
                let expected = pair.1 * 6250
                return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
            }
            #expect(chi < 24.32, "\(nation.code)")
            // Of many draws: half a point. Nations without figures of their own share one row.
            guard BloodGroup.frequencies[nation.code] != nil || nation.code == "USA" else { continue }
            var counts = [Int](repeating: 0, count: 8)
            for index in 0..<UInt64(Cohort.size / 4) {
                var draws = Draws(seed: 12, index: index, stream: .person)
                for _ in 0..<4 { counts[draws.pick(nation.blood)] += 1 }
            }
            for (seen, share) in zip(percents(counts), shares) {
                #expect(abs(seen - share * 100) < 0.5, "\(nation.code)")
            }
        }
    }

    private func groups(of nation: Int, count: Int) -> [Int] {
        let person = Person(.post2009, baseDate: CalendarDay(year: 2025, month: 6, day: 1))
        var counts = [Int](repeating: 0, count: 8)
        var patient = Patient()
        patient.nation = nation
        for index in 0..<count {
            patient.index = UInt64(nation * count + index)
            person.fill(&patient, seed: 12)
            counts[patient.bloodGroup.rawValue] += 1
        }
        return counts
    }

    /// Holds a figure to its target, in per cent or years, and tells it for the table.
    private func expect(
        _ name: String, _ seen: Double, _ target: Double, _ tolerance: Double,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(abs(seen - target) <= tolerance, "\(name): \(seen), not \(target)", sourceLocation: location)
        if Calibration.isPrinted {
            print("| \(name) | \(target.short) | \(seen.short) | ± \(tolerance.short) |")
        }
    }
}

extension Double {
    /// Two decimals.
    var short: String { "\((self * 100).rounded() / 100)" }
}
