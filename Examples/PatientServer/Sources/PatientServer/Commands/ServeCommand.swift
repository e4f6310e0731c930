import ArgumentParser
import Foundation
import NIOCore

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "The HTTP server and, unless told otherwise, its own job workers.")

    @OptionGroup var common: CommonOptions

    @Option(help: "Address to listen on.")
    var host: String?

    @Option(help: "Port to listen on; 0 takes a free one.")
    var port: String?

    @Option(help: "Jobs that run at a time in this process.")
    var workers: String?

    @Flag(name: .customLong("no-workers"), help: "Run no jobs here; `patient-server worker` does.")
    var noWorkers = false

    @Option(name: .customLong("max-patients"), help: "The most patients of one generation.")
    var maxPatients: String?

    @Option(name: .customLong("chunk-size"), help: "Patients of one chunk of a generation.")
    var chunkSize: String?

    mutating func run() async throws {
        var values: [String: String] = [:]
        values["host"] = host
        values["port"] = port
        values["workers"] = noWorkers ? "0" : workers
        values["max_patients"] = maxPatients
        values["chunk_size"] = chunkSize
        let settings = try common.load(values)
        let application = try ServerApplication(settings: settings, logger: makeLogger(settings))
        do {
            try await application.prepare()
            let host = await application.safeHost()
            let services = try application.services(serving: true, host: host, slots: settings.workers) { port in
                let base = "http://\(host == "0.0.0.0" ? "127.0.0.1" : host):\(port)"
                FileHandle.standardError.write(
                    Data(
                        """
                        patient-server is ready at \(base)/
                        try: curl -s \(base)/api/v1/generation/ -H 'Content-Type: application/json' -d '{"preset": "training_exercise", "seed": 7}'

                        """.utf8))
            }
            try await PatientServer.run(application, services)
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw SettingsError(
                place: "port \(settings.port)\(settings.metrics.port.map { " or the metrics' \($0)" } ?? "")",
                key: settings.host, rule: "is taken; choose another with --port or METRICS_PORT"
            )
            .unavailable
        }
    }
}

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Job workers only; start as many as wanted against one PostgreSQL.")

    @OptionGroup var common: CommonOptions

    @Option(help: "Jobs that run at a time in this process.")
    var workers: String?

    mutating func run() async throws {
        var values: [String: String] = [:]
        values["workers"] = workers
        let settings = try common.load(values)
        let application = try ServerApplication(settings: settings, logger: makeLogger(settings))
        try await application.prepare()
        FileHandle.standardError.write(Data("patient-server worker is ready\n".utf8))
        try await PatientServer.run(
            application,
            try application.services(serving: false, host: settings.host, slots: max(1, settings.workers)) { _ in })
    }
}

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings the database's schema up to date.")

    @OptionGroup var common: CommonOptions

    mutating func run() async throws {
        let settings = try common.load()
        let application = try ServerApplication(settings: settings, logger: makeLogger(settings))
        try await application.storage.migrate()
        await application.close()
        FileHandle.standardOutput.write(Data("the schema is up to date\n".utf8))
    }
}

/// Something the start needs that others have: exit code 69 (EX_UNAVAILABLE).
struct Unavailable: Error, CustomStringConvertible {
    let description: String
}

extension SettingsError {
    var unavailable: Unavailable { Unavailable(description: description) }
}
