import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// A PgBouncer in front of the shared server, and how the driver is told of it.
struct Pooler: Sendable {
    /// When PgBouncer gives a session to another client.
    let mode: PgBouncerServer.PoolMode
    /// Its settings, beyond the defaults of its package.
    var settings: [String: String] = [:]
    /// The driver's settings for it.
    let configure: @Sendable (inout PostgresConfiguration) -> Void

    /// Pools sessions and drops the start-up parameter `options`. The database says that it has its settings from the
    /// server, so the driver does as without a pooler.
    static let sessions = Pooler(
        mode: .session,
        settings: ["ignore_startup_parameters": "extra_float_digits, options", "server_lifetime": "0"],
        configure: { $0.statementTimeout = nil })
    /// Pools sessions with the defaults, but for the lifetime: a session that its client changed goes to no other one.
    static let defaultSessions = Pooler(mode: .session, settings: ["server_lifetime": "0"]) {
        $0.pooling = .transactionPooler
    }
    /// Pools transactions with the defaults, but logs in again soon after a session was ended from outside.
    static let transactions = Pooler(mode: .transaction, settings: ["server_login_retry": "1"]) {
        $0.pooling = .transactionPooler
    }

    /// The condition of tests that need one.
    static let isAvailable: ConditionTrait = .enabled(
        if: PgBouncerServer.canStart, "needs pgbouncer and PostgreSQL's programs")

    /// Lends a database of the shared server behind a pooler of its own.
    func with<Result>(_ dsn: String, _ body: (String) async throws -> Result) async throws -> Result {
        let server = try await PostgresServer.shared()
        if settings["ignore_startup_parameters"]?.contains("options") == true {
            try await server.run(sql: "ALTER DATABASE \(Self.database(of: dsn)) SET vitals.settings = 'sent'")
        }
        let pooler = try await PgBouncerServer.start(for: server, mode: mode, settings: settings)
        do {
            let result = try await body(pooler.dsn(of: server, database: Self.database(of: dsn)))
            await pooler.remove()
            return result
        } catch {
            await pooler.remove()
            throw error
        }
    }

    /// The database's name in a DSN.
    static func database(of dsn: String) -> String { String(URLComponents(string: dsn)?.path.dropFirst() ?? "") }
}
