/// A session with a database: runs statements and transactions.
///
/// Write code that must run on either engine against this protocol. Code that depends on one engine's features uses
/// that engine's own connection type.
public protocol SQLConnection: AnyObject, Sendable {
    /// The engine behind the connection.
    var dialect: SQLDialect { get }

    /// Runs one statement and returns all its rows.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: The longest time the statement may take, including the wait for its turn on the connection;
    ///     `nil` for the configured limit, ``Swift/Duration/unlimited`` for none.
    nonisolated(nonsending) func query(_ query: SQLQuery, timeout: Duration?) async throws -> [SQLRow]

    /// Runs one statement and returns the number of rows it changed.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: As for ``query(_:timeout:)``.
    @discardableResult
    nonisolated(nonsending) func execute(_ query: SQLQuery, timeout: Duration?) async throws -> Int

    /// Runs several statements without parameters, separated by semicolons.
    /// - Parameters:
    ///   - sql: The statements.
    ///   - timeout: As for ``query(_:timeout:)``, for all statements together.
    nonisolated(nonsending) func executeScript(_ sql: String, timeout: Duration?) async throws
}

extension SQLConnection {
    /// Runs one statement under the configured time limit and returns all its rows.
    nonisolated(nonsending) public func query(_ query: SQLQuery) async throws -> [SQLRow] {
        try await self.query(query, timeout: nil)
    }

    /// Runs one statement under the configured time limit and returns the number of rows it changed.
    @discardableResult
    nonisolated(nonsending) public func execute(_ query: SQLQuery) async throws -> Int {
        try await execute(query, timeout: nil)
    }

    /// Runs several statements without parameters, separated by semicolons, under the configured time limit.
    nonisolated(nonsending) public func executeScript(_ sql: String) async throws {
        try await executeScript(sql, timeout: nil)
    }
}

/// A database that lends connections of one engine from a pool.
///
/// The parameters that every method shares: `timeout` is the longest wait for a connection (`nil` for the pool's
/// setting), `priority` orders those that wait (each unit counts as one second of waiting), and `file` and `line` are
/// the call site that reports of leaks and nested acquires name.
public protocol SQLClient: Sendable {
    /// The engine's connection.
    associatedtype Connection: SQLConnection

    /// The engine behind the connections.
    var dialect: SQLDialect { get }

    /// Lends a connection for reading: statements that write are refused.
    func read<Result: Sendable>(
        timeout: Duration?, priority: Int, file: StaticString, line: UInt,
        _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result

    /// Runs the body in one transaction that commits when it returns and rolls back when it throws.
    func write<Result: Sendable>(
        timeout: Duration?, priority: Int, file: StaticString, line: UInt,
        _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result

    /// Lends a connection that may write, outside any transaction, for statements that cannot run in one.
    func withWriter<Result: Sendable>(
        timeout: Duration?, priority: Int, file: StaticString, line: UInt,
        _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result

    /// Runs maintenance until the task is canceled, then shuts the database down.
    func run() async

    /// Waits for lent connections to return, then closes all connections.
    /// - Parameter drain: The longest wait before lent connections are closed while still in use.
    func shutdown(drain: Duration) async
}

extension SQLClient {
    /// Lends a connection for reading: statements that write are refused.
    public func read<Result: Sendable>(
        file: StaticString = #fileID, line: UInt = #line, _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        try await read(timeout: nil, priority: 0, file: file, line: line, body)
    }

    /// Runs the body in one transaction that commits when it returns and rolls back when it throws.
    @discardableResult
    public func write<Result: Sendable>(
        file: StaticString = #fileID, line: UInt = #line, _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        try await write(timeout: nil, priority: 0, file: file, line: line, body)
    }

    /// Lends a connection that may write, outside any transaction, for statements that cannot run in one.
    @discardableResult
    public func withWriter<Result: Sendable>(
        file: StaticString = #fileID, line: UInt = #line, _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        try await withWriter(timeout: nil, priority: 0, file: file, line: line, body)
    }
}

extension Duration {
    /// No time limit, where a parameter takes a limit and `nil` stands for the configured one.
    public static var unlimited: Duration { .seconds(Int64.max) }
}

/// The database engines.
public enum SQLDialect: String, Sendable, Hashable, CaseIterable {
    case postgres
    case sqlite
}
