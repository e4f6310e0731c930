import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import StructuredLogging
import UnixSignals

@main
struct PatientServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patient-server",
        abstract: "Generates synthetic casualties over HTTP, in background jobs.",
        version: serverVersion,
        subcommands: [
            ServeCommand.self, WorkerCommand.self, MigrateCommand.self, KeysCommand.self, JobsCommand.self,
            ArtifactsCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            exit(withError: code)
        } catch is CleanExit {
            exit(withError: nil)
        } catch {
            if exitCode(for: error) == .validationFailure || exitCode(for: error).isSuccess { exit(withError: error) }
            let (line, code) = ServiceErrors.startup(error)
            LogSink.standardOutput.flush()
            FileHandle.standardError.write(Data("error: \(line)\n".utf8))
            Foundation.exit(code)
        }
    }
}

/// What all commands that need the database take.
struct CommonOptions: ParsableArguments {
    @Option(help: "sqlite:///path/to/file or postgresql://user:password@host/name.")
    var database: String?

    @Option(help: "Folder with database.yml and monitoring.yml.")
    var config: String?

    @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?

    @Option(name: .customLong("log-format"), help: "json or text.")
    var logFormat: String?

    func values() -> [String: String] {
        var values: [String: String] = [:]
        values["database"] = database
        values["log_level"] = logLevel
        values["log_format"] = logFormat
        return values
    }

    func load(_ more: [String: String] = [:]) throws -> Settings {
        try Settings.load(
            commandLine: values().merging(more) { $1 }, environment: ProcessInfo.processInfo.environment, folder: config
        )
    }
}

/// The process's logger: JSON lines on standard output.
func makeLogger(_ settings: Settings) -> Logger {
    let level = Logger.Level(rawValue: settings.logLevel) ?? .info
    LoggingSystem.bootstrap { label in
        if settings.logFormat == "text" { return StreamLogHandler.standardOutput(label: label) }
        return JSONLogHandler(label: label, sink: .standardOutput, level: level)
    }
    var logger = Logger(label: "patient-server")
    logger.logLevel = level
    return logger
}

/// Runs services until a signal ends them, then closes the database.
func run(_ application: ServerApplication, _ services: [any Service]) async throws {
    let group = ServiceGroup(
        configuration: ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .ignore) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: application.logger))
    let result = await Result { try await group.run() }
    await application.close()
    LogSink.standardOutput.flush()
    try result.get()
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
