import CVitalsSQLite
import SQLDatabase

/// What a scope does to the transaction.
enum ScopeStyle: Sendable {
    /// `BEGIN` and `COMMIT`, or a savepoint where a transaction is open.
    case transaction
    /// A savepoint.
    case savepoint
    /// A transaction that reads; nothing where a transaction is open.
    case snapshot
    /// Nothing.
    case none
}

/// A scope that was opened.
struct OpenScope: Sendable {
    enum End: Sendable {
        /// With `COMMIT` or `ROLLBACK`.
        case transaction
        /// By the savepoint's name.
        case savepoint(String)
        case nothing
    }

    let number: UInt64
    let lease: UInt64
    let kind: Scope.Kind
    let end: End
    /// Whether the transaction began with the scope and ends with it.
    let beganTransaction: Bool
}

/// Opens and ends scopes, together with the statements that begin and end their transactions.
extension Handle {
    /// Opens a scope within the caller's.
    /// - Parameters:
    ///   - isReadOnly: Whether statements that write are refused; `nil` for what holds outside.
    ///   - options: For the statement that begins it.
    func openScope(
        _ kind: Scope.Kind, _ style: ScopeStyle, isReadOnly: Bool?,
        _ options: RunOptions = RunOptions(wantsRows: false, isInternal: true), as identity: ScopeIdentity,
        _ waiter: UInt64?
    ) throws -> Attempt<OpenScope> {
        // The statement depends on whether a transaction is open, which is known once the caller is admitted.
        var observation: StatementObservation?
        do {
            let result = try attempt(as: identity, waiter) { database, state -> OpenScope in
                try requireTransaction(database, state)
                let number = gate.nextNumber()
                let readsOnly = isReadOnly ?? state.isReading
                let isInTransaction = sqlite3_get_autocommit(database) == 0
                let (sql, end) = Self.beginning(
                    style, state.savepoints.depth, isInTransaction: isInTransaction, readsOnly: readsOnly)
                if let sql {
                    observation = observe(sql)
                    _ = try run(SQLQuery(unsafe: sql), options, database, &state)
                }
                let ownsTransaction = if case .nothing = end { false } else { true }
                gate.push(.init(number: number, isReadOnly: readsOnly, ownsTransaction: ownsTransaction))
                if ownsTransaction {
                    if !isInTransaction { state.savepoints.transactionEnded() }
                    state.savepoints.open(number)
                }
                scopesChanged(&state)
                return OpenScope(
                    number: number, lease: gate.lease, kind: kind, end: end,
                    beganTransaction: ownsTransaction && !isInTransaction)
            }
            observation?.end(rows: 0)
            return result
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    /// - Parameter depth: The number of scopes that own a transaction or savepoint. The savepoint's name is made of it, so
    ///   that names, and with them the texts of statements, are few and no two open ones are equal.
    private static func beginning(_ style: ScopeStyle, _ depth: Int, isInTransaction: Bool, readsOnly: Bool)
        -> (sql: String?, end: OpenScope.End)
    {
        let name = SavepointStack.name(atDepth: depth + 1)
        switch style {
        case .transaction where !isInTransaction:
            return (readsOnly ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE", .transaction)
        case .snapshot: return isInTransaction ? (nil, .nothing) : ("BEGIN DEFERRED", .transaction)
        case .none: return (nil, .nothing)
        case .transaction, .savepoint: return ("SAVEPOINT \(name)", .savepoint(name))
        }
    }

    /// Commits a transaction, or releases a savepoint, and ends its scope.
    /// - Throws: ``SQLiteError``; `CancellationError` when the task was cancelled before the commit began. The scope is
    ///   open then, and is to be rolled back.
    func commit(_ scope: OpenScope, _ waiter: UInt64?) throws -> Attempt<Void> {
        let sql: String
        switch scope.end {
        case .transaction: sql = "COMMIT"
        case .savepoint(let name): sql = "RELEASE \(name)"
        case .nothing: sql = ""
        }
        if sql.isEmpty { return try attempt(as: .scope(scope.number), waiter) { _, state in end(scope, &state) } }
        return try attempt(
            as: .scope(scope.number), waiter, observing: sql, rows: { _ in 0 },
            { database, state in
                if Task.isCancelled { throw CancellationError() }
                try requireTransaction(database, state)
                let writes = sqlite3_txn_state(database, "main") == SQLITE_TXN_WRITE
                if writes, case .transaction = scope.end { try requireFile() }
                do {
                    // Shielded: a commit that has begun ends with its own outcome.
                    let options = RunOptions(wantsRows: false, isShielded: true, isInternal: true, timeout: .unlimited)
                    _ = try run(SQLQuery(unsafe: sql), options, database, &state)
                } catch let error as SQLiteError where error.code == .ioError && writes {
                    throw SQLiteError(
                        .commitUnknown,
                        "the disk under \(path) failed during COMMIT: the transaction was undone here, but after a crash "
                            + "it may be found as committed; check the disk, then the data",
                        resultCode: error.resultCode, underlying: error)
                }
                end(scope, &state)
            })
    }

    /// Undoes what a scope did and ends it and all scopes within it, whoever holds the connection.
    func rollBack(_ scope: OpenScope) throws {
        defer { gate.passOn() }
        try withDatabase { database, state in
            guard gate.isOpen(scope.number) else { return }
            defer { end(scope, &state) }
            guard sqlite3_get_autocommit(database) == 0 else { return }
            let options = RunOptions(wantsRows: false, isShielded: true, isInternal: true, timeout: .unlimited)
            switch scope.end {
            case .transaction: try runScript("ROLLBACK", options, database, &state)
            case .savepoint(let name): try runScript("ROLLBACK TO \(name); RELEASE \(name)", options, database, &state)
            case .nothing: break
            }
        }
    }

    /// Ends a scope without a statement.
    func closeScope(_ number: UInt64) {
        try? withDatabase { _, state in
            guard gate.isOpen(number) else { return }
            gate.pop(number)
            scopesChanged(&state)
        }
        gate.passOn()
    }

    private func end(_ scope: OpenScope, _ state: inout State) {
        gate.pop(scope.number)
        state.savepoints.close(scope.number)
        if scope.beganTransaction { state.hasLostTransaction = false }
        scopesChanged(&state)
    }
}
