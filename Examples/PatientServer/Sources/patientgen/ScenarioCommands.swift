import ArgumentParser
import PatientGen

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Says whether a scenario's file is right, or which field breaks which rule.")

    @Argument(help: "The file, JSON or YAML.")
    var file: String

    func run() throws {
        let scenario = try ScenarioFile.read(file)
        print("\(file): right; \(scenario.totalPatients) patients over \(scenario.daysOfFighting) days")
    }
}

struct PresetsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "presets", abstract: "Lists the ready-made scenarios.")

    func run() {
        let width = Scenario.presets.map(\.id.count).max() ?? 0
        for preset in Scenario.presets {
            let name = preset.id.padding(to: width)
            print(
                "\(name)  \(preset.scenario.totalPatients) patients, \(preset.scenario.daysOfFighting) days: \(preset.summary)"
            )
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
