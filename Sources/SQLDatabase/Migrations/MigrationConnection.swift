/// The connection on which a migration in Swift code runs, inside the migration's transaction.
///
/// Statements without a limit of their own have the limit of the migration instead of the connection's. Statements that
/// begin or end a transaction are refused; savepoints are allowed.
public final class MigrationConnection: SQLConnection {
    /// The connection of the engine, for what only one engine has. The transaction must not be ended through it.
    public let underlying: any SQLConnection
    private let limit: Duration

    init(_ underlying: any SQLConnection, limit: Duration) {
        self.underlying = underlying
        self.limit = limit
    }

    /// The engine behind the connection.
    public var dialect: SQLDialect { underlying.dialect }

    /// Runs one statement and returns all its rows.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: The longest time the statement may take; `nil` for the migration's limit.
    nonisolated(nonsending) public func query(_ query: SQLQuery, timeout: Duration?) async throws -> [SQLRow] {
        try check(query.sql)
        return try await underlying.query(query, timeout: timeout ?? limit)
    }

    /// Runs one statement and returns the number of rows it changed.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: As for ``query(_:timeout:)``.
    @discardableResult
    nonisolated(nonsending) public func execute(_ query: SQLQuery, timeout: Duration?) async throws -> Int {
        try check(query.sql)
        return try await underlying.execute(query, timeout: timeout ?? limit)
    }

    /// Runs several statements without parameters, separated by semicolons.
    /// - Parameters:
    ///   - sql: The statements.
    ///   - timeout: As for ``query(_:timeout:)``, for all statements together.
    nonisolated(nonsending) public func executeScript(_ sql: String, timeout: Duration?) async throws {
        try check(sql)
        try await underlying.executeScript(sql, timeout: timeout ?? limit)
    }

    private func check(_ sql: String) throws {
        let statements: [MigrationStatement]
        do {
            statements = try MigrationScript.closedStatements(of: sql, dialect: dialect)
        } catch {
            throw SQLQueryError(error.message)
        }
        for statement in statements where statement.controlsTransaction {
            throw SQLQueryError(
                "\(statement.words[0]) begins or ends a transaction, which a migration must not; remove it, or use "
                    + "SAVEPOINT to undo a part")
        }
    }
}

/// One run of a migration that works in batches.
public struct MigrationBatch: Sendable {
    /// What a batch returns.
    public enum Outcome: Sendable, Hashable {
        /// The checkpoint from which the next batch continues. It must differ from the previous one.
        case next(checkpoint: String)
        /// The migration is complete.
        case finished

        private var checkpoint: ExactText? {
            if case .next(let checkpoint) = self { ExactText(checkpoint) } else { nil }
        }

        /// Whether both finish the migration or continue from the same checkpoint, to the byte.
        public static func == (one: Outcome, other: Outcome) -> Bool { one.checkpoint == other.checkpoint }

        /// Hashes the checkpoint.
        public func hash(into hasher: inout Hasher) { hasher.combine(checkpoint) }
    }

    /// The connection, inside the batch's transaction.
    public let connection: MigrationConnection
    /// What the previous batch returned; `nil` for the first batch.
    public let checkpoint: String?
    /// The number of batches that were committed before this one, in earlier runs as well.
    public let completed: Int
}
