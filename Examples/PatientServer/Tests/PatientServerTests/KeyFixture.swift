import Foundation
import ServerTestSupport

extension RunningServer {
    /// Runs another command of the server on a database.
    static func command(_ arguments: [String], database: String) async throws -> String {
        try await ChildProcess.run("\(products)/patient-server", arguments + ["--database", database])
    }

    /// Makes a key; its text stands first, what is said about it after it.
    static func makeKey(
        _ name: String, scopes: String = "read,generate,operate", _ more: [String] = [], database: String
    ) async throws -> (text: String, id: String) {
        let output = try await command(["keys", "create", name, "--scopes", scopes] + more, database: database)
        guard let text = output.split(separator: "\n").first(where: { $0.hasPrefix("vk_") }) else {
            throw ChildProcess.Failure(description: "no key: \(output)")
        }
        return (String(text), String(text.split(separator: "_")[1]))
    }
}
