import DriverExecutors
public import SQLDatabase

/// How far a transaction is shielded from others.
public enum IsolationLevel: String, Sendable, Hashable, CaseIterable, Comparable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"

    /// The stricter one is greater.
    public static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }

    private var rank: Int {
        switch self {
        case .readCommitted: 0
        case .repeatableRead: 1
        case .serializable: 2
        }
    }
}

extension PostgresConnection {
    /// Runs the body in a transaction that commits when it returns and rolls back when it throws. Inside a transaction
    /// it is a savepoint.
    ///
    /// Until the body ends, only statements of its own task and of that task's children run on the connection; those of
    /// other tasks wait. So a rollback never undoes another task's work.
    ///
    /// `COMMIT` and `ROLLBACK` are sent, and their answers awaited, even when the task has been canceled.
    /// - Parameters:
    ///   - isolation: The server's default when `nil`. Inside a transaction it cannot be a stricter level than the one
    ///     that the outermost was begun with.
    ///   - readOnly: Whether writing is refused, inside a transaction until the savepoint ends. A body that begins with
    ///     `SET TRANSACTION READ WRITE` takes it back.
    ///   - retry: Whether the body runs again when the transaction lost to another one. Only at the outermost level.
    /// - Throws: What the body throws; ``PostgresError/Code/transactionAborted`` when a statement failed and the body
    ///   returned all the same; ``PostgresError/Code/commitUnknown`` when the answer to the commit was lost.
    @discardableResult
    nonisolated(nonsending) public func withTransaction<Result>(
        isolation: IsolationLevel? = nil, readOnly: Bool = false, retry: TransactionRetry = .never,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        var begin = "BEGIN"
        if let isolation { begin += " ISOLATION LEVEL \(isolation.rawValue)" }
        if readOnly || loan.isReadOnly { begin += " READ ONLY" }
        // After a query the server no longer takes SET TRANSACTION READ WRITE.
        if loan.isReadOnly { begin += "; SELECT" }
        return try await inScope(isolation: isolation, readOnly: readOnly) { isNested in
            if isNested { return try await savepoint(readOnly: readOnly, body) }
            var runs = 0
            while true {
                runs += 1
                do {
                    return try await once(begin, body)
                } catch let error as PostgresError where error.isRetryable && runs < retry.attempts {
                    try await Task.sleep(for: retry.pause(after: runs))
                }
            }
        }
    }

    /// Runs the body in a savepoint: when it throws, what it did is undone and the transaction goes on.
    @discardableResult
    nonisolated(nonsending) public func withSavepoint<Result>(
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await inScope { _ in try await savepoint(body) }
    }

    /// Runs a body while only its own task and that task's children may use the session. Tells the body whether it runs
    /// inside a transaction.
    nonisolated(nonsending) private func inScope<Result>(
        isolation: IsolationLevel? = nil, readOnly: Bool = false,
        _ body: nonisolated(nonsending) (Bool) async throws -> Result
    ) async throws -> Result {
        let parent = TransactionScope.innermost(of: session, loan)
        let scope = TransactionScope(
            session: session.number, loan: loan, parent: TransactionScope.current,
            isolation: parent?.isolation ?? isolation,
            isReadOnly: readOnly)
        try await session.open(scope, within: parent, of: loan, deadline: limits.deadline(nil))
        defer { session.close(scope) }
        let isNested = parent != nil || transactionStatus != .idle
        if isNested, let isolation, parent?.isolation.map({ $0 < isolation }) ?? true {
            throw PostgresError(
                .notSupported,
                "a transaction inside a transaction has the outer one's isolation level, which is not known to be "
                    + "\(isolation.rawValue): ask for it outermost")
        }
        return try await TransactionScope.$current.withValue(scope) { try await body(isNested) }
    }

    nonisolated(nonsending) private func once<Result>(
        _ begin: String, _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        do {
            try await script(begin)
            let result = try await body(self)
            if transactionStatus == .idle {
                throw PostgresError(
                    .transactionAborted,
                    "a statement ended the transaction: leave that to the end of its body",
                    outcome: .unknown)
            }
            try await commit()
            return result
        } catch {
            if !session.connectionStatus.isBroken { _ = try? await script("ROLLBACK", shielded: true) }
            throw error
        }
    }

    nonisolated(nonsending) private func commit() async throws {
        let tag: String
        do {
            tag = try await script("COMMIT", shielded: true)
        } catch let error as PostgresError where error.outcome == .unknown {
            throw PostgresError(
                .commitUnknown,
                "the answer to COMMIT was lost: it is not known whether the transaction was committed",
                outcome: .unknown, underlying: error)
        }
        if tag == "ROLLBACK" { throw PostgresError.rolledBackInstead }
    }

    nonisolated(nonsending) private func savepoint<Result>(
        readOnly: Bool = false, _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        let name = "vitals_\(session.nextSavepoint())"
        do {
            // The end of the savepoint restores what it was before.
            try await script("SAVEPOINT \(name)" + (readOnly ? "; SET TRANSACTION READ ONLY" : ""))
            let result = try await body(self)
            try await script("RELEASE SAVEPOINT \(name)")
            return result
        } catch {
            if !session.connectionStatus.isBroken {
                _ = try? await script("ROLLBACK TO SAVEPOINT \(name); RELEASE SAVEPOINT \(name)", shielded: true)
            }
            throw error
        }
    }
}
