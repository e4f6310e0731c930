public import SQLDatabase

/// A session with a PostgreSQL server.
///
/// ```swift
/// let rows = try await connection.query("SELECT name, born FROM patients WHERE id = \(id)")
/// let name = try rows[0].decode("name", as: String.self)
/// ```
///
/// Statements sent from several tasks run one after the other, in the order of their calls. When a task is canceled,
/// or a statement runs past its time limit, the statement is canceled on the server and the call throws once the server
/// has confirmed it; a statement that was completed all the same returns its result. When the server does not answer
/// within half a second the call throws a ``PostgresError`` whose ``PostgresError/outcome-swift.property`` is unknown.
/// The next statement on this connection waits until the server has ended the canceled one.
///
/// A borrower uses it until the closure that lent it returns. Afterwards its statements are refused.
public final class PostgresConnection: SQLConnection {
    let session: PostgresSession
    /// The loan that it was made for.
    let loan: Loan
    private let context: Context
    /// How long the borrower waited for it.
    private let poolWait: Duration

    /// What all loans of a session share.
    private final class Context: Sendable {
        let limits: StatementLimits
        let instrumentation: SQLInstrumentation?
        let target: StatementObservation.Target

        init(_ session: PostgresSession, _ configuration: PostgresConfiguration, _ instrumentation: SQLInstrumentation?)
        {
            self.instrumentation = instrumentation?.resolved
            target = StatementObservation.Target(
                dialect: .postgres, namespace: configuration.databaseName, host: configuration.hosts.first?.name,
                port: configuration.hosts.first?.port)
            limits = StatementLimits(configuration, isPooled: session.isPooled)
        }
    }

    /// The pool's own connection, which lasts as long as the session.
    init(session: PostgresSession, configuration: PostgresConfiguration, instrumentation: SQLInstrumentation? = nil) {
        self.session = session
        loan = .none
        context = Context(session, configuration, instrumentation)
        poolWait = .zero
    }

    private init(lending connection: PostgresConnection, isReadOnly: Bool, poolWait: Duration) {
        session = connection.session
        loan = session.beginLoan(isReadOnly: isReadOnly)
        context = connection.context
        self.poolWait = poolWait
    }

    /// The connection for a borrower, until ``endLoan()``.
    func lent(isReadOnly: Bool, poolWait: Duration) -> PostgresConnection {
        PostgresConnection(lending: self, isReadOnly: isReadOnly, poolWait: poolWait)
    }

    /// Has all further statements of the borrower refused.
    func endLoan() { session.endLoan() }

    deinit { if loan.number == 0 { session.closeLater() } }

    var limits: StatementLimits { context.limits }

    /// The limits of statements that are relayed; `nil` where each statement is observed, which needs its task.
    var relayLimits: StatementLimits? { context.instrumentation == nil ? context.limits : nil }

    /// ``SQLDatabase/SQLDialect/postgres``.
    public var dialect: SQLDialect { .postgres }

    /// The process id of the server's end, as in `pg_stat_activity`.
    public var backendID: Int32 { session.backendID }

    /// The server's version: 150004 for 15.4.
    public var serverVersion: Int32 { session.serverVersion }

    /// The loop on which answers arrive that take longer. A task that prefers it sends and receives without a hand-over
    /// between threads; it must not compute for long or block there.
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(connection.executor) { … }
    /// ```
    public var executor: any TaskExecutor { session.loop }

    /// The state of the session's transaction, as of the last statement that ended.
    public var transactionStatus: TransactionStatus { session.transactionStatus }

    /// The state of a session's transaction.
    public enum TransactionStatus: UInt8, Sendable, Hashable {
        /// No transaction is open.
        case idle
        /// A transaction is open.
        case inTransaction
        /// A transaction is open and has failed: only a rollback is accepted.
        case failed
        /// The state is not known.
        case unknown
    }

    // MARK: Statements

