public import SQLDatabase

/// A connection within ``SQLiteConnection/withSession(_:)``: the same statements, without `await`.
public struct SQLiteSession {
    let handle: Handle
    let scope: UInt64

    /// Runs one statement and returns all its rows.
    /// - Throws: ``SQLiteError``; `CancellationError` when the task was cancelled.
    public func query(_ query: SQLQuery) throws -> [SQLRow] {
        try now(handle.attemptRun(query, RunOptions(), as: .session(scope), nil)).rows
    }

    /// Runs one statement and returns the number of rows it changed.
    /// - Throws: ``SQLiteError``; `CancellationError` when the task was cancelled.
    @discardableResult
    public func execute(_ query: SQLQuery) throws -> Int {
        try now(handle.attemptRun(query, RunOptions(wantsRows: false), as: .session(scope), nil)).changes
    }

    /// Runs one statement once for each list of parameters, and returns the number of rows each run changed. Much faster
    /// than so many calls; the first error ends it.
    /// - Throws: ``SQLiteError``; `CancellationError` when the task was cancelled.
    @discardableResult
    public func execute(_ sql: String, each parameters: [[SQLValue]]) throws -> [Int] {
        try now(
            handle.attempt(
                as: .session(scope), nil, observing: sql, statements: parameters.count, rows: { $0.reduce(0, +) },
                { database, state in try handle.run(sql, each: parameters, database, &state) }))
    }

    /// Runs several statements without parameters, separated by semicolons.
    public func executeScript(_ sql: String) throws {
        try now(handle.attemptScript(sql, RunOptions(wantsRows: false), as: .session(scope), nil))
    }

    /// Runs one statement and lends its rows one by one, so that a result of any size takes little memory.
    ///
    /// ```swift
    /// let total = try session.withRows(of: "SELECT beds FROM wards") { rows in
    ///     var total = 0
    ///     while let row = try rows.next() { total += try row.decode("beds", as: Int.self) }
    ///     return total
    /// }
    /// ```
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - body: Reads the rows, and may run other statements of the session between them.
    /// - Throws: ``SQLiteError``, `CancellationError`, and what the body throws.
    public func withRows<Result>(of query: SQLQuery, _ body: (SQLiteSessionRows) throws -> Result) throws -> Result {
        let cursor = try now(handle.openCursor(query, timeout: nil, as: .session(scope), nil, ownsScope: false))
        let result: Result
        do { result = try body(SQLiteSessionRows(session: self, cursor: cursor)) } catch {
            try? handle.closeCursor(cursor)
            throw error
        }
        try handle.closeCursor(cursor)
        return result
    }

    /// Whether a transaction is open.
    public var isInTransaction: Bool { handle.isInTransaction }

    fileprivate func now<Value>(_ attempt: @autoclosure () throws -> Attempt<Value>) throws -> Value {
        guard case .done(let value) = try attempt() else {
            throw SQLiteError(.misuse, "the session was used outside the closure that lent it")
        }
        return value
    }
}

@available(*, unavailable)
extension SQLiteSession: Sendable {}

/// The rows of a statement within a session, one at a time.
public struct SQLiteSessionRows {
    private let session: SQLiteSession
    private let cursor: Cursor

    init(session: SQLiteSession, cursor: Cursor) {
        self.session = session
        self.cursor = cursor
    }

    /// Returns the next row; `nil` after the last.
    /// - Throws: ``SQLiteError``; `CancellationError` when the task was cancelled.
    public func next() throws -> SQLRow? {
        try session.now(
            session.handle.attempt(as: .session(session.scope), nil) { database, state in
                try cursor.read(session.handle, limit: 1, database, &state).first
            })
    }
}

@available(*, unavailable)
extension SQLiteSessionRows: Sendable {}
