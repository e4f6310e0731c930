public import SQLDatabase

/// A connection within ``SQLiteConnection/withSession(_:)``: the same statements, without `await`.
public struct SQLiteSession {
    let handle: Handle

    /// Runs one statement and returns all its rows.
    /// - Throws: ``SQLiteError``; `CancellationError` when the task was cancelled.
    public func query(_ query: SQLQuery) throws -> [SQLRow] {
        try handle.run(query, wantsRows: true).rows
    }

    /// Runs one statement and returns how many rows it changed.
    /// - Throws: ``SQLiteError``; `CancellationError` when the task was cancelled.
    @discardableResult
    public func execute(_ query: SQLQuery) throws -> Int {
        try handle.run(query, wantsRows: false).changes
    }

    /// Runs one statement once for each list of parameters, and returns how many rows each run changed. Much faster
    /// than so many calls; the first error ends it.
    /// - Throws: ``SQLiteError``; `CancellationError` when the task was cancelled.
    @discardableResult
    public func execute(_ sql: String, each parameters: [[SQLValue]]) throws -> [Int] {
        try handle.run(sql, each: parameters)
    }

    /// Runs several statements that take no parameters, separated by semicolons.
    public func executeScript(_ sql: String) throws {
        try handle.runScript(sql)
    }

    /// Whether a transaction is open.
    public var isInTransaction: Bool { handle.isInTransaction }
}

@available(*, unavailable)
extension SQLiteSession: Sendable {}
