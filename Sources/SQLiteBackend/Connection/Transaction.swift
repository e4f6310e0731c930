import SQLDatabase

extension SQLiteConnection {
    /// Runs the body in a transaction that commits when it returns and rolls back when it throws. Inside a transaction
    /// it is a savepoint.
    ///
    /// It takes the write lock at its start, so that it never fails half-way because another one wrote first.
    /// - Throws: What the body throws; ``SQLiteError/Code/locked`` when another process holds the lock for longer than
    ///   the busy timeout; ``SQLiteError/Code/transactionAborted`` when SQLite rolled back by itself and the body
    ///   returned all the same.
    @discardableResult
    public func withTransaction<Result>(_ body: (SQLiteConnection) async throws -> Result) async throws -> Result {
        if isInTransaction { return try await withSavepoint(body) }
        return try await transaction("BEGIN IMMEDIATE", body)
    }

    /// Runs the body in a transaction that reads: all its statements see the database as it was at the first of them.
    @discardableResult
    public func withSnapshot<Result>(_ body: (SQLiteConnection) async throws -> Result) async throws -> Result {
        if isInTransaction { return try await body(self) }
        return try await transaction("BEGIN DEFERRED", body)
    }

    private func transaction<Result>(
        _ begin: SQLQuery, _ body: (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        try await command(begin)
        do {
            let result = try await body(self)
            guard isInTransaction else {
                throw SQLiteError(
                    .transactionAborted,
                    "a statement failed and SQLite rolled the transaction back, so nothing was kept")
            }
            try await command("COMMIT")
            return result
        } catch {
            try await rollBack()
            throw error
        }
    }

    /// Rolls back where a transaction is still open: on a full disk, for one, SQLite has already done so.
    func rollBack() async throws {
        if isInTransaction { try await command("ROLLBACK", shielded: true) }
    }

    /// Runs the body in a savepoint: when it throws, what it did is undone and the transaction goes on.
    @discardableResult
    public func withSavepoint<Result>(_ body: (SQLiteConnection) async throws -> Result) async throws -> Result {
        // Names may repeat: SQLite takes the innermost.
        try await command("SAVEPOINT vitals")
        do {
            let result = try await body(self)
            try await command("RELEASE vitals")
            return result
        } catch {
            if isInTransaction { try await script("ROLLBACK TO vitals; RELEASE vitals", shielded: true) }
            throw error
        }
    }
}
