import ConnectionPool
import Foundation
import SQLDatabase
import SQLiteBackend
import Testing

/// Lends a database in a folder of its own, and removes both.
func withDatabase(
    inMemory: Bool = false, _ change: (inout SQLiteConfiguration) -> Void = { _ in },
    prepare: (@Sendable (SQLiteSetup) throws -> Void)? = nil, observer: (any PoolObserver)? = nil,
    _ body: (SQLiteDatabase) async throws -> Void
) async throws {
    try await withFolder { folder in
        var configuration = SQLiteConfiguration(path: inMemory ? ":memory:" : folder + "/test.sqlite")
        change(&configuration)
        let database = try SQLiteDatabase(configuration, observer: observer, prepare: prepare)
        do {
            try await body(database)
        } catch {
            await database.shutdown()
            throw error
        }
        await database.shutdown()
    }
}

/// Lends an empty folder.
func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sqlite-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

extension SQLiteDatabase {
    /// Reads with one statement: the rows' values.
    func rows(_ query: SQLQuery) async throws -> [[SQLValue]] {
        try await read { try await $0.query(query).map(\.values) }
    }

    /// Reads one integer.
    func integer(_ query: SQLQuery) async throws -> Int {
        guard case .integer(let number) = try await rows(query)[0][0] else { throw NotAnInteger() }
        return Int(number)
    }

    /// Writes in one transaction.
    func run(_ script: String) async throws {
        try await write { try await $0.executeScript(script) }
    }
}

struct NotAnInteger: Error {}

/// Expects a ``SQLiteError`` of a kind, and returns it.
@discardableResult
func expect<Result>(
    _ code: SQLiteError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Result
) async -> SQLiteError? {
    do {
        _ = try await body()
        Issue.record("expected \(code), nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as SQLiteError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("expected \(code), got \(error)", sourceLocation: sourceLocation)
    }
    return nil
}

/// A statement that a test puts together itself.
func statement(_ sql: String, _ parameters: [SQLValue] = []) -> SQLQuery { SQLQuery(unsafe: sql, parameters) }
