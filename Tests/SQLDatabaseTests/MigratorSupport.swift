import ConnectionPool
import Foundation
import PostgresBackend
import SQLDatabase
import SQLiteBackend
import Synchronization
import TestServers
import Testing

func rows(of query: SQLQuery, in database: some SQLClient) async throws -> [[SQLValue]] {
    try await database.read { try await $0.query(query).map(\.values) }
}

func count(_ query: SQLQuery, in database: some SQLClient) async throws -> Int {
    try await database.read { try await $0.query(query)[0].decode(0, as: Int.self) }
}

/// Expects a number from a query.
func expectCount(
    _ expected: Int, _ query: SQLQuery, in database: some SQLClient,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let found = try await count(query, in: database)
    #expect(found == expected, sourceLocation: sourceLocation)
}

/// Runs statements outside a transaction.
func script(_ sql: String, on database: some SQLClient) async throws {
    try await database.withWriter { try await $0.executeScript(sql) }
}

/// Expects a ``MigrationError`` of a kind, and returns it.
@discardableResult
func expect<Result>(
    _ code: MigrationError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Result
) async -> MigrationError? {
    do {
        _ = try await body()
        Issue.record("expected \(code.rawValue), nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as MigrationError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("expected \(code.rawValue), got \(error)", sourceLocation: sourceLocation)
    }
    return nil
}

/// Collects values from several tasks.
final class Collected<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    var all: [Value] { values.withLock { $0 } }
    func add(_ value: Value) { values.withLock { $0.append(value) } }
}

/// Lends a PostgreSQL database of its own.
func withPostgres(
    size: Int = 4, overflow: Int = 10, dsn: String? = nil, configure: (inout PostgresConfiguration) -> Void = { _ in },
    notices: (@Sendable (PostgresNotice) -> Void)? = nil, _ body: (PostgresDatabase) async throws -> Void
) async throws {
    let address: String
    if let dsn { address = dsn } else { address = try await PostgresServer.shared().makeDatabase() }
    var configuration = try PostgresConfiguration(address)
    configure(&configuration)
    let database = try PostgresDatabase(
        configuration: configuration, poolConfiguration: PoolConfiguration(size: size, maxOverflow: overflow),
        notices: notices)
    do {
        try await body(database)
    } catch {
        await database.shutdown(drain: .zero)
        throw error
    }
    await database.shutdown(drain: .zero)
}

/// Lends a SQLite file of its own.
func withSQLite(
    configure: (inout SQLiteConfiguration) -> Void = { _ in }, _ body: (SQLiteDatabase) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("migrations-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var configuration = SQLiteConfiguration(path: folder + "/test.sqlite")
    configure(&configuration)
    let database = try SQLiteDatabase(configuration)
    do {
        try await body(database)
    } catch {
        await database.shutdown(drain: .zero)
        throw error
    }
    await database.shutdown(drain: .zero)
}

let needsPostgres: ConditionTrait = .enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation")
