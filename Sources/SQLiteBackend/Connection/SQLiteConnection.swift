import DriverExecutors
public import SQLDatabase

/// A connection to a SQLite file.
///
/// ```swift
/// let rows = try await connection.query("SELECT name, born FROM patients WHERE id = \(id)")
/// let name = try rows[0].decode("name", as: String.self)
/// ```
///
/// Statements run on threads of the database's own. A task that already runs there, such as the body of
/// ``SQLiteDatabase/read(_:)``, calls SQLite in place. A statement ends early when its task is cancelled or its
/// deadline passes, and the connection can be used again at once.
public final class SQLiteConnection: SQLConnection {
    let handle: Handle
    private let threads: ThreadExecutor

    init(handle: Handle, threads: ThreadExecutor) {
        self.handle = handle
        self.threads = threads
    }

    /// ``SQLDatabase/SQLDialect/sqlite``.
    public var dialect: SQLDialect { .sqlite }

    /// Whether a transaction is open.
    public var isInTransaction: Bool { handle.isInTransaction }

    /// Runs one statement and returns all its rows.
    /// - Parameter timeout: How long it may run; instead of the configuration's limit.
    nonisolated(nonsending) public func query(_ query: SQLQuery, timeout: Duration?) async throws -> [SQLRow] {
        try await call { try handle.run(query, wantsRows: true, timeout: timeout).rows }
    }

    /// Runs one statement and returns how many rows it changed.
    /// - Parameter timeout: How long it may run; instead of the configuration's limit.
    @discardableResult
    nonisolated(nonsending) public func execute(_ query: SQLQuery, timeout: Duration?) async throws -> Int {
        try await call { try handle.run(query, wantsRows: false, timeout: timeout).changes }
    }

    /// Runs several statements that take no parameters, separated by semicolons.
    /// - Throws: The first ``SQLiteError``; the statements after it have not run.
    nonisolated(nonsending) public func executeScript(_ sql: String, timeout: Duration?) async throws {
        try await call { try handle.runScript(sql, timeout: timeout) }
    }

    /// Calls a body that runs several statements without suspending between them.
    ///
    /// ```swift
    /// let ids = try await connection.withSession { session in
    ///     for name in names { try session.execute("INSERT INTO wards (name) VALUES (\(name))") }
    ///     return try session.query("SELECT id FROM wards").map { try $0.decode(0, as: Int.self) }
    /// }
    /// ```
    public func withSession<Result: Sendable>(_ body: (SQLiteSession) throws -> Result) async throws -> Result {
        try await threads.run { try body(SQLiteSession(handle: handle)) }
    }

    nonisolated(nonsending) func script(_ sql: String, shielded: Bool) async throws {
        try await call { try handle.runScript(sql, shielded: shielded) }
    }

    nonisolated(nonsending) func command(_ query: SQLQuery, shielded: Bool = false) async throws {
        _ = try await call { try handle.run(query, wantsRows: false, shielded: shielded) }
    }

    /// In place for a caller that runs on the threads already, which every `read` and `write` does.
    @inline(__always)
    nonisolated(nonsending) private func call<Result: Sendable>(_ body: @Sendable () throws -> Result) async throws
        -> Result
    {
        if threads.isCurrent { return try body() }
        return try await threads.run(body)
    }

    func close() async {
        await threads.run { handle.close() }
    }
}
