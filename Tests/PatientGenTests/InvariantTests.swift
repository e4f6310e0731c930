import Testing

@testable import PatientGen

@Suite struct InvariantTests {
    @Test(arguments: Scenario.presets.map(\.id))
    func `time runs forward and a course ends once`(_ id: String) throws {
        let generator = PatientGenerator(scenario: try #require(Scenario.preset(id)), seed: 7)
        var broken = 0
        generator.forEach(in: 0..<min(3000, generator.count)) { patient in
            let minutes = patient.timeline.map(\.minute)
            let ends = patient.timeline.count { [.kia, .dow, .rtd].contains($0.kind) }
            let end = minutes.last ?? 0
            if minutes.first != 0 || zip(minutes, minutes.dropFirst()).contains(where: { $0 > $1 }) { broken += 1 }
            if ends != (patient.outcome == .inTreatment ? 0 : 1) { broken += 1 }
            if patient.outcome.isDeath, patient.treatments.contains(where: { $0.minute >= end }) { broken += 1 }
            if patient.treatments.contains(where: { $0.procedure == .tourniquet }), patient.region != .extremity {
                broken += 1
            }
            for treatment in patient.treatments {
                if let group = treatment.bloodGroup, !group.canBeGiven(to: patient.bloodGroup) { broken += 1 }
            }
        }
        #expect(broken == 0)
    }

    @Test func `a patient does not depend on what was generated before it`() {
        let generator = PatientGenerator(scenario: Scenario(), seed: 7)
        var reused = Patient()
        for index in (0..<500).reversed() { generator.generate(UInt64(index), into: &reused) }
        #expect(reused == generator.patient(at: 0))
    }
}
