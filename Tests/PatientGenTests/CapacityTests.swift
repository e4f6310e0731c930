import Testing

@testable import PatientGen

@Suite struct CapacityTests {
    struct Seen {
        var most = 0
        var arrivals = 0
        var waited = 0
        var minutes = 0
        var skipped = 0
    }

    /// What happens at Role 2 with so many beds.
    private func see(_ beds: Int?, total: Int) -> Seen {
        var scenario = Scenario()
        scenario.totalPatients = total
        scenario.injuryMix = [.battle: 1]
        scenario.facilities = [.init(id: "R2", name: "", capacity: beds)]
        var seen = Seen()
        var changes: [(minute: Int, step: Int)] = []
        let generator = PatientGenerator(scenario: scenario, seed: 47)
        generator.forEach(in: 0..<generator.count) { patient in
            let stay = Schedule.stay(of: patient, at: .role2)
            if stay.arrives >= 0 {
                seen.arrivals += 1
                changes.append((Int(stay.arrives), 1))
                changes.append((Int(stay.leaves), -1))
            }
            for (start, transit) in zip(patient.timeline, patient.timeline.dropFirst())
            where transit.kind == .transitStart {
                if transit.minute > start.minute {
                    seen.waited += 1
                    seen.minutes += transit.minute - start.minute
                }
                if transit.place == .role1, transit.destination == .role3 { seen.skipped += 1 }
            }
        }
        // Who leaves in a minute makes room for who arrives in it.
        changes.sort { ($0.minute, $0.step) < ($1.minute, $1.step) }
        var inside = 0
        for change in changes {
            inside += change.step
            seen.most = max(seen.most, inside)
        }
        return seen
    }

    @Test func `a facility never holds more than its beds, and half the beds delay and divert more`() {
        let open = see(nil, total: 8000)
        let beds = open.most * 2 / 3
        let many = see(beds, total: 8000)
        let half = see(beds / 2, total: 8000)
        #expect(open.waited == 0 && open.skipped == 0 && beds > 20)
        #expect(many.most <= beds && half.most <= beds / 2)
        #expect(many.waited > 0 && many.arrivals <= open.arrivals)
        #expect(half.skipped > many.skipped && half.arrivals < many.arrivals)
        #expect(half.minutes / max(1, half.waited) > 0)
    }

    @Test func `beds above the need change nothing, beds are chosen by the seed alone`() {
        let open = see(nil, total: 3000)
        let plenty = see(3000, total: 3000)
        #expect(open.arrivals == plenty.arrivals && plenty.waited == 0)
        let again = [see(60, total: 3000), see(60, total: 3000)]
        #expect(again[0].arrivals == again[1].arrivals && again[0].minutes == again[1].minutes)
    }

    @Test func `too many patients to play through are taken hour by hour, near the beds`() {
        let total = Schedule.largest + 10_000
        let seen = see(1000, total: total)
        #expect(seen.waited > 0 && seen.skipped > 0)
        #expect(seen.most < 1300)
    }

    @Test func `a closed facility is passed by, and without Role 4 the patient stays at Role 3`() {
        var scenario = Scenario()
        scenario.totalPatients = 2000
        scenario.facilities = [.init(id: "R1", name: "", capacity: 0), .init(id: "R4", name: "", capacity: 0)]
        let all = PatientGenerator(scenario: scenario, seed: 3).patients(in: 0..<2000)
        #expect(
            all.allSatisfy { patient in
                patient.timeline.allSatisfy { $0.kind != .arrival || ($0.place != .role1 && $0.place != .role4) }
            })
        #expect(all.contains { $0.outcome == .inTreatment && $0.lastPlace == .role3 })
    }

    @Test func `several facilities of a role add up their beds`() {
        var scenario = Scenario()
        scenario.facilities = [
            .init(id: "R1-north", name: "", capacity: 3), .init(id: "R1-south", name: "", capacity: 4),
            .init(id: "R3", name: ""),
        ]
        #expect(Course.beds(scenario) == [nil, 7, nil, nil, nil])
    }
}
