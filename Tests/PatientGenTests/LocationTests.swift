import Testing

@testable import PatientGen

/// Who is flown out, and who is not.
@Suite struct EvacuationTests {
    /// A cold, a bad tooth, a rash, a bruise and the like.
    @Test func `fewer than two in a hundred reach Role 4 with what passes within days`() {
        var scenario = Scenario()
        scenario.totalPatients = 60_000
        var all = 0
        var flown = 0
        PatientGenerator(scenario: scenario, seed: 2).forEach(in: 0..<60_000) { patient in
            let code = patient.conditions[0].condition.code
            guard patient.injuryType != .battle,
                ["J06.9", "A08.1", "K02.9", "L23.9", "H10.9", "125667009"].contains(code)
            else { return }
            all += 1
            if patient.lastPlace == .role4 { flown += 1 }
        }
        #expect(all > 5000 && flown * 50 < all, "\(flown) of \(all)")
    }
}

/// Sides, units and places.
@Suite struct LocationTests {
    static let generator: PatientGenerator = {
        var scenario = Scenario()
        scenario.totalPatients = 40_000
        scenario.injuryMix = [.battle: 1]
        scenario.specialEvents = [.massCasualty]
        return PatientGenerator(scenario: scenario, seed: 11)
    }()

    /// Owens 2007: 461 and 454 of 915 fractures; 827 wounds each in a registry of 665 wounded limbs.
    @Test func `arms and legs, left and right have the same number of wounds that can be of any limb`() {
        var counts: [BodySite: Int] = [:]
        Self.generator.forEach(in: 0..<Self.generator.count) { patient in
            for finding in patient.conditions where finding.condition.code == "125643001" && finding.site.isLimb {
                counts[finding.site, default: 0] += 1
            }
        }
        let all = counts.values.reduce(0, +)
        #expect(counts.count == 4 && all > 4000)
        for (site, count) in counts { #expect(abs(Double(count) / Double(all) - 0.25) < 0.02, "\(site) \(count)") }
    }

    @Test func `casualties of an event are of one company and lie in one place, others do not`() {
        var places: [Int?: Set<Int>] = [:]
        var units: [Int?: Set<MilitaryUnit>] = [:]
        Self.generator.forEach(in: 0..<Self.generator.count) { patient in
            places[patient.event, default: []].insert(patient.grid)
            units[patient.event, default: []].insert(patient.unit)
        }
        #expect(places.count > 2)
        for (event, grids) in places {
            if event == nil {
                #expect(grids.count > 20_000)
                // Three battalions of four companies for each of three fronts.
                #expect(units[event]?.count == 36)
            } else {
                #expect(grids.count == 1 && units[event]?.count == 1)
            }
        }
    }

    /// Krueger 2012: 683, 564 and 228 of 1,631 amputations are below, above the knee and of the upper limb; 366 of 1,221
    /// amputees lost more than one limb.
    @Test func `limbs are lost at the levels and as often twice as was counted, and each has its tourniquet`() {
        var doubles = 0
        var amputees = 0
        var levels: [String: Double] = [:]
        Self.generator.forEach(in: 0..<Self.generator.count) { patient in
            let lost = patient.conditions.filter(\.condition.isAmputation).map(\.site)
            guard !lost.isEmpty else { return }
            amputees += 1
            for finding in patient.conditions where finding.condition.isAmputation {
                let isArm = finding.site == .leftArm || finding.site == .rightArm
                levels[isArm ? "arm" : finding.condition.code, default: 0] += 1
            }
            if lost.count == 2 { doubles += 1 }
            let tied = patient.treatments.filter { $0.procedure == .tourniquet }.compactMap(\.site)
            // Where there is time for it before the way goes on, or the end.
            let left = patient.timeline.dropFirst().first?.minute ?? .max
            let isInTime = left >= patient.bleedingMinutes + 12
            #expect(Set(tied).isSubset(of: Set(lost)) && (!isInTime || Set(tied) == Set(lost)), "\(patient.index)")
        }
        let all = levels.values.reduce(0, +)
        let shares = levels.mapValues { $0 / all * 100 }
        #expect(amputees > 1000 && abs(Double(doubles) / Double(amputees) * 100 - 30) < 3)
        #expect(abs((shares["S88.1"] ?? 0) - 41.8) < 3)
        #expect(abs((shares["S78.1"] ?? 0) - 34.5) < 3)
        #expect(abs((shares["arm"] ?? 0) - 14) < 3)
    }
}
