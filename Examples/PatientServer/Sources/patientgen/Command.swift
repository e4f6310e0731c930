import ArgumentParser
import Foundation
import PatientExport
import PatientGen

@main
struct PatientGenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patientgen", abstract: "Synthetic military casualties: the same ones each time.",
        version: "0.1.0, model \(PatientGenerator.modelVersion)",
        subcommands: [GenerateCommand.self, ValidateCommand.self, PresetsCommand.self, DecryptCommand.self],
        defaultSubcommand: GenerateCommand.self)

    /// Mistakes are told in one line, with exit code 64; a closed pipe ends it without a word.
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as FileError where error.isBrokenPipe {
            Foundation.exit(0)
        } catch let error as FileError {
            fail("\(error)", code: 74)
        } catch let error as ExportError {
            fail("\(error)", code: 64)
        } catch {
            guard exitCode(for: error) != .success else { exit(withError: error) }
            fail(message(for: error), code: exitCode(for: error).rawValue)
        }
    }

    private static func fail(_ message: String, code: Int32) -> Never {
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        FileHandle.standardError.write(Data("patientgen: \(line)\n".utf8))
        Foundation.exit(code)
    }
}