    /// Runs one statement and returns all its rows.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: The longest time the statement may take, including the wait for its turn; `nil` for the configured
    ///     limit. A longer limit than the configured one reaches the server too, and replaces for this call whatever limit
    ///     is in force there.
    nonisolated(nonsending) public func query(_ query: SQLQuery, timeout: Duration?) async throws -> [SQLRow] {
        try await run(query, timeout: timeout).rows
    }

    /// Runs one statement and returns the number of rows it changed.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: As for ``query(_:timeout:)``.
    @discardableResult
    nonisolated(nonsending) public func execute(_ query: SQLQuery, timeout: Duration?) async throws -> Int {
        try await run(query, timeout: timeout).count
    }

    /// Runs several statements without parameters, separated by semicolons. They are one transaction unless they contain
    /// transaction commands themselves.
    /// - Parameters:
    ///   - sql: The statements.
    ///   - timeout: As for ``query(_:timeout:)``, for all statements together.
    /// - Throws: The first ``PostgresError``; the statements after it have not run.
    nonisolated(nonsending) public func executeScript(_ sql: String, timeout: Duration?) async throws {
        try await script(sql, isInternal: false, timeout: timeout)
    }

    /// Runs one statement.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: As for ``query(_:timeout:)``.
    ///   - prepared: Whether to keep the statement prepared for the next time. `false` for texts that do not recur.
    nonisolated(nonsending) public func run(_ query: SQLQuery, timeout: Duration? = nil, prepared: Bool = true)
        async throws -> PostgresResult
    {
        let observation = observe(query.sql)
        do {
            let result = try await exchange([query], timeout: timeout, prepared: prepared).result(0)
            observation?.end(rows: result.count)
            return result
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    /// Runs statements in one round trip; once more when one of them could not run because its preparation is stale.
    nonisolated(nonsending) func exchange(
        _ queries: [SQLQuery], timeout: Duration?, prepared: Bool
    ) async throws -> StatementExchange {
        for query in queries { if let defect = query.defect { throw defect } }
        var deadline: UInt64 = 0
        var repetitions = 0
        while true {
            let exchange = StatementExchange(queries, keeps: prepared)
            limits.apply(
                timeout, to: exchange, sql: queries.count == 1 ? queries[0].sql : nil,
                deadline: repetitions == 0 ? nil : deadline)
            deadline = exchange.deadline
            exchange.loan = loan
            try await session.perform(exchange)
            if exchange.hasStalePart, repetitions < 3, transactionStatus == .idle, exchange.interruption == nil {
                repetitions += 1
                continue
            }
            try exchange.checkInterruption()
            return exchange
        }
    }

    /// Runs a script and returns the tag of its last command.
    /// - Parameters:
    ///   - isInternal: Whether the driver wrote it, which leaves nothing behind in the session.
    ///   - shielded: Whether the task's cancellation leaves it alone.
    @discardableResult
    nonisolated(nonsending) func script(
        _ sql: String, isInternal: Bool = true, shielded: Bool = false, timeout: Duration? = nil
    ) async throws -> String {
        let observation = sql.isEmpty ? nil : observe(sql)
        do {
            let exchange = ScriptExchange(sql, isInternal: isInternal)
            limits.apply(timeout, to: exchange, sql: sql)
            exchange.loan = loan
            try await session.perform(exchange, shielded: shielded)
            if let error = exchange.error { throw exchange.thrown(error) }
            observation?.end(rows: 0)
            return exchange.commandTags.last ?? ""
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    /// `nil` when nothing is observed.
    func observe(_ sql: @autoclosure () -> String, statements: Int = 1) -> StatementObservation? {
        guard let instrumentation = context.instrumentation else { return nil }
        return StatementObservation(
            instrumentation, sql: sql(), statements: statements, poolWait: poolWait, target: context.target)
    }
}

extension Exchange.Interruption {
    /// What the caller gets when the statement has changed nothing: the server has confirmed that it canceled it, or it was
    /// never complete.
    func error(_ confirmation: PostgresError?) -> any Error {
        switch self {
        case .cancelled: CancellationError()
        case .timedOut:
            PostgresError(
                .timeout, "the statement ran past its time limit and was canceled", sqlState: confirmation?.sqlState,
                outcome: .notApplied)
        }
    }
}
