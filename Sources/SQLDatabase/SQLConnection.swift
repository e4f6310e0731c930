/// What the two SQL engines have in common: run a statement, read its rows.
///
/// Code that must run on either engine is written against this protocol; code that plays to one engine's strengths
/// uses that engine's own connection.
public protocol SQLConnection: AnyObject, Sendable {
    /// Which engine answers.
    var dialect: SQLDialect { get }

    /// Runs one statement and returns all its rows.
    func query(_ query: SQLQuery) async throws -> [SQLRow]

    /// Runs one statement and returns how many rows it changed.
    @discardableResult
    func execute(_ query: SQLQuery) async throws -> Int

    /// Runs several statements that take no parameters, separated by semicolons.
    func executeScript(_ sql: String) async throws
}

/// A database that lends connections of one engine.
public protocol SQLDatabase: Sendable {
    /// The engine's connection.
    associatedtype Connection: SQLConnection

    /// Which engine answers.
    var dialect: SQLDialect { get }

    /// Lends a connection that may read and, on SQLite, must not write.
    func read<Result: Sendable>(_ body: @Sendable (Connection) async throws -> Result) async throws -> Result

    /// Runs the body in one transaction that commits when it returns and rolls back when it throws.
    func write<Result: Sendable>(_ body: @Sendable (Connection) async throws -> Result) async throws -> Result

    /// Keeps house until the task is cancelled, then shuts the database down.
    func run() async
}

/// The engines.
public enum SQLDialect: String, Sendable, Hashable, CaseIterable {
    case postgres
    case sqlite
}
