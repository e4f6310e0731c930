import DriverExecutors
public import SQLDatabase

/// A connection to a SQLite file.
///
/// ```swift
/// let rows = try await connection.query("SELECT name, born FROM patients WHERE id = \(id)")
/// let name = try rows[0].decode("name", as: String.self)
/// ```
///
/// Statements run on threads of the database's own, except for a short query that needs neither the disk nor a lock,
/// which runs on the caller's. A task that already runs there, such as the body of
/// ``SQLiteDatabase/read(timeout:priority:file:line:_:)``, calls SQLite in place. A statement ends early when its task is
/// cancelled or its deadline passes, and the connection can be used again at once.
///
/// Several tasks may use one connection at the same time: their statements run one after another. While a transaction,
/// a savepoint, a cursor or a session is open, only the statements of its own closure and of the child tasks of that
/// closure run; the statements of all other tasks wait until it ends, first come, first served.
///
/// A connection belongs to the closure that lent it. Once that has returned, each statement throws
/// ``SQLiteError/Code/misuse``, also when another closure has the same connection by then.
public final class SQLiteConnection: SQLConnection {
    let handle: Handle
    /// The state that a reset restores, for a database in memory.
    let clean: CleanSession?
    let threads: ThreadExecutor
    /// The loan that the connection was made for; 0 for the pool's own, which lasts as long as the handle.
    let loan: UInt64

    init(handle: Handle, threads: ThreadExecutor, clean: CleanSession? = nil, loan: UInt64 = 0) {
        self.handle = handle
        self.threads = threads
        self.clean = clean
        self.loan = loan
    }

    /// The connection for a borrower: the same one until the current loan ends, and refused afterwards.
    func lent() -> SQLiteConnection {
        SQLiteConnection(handle: handle, threads: threads, clean: clean, loan: handle.gate.lease)
    }

    /// ``SQLDatabase/SQLDialect/sqlite``.
    public var dialect: SQLDialect { .sqlite }

    /// Whether a transaction is open.
    public var isInTransaction: Bool { handle.isInTransaction(loan) }

    /// Runs one statement and returns all its rows.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: The longest time the statement may take, including the wait for its turn; `nil` for the configured
    ///     limit.
    nonisolated(nonsending) public func query(_ query: SQLQuery, timeout: Duration?) async throws -> [SQLRow] {
        if handle.runsInPlace, timeout.map({ $0 > .zero }) ?? true, !threads.isCurrent,
            let rows = try handle.runInPlace(query, loan)
        {
            return rows
        }
        return try await run(query, RunOptions(timeout: timeout)).rows
    }

    /// Runs one statement and returns the number of rows it changed.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: As for ``query(_:timeout:)``.
    @discardableResult
    nonisolated(nonsending) public func execute(_ query: SQLQuery, timeout: Duration?) async throws -> Int {
        try await run(query, RunOptions(wantsRows: false, timeout: timeout)).changes
    }

    /// Runs several statements without parameters, separated by semicolons.
    /// - Throws: The first ``SQLiteError``; the statements after it have not run.
    nonisolated(nonsending) public func executeScript(_ sql: String, timeout: Duration?) async throws {
        try await script(sql, RunOptions(timeout: timeout))
    }

    /// Calls a body that runs several statements without suspending between them. Statements of other tasks wait.
    ///
    /// ```swift
    /// let ids = try await connection.withSession { session in
    ///     for name in names { try session.execute("INSERT INTO wards (name) VALUES (\(name))") }
    ///     return try session.query("SELECT id FROM wards").map { try $0.decode(0, as: Int.self) }
    /// }
    /// ```
    public func withSession<Result: Sendable>(_ body: (SQLiteSession) throws -> Result) async throws -> Result {
        let scope = try await perform { waiter, _ in
            try handle.openScope(.savepoint, .none, isReadOnly: nil, as: .task(loan), waiter)
        }
        defer { handle.closeScope(scope.number) }
        return try await threads.run { try body(SQLiteSession(handle: handle, scope: scope.number)) }
    }

    // MARK: Parts

    nonisolated(nonsending) func run(_ query: SQLQuery, _ options: RunOptions) async throws -> Outcome {
        try await perform(timeout: options.timeout) { waiter, waited in
            try handle.attemptRun(query, options.after(waited), as: .task(loan), waiter)
        }
    }

    nonisolated(nonsending) func script(_ sql: String, _ options: RunOptions) async throws {
        try await perform(timeout: options.timeout) { waiter, waited in
            try handle.attemptScript(sql, options.after(waited), as: .task(loan), waiter)
        }
    }

    /// Runs a statement of the pool's, which belongs to no borrower.
    nonisolated(nonsending) func maintain(_ body: @Sendable () throws -> Void) async throws {
        try await onThreads(body)
    }

    /// Makes a call on the threads, again and again until the connection is free for it.
    /// - Parameters:
    ///   - timeout: The longest wait; instead of the configured limit.
    ///   - attempt: The call. It gets the waiter's number and the time it has waited.
    @inline(__always)
    nonisolated(nonsending) func perform<Value: Sendable>(
        timeout: Duration? = nil, _ attempt: @Sendable (UInt64?, Duration) throws -> Attempt<Value>
    ) async throws -> Value {
        switch try await onThreads({ try attempt(nil, .zero) }) {
        case .done(let value): return value
        case .wait(let waiter): return try await perform(waiter, timeout: timeout, attempt)
        }
    }

    @inline(never)
    nonisolated(nonsending) private func perform<Value: Sendable>(
        _ waiter: UInt64, timeout: Duration?, _ attempt: @Sendable (UInt64?, Duration) throws -> Attempt<Value>
    ) async throws -> Value {
        let settings = handle.configuration
        let limit = timeout ?? settings.statementTimeout ?? settings.acquireTimeout
        let start = ContinuousClock.now
        var waiter = waiter
        while true {
            let rest = limit - (ContinuousClock.now - start)
            try await handle.gate.wait(waiter, limit: limit == .unlimited ? nil : max(.zero, rest))
            let waited = ContinuousClock.now - start
            switch try await onThreads({ [waiter] in try attempt(waiter, waited) }) {
            case .done(let value): return value
            case .wait(let next): waiter = next
            }
        }
    }

    /// In place for a caller that runs on the threads already, which every `read` and `write` does.
    @inline(__always)
    nonisolated(nonsending) private func onThreads<Value: Sendable>(_ body: @Sendable () throws -> Value) async throws
        -> Value
    {
        if threads.isCurrent { return try body() }
        return try await threads.run(body)
    }

    func close() async {
        await threads.run { handle.close() }
    }
}

extension RunOptions {
    /// The options for a statement that waited for its turn.
    func after(_ waited: Duration) -> RunOptions {
        guard waited > .zero, let timeout, timeout != .unlimited else { return self }
        var options = self
        options.timeout = max(.zero, timeout - waited)
        return options
    }
}

extension Handle {
    func attemptRun(_ query: SQLQuery, _ options: RunOptions, as identity: ScopeIdentity, _ waiter: UInt64?) throws
        -> Attempt<Outcome>
    {
        try attempt(
            as: identity, waiter, observing: query.sql, rows: { options.wantsRows ? $0.rows.count : $0.changes },
            { database, state in try run(query, options, database, &state) })
    }

    func attemptScript(_ sql: String, _ options: RunOptions, as identity: ScopeIdentity, _ waiter: UInt64?) throws
        -> Attempt<Void>
    {
        try attempt(
            as: identity, waiter, observing: sql, rows: { _ in 0 },
            { database, state in try runScript(sql, options, database, &state) })
    }
}
