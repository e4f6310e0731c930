import Testing

@testable import PatientGen

/// The presets keep what they promise; `VITALS_CALIBRATION=1` prints what 200,000 patients of each give.
@Suite struct PresetTests {
    @Test(arguments: Scenario.presets)
    func `a preset has its mix exactly and outcomes that its warfare explains`(_ preset: Scenario.Preset) {
        var scenario = preset.scenario
        scenario.totalPatients = Calibration.isPrinted ? Cohort.size : 10_000
        let tally = Tally(scenario)
        let wanted = quotas(InjuryType.allCases.map { scenario.injuryMix[$0] ?? 0 }, total: scenario.totalPatients)
        #expect(tally.kinds == wanted)
        // From a peacekeeping mission to an assault of extreme intensity around the 7.6 of the calibration.
        #expect((3...22).contains(tally.caseFatality))
        #expect(tally.percentKilled > tally.percentDiedOfWounds)
        if Calibration.isPrinted {
            let kinds = percents(tally.kinds).map { "\(Int($0.rounded()))" }.joined(separator: " / ")
            print(
                "| `\(preset.id)` | \(kinds) | \(tally.percentKilled.short) | \(tally.percentDiedOfWounds.short) | "
                    + "\(tally.caseFatality.short) | \(percent(tally.returned, tally.battle).short) | "
                    + "\(percent(tally.evacuated.reduce(0, +), tally.patients).short) |")
        }
    }

    @Test func `large-scale combat kills more than either calibrated set`() {
        var scenario = Scenario()
        scenario.totalPatients = 10_000
        scenario.injuryMix = [.battle: 1]
        let seen = ClinicalFigures.presets.map { preset in
            scenario.figures = preset.figures
            return (preset.name, Tally(scenario).caseFatality)
        }
        #expect(seen.max { $0.1 < $1.1 }?.0 == "large_scale_combat")
    }
}
