import ArgumentParser
import Foundation
import Logging
import ServiceIntegration
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
        // Heard by those commands that log for long.
        signal(SIGUSR1, SIG_IGN)
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

/// The process's logger: JSON lines on standard output; SIGUSR1 turns debug lines on, and off again.
func makeLogger(_ settings: Settings) -> Logger {
    let level = Logger.Level(rawValue: settings.logLevel) ?? .info
    let levels = LogLevels(level)
    LoggingSystem.bootstrap { label in
        if settings.logFormat == "text" {
            var handler = StreamLogHandler.standardOutput(label: label)
            handler.logLevel = level
            return handler
        }
        return JSONLogHandler(label: label, sink: .standardOutput, levels: levels, metadataProvider: .traceIDs())
    }
    let logger = Logger(label: "patient-server")
    if settings.logFormat == "json" { Task { await switchLevel(levels, usual: level, logger) } }
    return logger
}

/// Hears SIGUSR1 as long as the process lives.
private func switchLevel(_ levels: LogLevels, usual: Logger.Level, _ logger: Logger) async {
    var isUsual = true
    for await _ in await UnixSignalsSequence(trapping: .sigusr1) {
        isUsual.toggle()
        let level = isUsual ? usual : min(usual, .debug)
        levels.set(level)
        logger.log(level: max(level, .notice), "log level changed", metadata: ["to": "\(level)"])
    }
}

/// Runs services until a signal ends them, then closes the database.
func run(_ application: ServerApplication, _ services: [any Service]) async throws {
    let logger = application.logger
    let result = await Result {
        try await runServices(services, budget: application.settings.shutdownBudget, logger: logger) {
            // Past the budget something holds every thread: what is claimed comes back when its lease ends.
            logger.critical("the shutdown took longer than its budget; the process ends as it is")
            LogSink.standardOutput.flush(within: 1)
            Foundation._exit(70)
        }
    }
    await application.close()
    LogSink.standardOutput.flush()
    try result.get()
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
