import Foundation
import SQLDatabase
import TestServers

@testable import PostgresBackend

/// A PgBouncer in front of the shared server, and how the driver is told of it.
///
/// The environment names the port of one on 127.0.0.1: `VITALS_TEST_POOLER_SESSION` and `VITALS_TEST_POOLER_TRANSACTION`,
/// together with the server behind it, `VITALS_TEST_POSTGRES`.
enum Pooler: String, Sendable {
    case session = "SESSION"
    case transaction = "TRANSACTION"

    /// The port, or `nil` where there is none.
    var port: Int? { ProcessInfo.processInfo.environment["VITALS_TEST_POOLER_\(rawValue)"].flatMap { Int($0) } }

    /// The driver's settings for it.
    var configure: @Sendable (inout PostgresConfiguration) -> Void {
        switch self {
        case .session: { _ in }
        case .transaction: { _ in }
        }
    }

    /// The same database behind the pooler.
    func dsn(_ dsn: String) async throws -> String {
        try await PostgresServer.shared().dsn(database: Self.database(of: dsn), port: port)
    }

    /// The database's name in a DSN.
    static func database(of dsn: String) -> String { String(URLComponents(string: dsn)?.path.dropFirst() ?? "") }
}
