import ArgumentParser

@main
struct PatientGenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patientgen", abstract: "Synthetic military casualties: the same ones each time.",
        subcommands: [GenerateCommand.self, ValidateCommand.self, PresetsCommand.self],
        defaultSubcommand: GenerateCommand.self)
}
