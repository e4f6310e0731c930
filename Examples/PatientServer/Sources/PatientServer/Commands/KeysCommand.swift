import ArgumentParser
import Foundation

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "API keys: make, list, revoke.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a key and shows it, this once.")

        @OptionGroup var common: CommonOptions

        @Argument(help: "Whose key it is.")
        var name: String

        @Option(help: "What it may do: read, generate, operate; several separated by commas.")
        var scopes: String = "read,generate,operate"

        @Option(name: .customLong("requests-per-minute"), help: "How often it may ask.")
        var requestsPerMinute: Int = 6_000

        @Option(name: .customLong("patients-per-day"), help: "How many patients it may have a day.")
        var patientsPerDay: Int = 10_000_000

        func validate() throws {
            guard (1...100).contains(name.count) else { throw ValidationError("the name takes 1 to 100 characters") }
            guard requestsPerMinute >= 1, patientsPerDay >= 1 else { throw ValidationError("limits are 1 or more") }
            _ = try chosen()
        }

        private func chosen() throws -> Set<Scope> {
            Set(
                try scopes.split(separator: ",").map { word in
                    guard let scope = Scope(rawValue: word.trimmingCharacters(in: .whitespaces)) else {
                        throw ValidationError(
                            "--scopes: “\(word)” is none; there are \(Scope.allCases.map(\.rawValue).joined(separator: ", "))"
                        )
                    }
                    return scope
                })
        }

        func run() async throws {
            let scopes = try chosen()
            try await withApplication(common) { application in
                let made = try await application.keys.create(
                    name: name, scopes: scopes, requestsPerMinute: requestsPerMinute, patientsPerDay: patientsPerDay)
                try await application.keys.audit(made.key, "key create", made.key.id, requestID: "command line")
                print(made.text)
                FileHandle.standardError.write(
                    Data("key \(made.key.id) of “\(name)”; it is shown this once and cannot be read again\n".utf8))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the keys, never their secrets.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await withApplication(common) { application in
                for key in try await application.keys.all() {
                    let scopes = key.scopes.map(\.rawValue).sorted().joined(separator: ",")
                    let state = key.revokedAt.map { "revoked \(moment($0))" } ?? "good"
                    print(
                        "\(key.id)  \(key.name)  \(scopes)  \(key.requestsPerMinute)/min  \(key.patientsPerDay) patients/day  "
                            + "made \(moment(key.createdAt))  \(state)")
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revokes a key; running servers notice within two seconds.")

        @OptionGroup var common: CommonOptions

        @Argument(help: "The key's id, as `keys list` shows it.")
        var id: String

        func run() async throws {
            try await withApplication(common) { application in
                guard try await application.keys.revoke(id) else {
                    throw ValidationError("there is no key “\(id)” that is not revoked already")
                }
                try await application.keys.audit(nil, "key revoke", id, requestID: "command line")
                print("revoked")
            }
        }
    }
}

/// Opens the database for a command, brings its schema up to date, and closes it again.
func withApplication(_ common: CommonOptions, _ body: (ServerApplication) async throws -> Void) async throws {
    let settings = try common.load(["log_level": common.logLevel ?? "warning"])
    let application = try ServerApplication(settings: settings, logger: makeLogger(settings))
    do {
        try await application.storage.migrate()
        try await body(application)
    } catch {
        await application.close()
        throw error
    }
    await application.close()
}
