import Foundation
import ServerTestSupport
import Testing

/// The two databases that every end-to-end test runs on.
enum TestDatabase: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgres

    var testDescription: String { rawValue }

    /// Those that can be had here.
    static var available: [TestDatabase] { PostgresServer.isAvailable ? allCases : [.sqlite] }

    /// The address of a fresh, empty database; `nil` lets the server take a SQLite file in its own folder.
    func address() async throws -> String? {
        switch self {
        case .sqlite: nil
        case .postgres: try await PostgresServer.shared().makeDatabase()
        }
    }
}
