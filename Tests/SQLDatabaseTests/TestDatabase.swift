import ConnectionPool
import Foundation
import PostgresBackend
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

/// The engines a test runs on.
enum TestDatabase: String, CaseIterable, CustomTestStringConvertible {
    case sqlite, postgres

    /// PostgreSQL only where a server or its programs are installed.
    static var available: [TestDatabase] { PostgresServer.isAvailable ? allCases : [.sqlite] }

    var testDescription: String { rawValue }

    /// Lends an empty database.
    func withDatabase(_ body: (any SQLClient) async throws -> Void) async throws {
        switch self {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("migrations-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let database = try SQLiteDatabase(SQLiteConfiguration(path: folder + "/test.sqlite"))
            try await lend(database, body) { await database.shutdown() }
        case .postgres:
            let dsn = try await PostgresServer.shared().makeDatabase()
            let database = try PostgresDatabase(
                configuration: PostgresConfiguration(dsn), poolConfiguration: PoolConfiguration(size: 4))
            try await lend(database, body) { await database.shutdown() }
        }
    }

    private func lend(
        _ database: any SQLClient, _ body: (any SQLClient) async throws -> Void, then end: () async -> Void
    ) async throws {
        do {
            try await body(database)
        } catch {
            await end()
            throw error
        }
        await end()
    }
}
