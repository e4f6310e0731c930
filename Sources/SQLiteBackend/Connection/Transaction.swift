public import SQLDatabase

extension SQLiteConnection {
    /// Runs the body in a transaction that commits when it returns and rolls back when it throws. Inside a transaction
    /// it is a savepoint.
    ///
    /// It takes the write lock at its start, so that it never fails half-way because another one wrote first. While it
    /// is open only the statements of the body and of its child tasks run; the statements and transactions of other
    /// tasks wait until it ends. The commit itself is not cancelled: a task that is cancelled before it gets
    /// `CancellationError` and nothing is kept, a task that is cancelled during it gets the commit's own outcome.
    /// - Parameters:
    ///   - retry: Whether the body runs again when another process held the lock. Only at the outermost level.
    ///   - body: Uses the connection.
    /// - Throws: What the body throws; ``SQLiteError/Code/locked`` when another process holds the lock for longer than
    ///   the busy timeout; ``SQLiteError/Code/transactionAborted`` from each further statement, and when the body returns,
    ///   once SQLite has rolled the transaction back by itself; ``SQLiteError/Code/commitUnknown`` when the disk failed during the commit.
    @discardableResult
    public func withTransaction<Result>(
        retry: TransactionRetry = .never, _ body: (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        try await transaction(retry: retry, timeout: nil, body)
    }

    /// ``withTransaction(retry:_:)`` whose beginning has a time limit; the configured one when `nil`.
    func transaction<Result>(
        retry: TransactionRetry, timeout: Duration?, _ body: (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        var runs = 0
        while true {
            runs += 1
            var wasOutermost = false
            do {
                return try await inScope(
                    .transaction, .transaction, isReadOnly: nil, timeout: timeout, wasOutermost: &wasOutermost, body)
            } catch let error as SQLiteError where error.isRetryable && wasOutermost && runs < retry.attempts {
                try await Task.sleep(for: retry.pause(after: runs))
            }
        }
    }

    /// Runs the body in a savepoint: when it throws, what it did is undone and the transaction goes on.
    @discardableResult
    public func withSavepoint<Result>(_ body: (SQLiteConnection) async throws -> Result) async throws -> Result {
        var wasOutermost = false
        return try await inScope(.savepoint, .savepoint, isReadOnly: nil, wasOutermost: &wasOutermost, body)
    }

    /// Runs the body in a transaction that reads: all its statements see the database as it was at the first of them.
    @discardableResult
    public func withSnapshot<Result>(_ body: (SQLiteConnection) async throws -> Result) async throws -> Result {
        var wasOutermost = false
        return try await inScope(.snapshot, .snapshot, isReadOnly: nil, wasOutermost: &wasOutermost, body)
    }

    /// Runs the body with foreign keys switched off, in a transaction that commits only when every one of them holds:
    /// SQLite's own procedure for rebuilding a table that others refer to.
    ///
    /// ```swift
    /// try await database.withWriter { connection in
    ///     try await connection.withSchemaChange { connection in
    ///         try await connection.executeScript(
    ///             """
    ///             CREATE TABLE wards_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    ///             INSERT INTO wards_new SELECT id, name FROM wards;
    ///             DROP TABLE wards;
    ///             ALTER TABLE wards_new RENAME TO wards
    ///             """)
    ///     }
    /// }
    /// ```
    /// - Throws: ``SQLiteError/Code/misuse`` inside a transaction, where SQLite cannot switch foreign keys off;
    ///   ``SQLiteError/Code/foreignKeyViolation`` that names the table whose rows refer to nothing; what the body throws.
    ///   Nothing is kept then.
    @discardableResult
    public func withSchemaChange<Result>(_ body: (SQLiteConnection) async throws -> Result) async throws -> Result {
        // In a scope of its own, so that no other task's statement runs while foreign keys are off.
        var wasOutermost = false
        return try await inScope(.savepoint, .none, isReadOnly: nil, wasOutermost: &wasOutermost) {
            try await $0.schemaChange(body)
        }
    }

    private func schemaChange<Result>(_ body: (SQLiteConnection) async throws -> Result) async throws -> Result {
        let wereOn = try await query("PRAGMA foreign_keys").first?.values.first == .integer(1)
        guard wereOn else { return try await checked(body) }
        try await execute("PRAGMA foreign_keys = OFF")
        let result: Result
        do { result = try await checked(body) } catch {
            try await script("PRAGMA foreign_keys = ON", RunOptions(isShielded: true, isInternal: true))
            throw error
        }
        try await script("PRAGMA foreign_keys = ON", RunOptions(isShielded: true, isInternal: true))
        return result
    }

    private func checked<Result>(_ body: (SQLiteConnection) async throws -> Result) async throws -> Result {
        try await withTransaction { connection in
            let result = try await body(connection)
            guard let row = try await connection.firstViolation() else { return result }
            guard case .text(let table) = row.values[0], case .text(let parent) = row.values[2] else { return result }
            throw SQLiteError(
                .foreignKeyViolation,
                "after the change rows of \(table) refer to rows of \(parent) that are not there; nothing was kept",
                constraint: table)
        }
    }

    /// The first row that refers to nothing.
    private func firstViolation() async throws -> SQLRow? {
        do {
            return try await query("PRAGMA foreign_key_check").first
        } catch let error as SQLiteError where error.code == .other {
            // A parent that lost the key that its children refer to.
            throw SQLiteError(
                .foreignKeyViolation,
                "after the change the foreign keys do not fit their tables: \(error.message); nothing was kept")
        }
    }

    // MARK: Parts

    /// Runs the body in a scope.
    /// - Parameters:
    ///   - timeout: The longest time for the statement that begins it; the configured limit when `nil`.
    ///   - wasOutermost: Set to whether the scope began a transaction, or failed to.
    func inScope<Result>(
        _ kind: Scope.Kind, _ style: ScopeStyle, isReadOnly: Bool?, timeout: Duration? = nil, wasOutermost: inout Bool,
        _ body: (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        wasOutermost = !isInTransaction
        let open = try await perform(timeout: timeout) { waiter, waited in
            let options = RunOptions(wantsRows: false, isInternal: true, timeout: timeout).after(waited)
            return try handle.openScope(kind, style, isReadOnly: isReadOnly, options, as: .task(loan), waiter)
        }
        wasOutermost = if case .transaction = open.end { true } else { false }
        let scope = Scope(kind, on: self, lease: open.lease, number: open.number)
        do {
            let result = try await Scope.$current.withValue(scope) { try await body(self) }
            // Not the statement's limit: the wait is for scopes that tasks of the body left open.
            try await perform(timeout: handle.configuration.acquireTimeout) { waiter, _ in
                try handle.commit(open, waiter)
            }
            return result
        } catch {
            // Where even that fails, the pool finds the transaction open and closes the connection.
            try? await maintain { try handle.rollBack(open) }
            throw error
        }
    }
}
