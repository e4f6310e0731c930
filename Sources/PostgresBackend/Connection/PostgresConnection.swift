import CVitalsLibPQ
import DriverExecutors
public import SQLDatabase
import Synchronization

/// A session with a PostgreSQL server.
///
/// ```swift
/// let rows = try await connection.query("SELECT name, born FROM patients WHERE id = \(id)")
/// let name = try rows[0].decode("name", as: String.self)
/// ```
///
/// Statements sent from several tasks run one after the other, in the order of their calls. When a task is cancelled,
/// or a statement runs past its deadline, the call throws at once and the statement is cancelled on the server; what
/// is sent next on this connection waits until the server has done so.
public final class PostgresConnection: SQLConnection {
    let channel: Channel
    // Of the holder of the channel's turn.
    nonisolated(unsafe) let session: Session
    let defaultLimit: Duration?
    let instrumentation: SQLInstrumentation?
    private let target: StatementObservation.Target
    private let waited = Atomic<Int64>(0)

    init(channel: Channel, configuration: PostgresConfiguration, instrumentation: SQLInstrumentation? = nil) {
        self.channel = channel
        self.instrumentation = instrumentation?.resolved
        target = StatementObservation.Target(
            dialect: .postgres, namespace: configuration.databaseName, host: configuration.hosts.first?.name,
            port: configuration.hosts.first?.port)
        session = Session(capacity: configuration.statementCacheSize)
        defaultLimit = configuration.statementTimeout.map { $0 + configuration.responseGrace }
    }

    deinit { channel.closeLater() }

    /// ``SQLDatabase/SQLDialect/postgres``.
    public var dialect: SQLDialect { .postgres }

    /// The process id of the server's end, as in `pg_stat_activity`.
    public var backendID: Int32 { channel.backendID }

    /// The server's version: 150004 for 15.4.
    public var serverVersion: Int32 { channel.serverVersion }

    /// The loop on which the answers arrive. A task that prefers it sends and receives without a hand-over between
    /// threads, about twice as fast; it must not compute for long or block there.
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(connection.executor) { … }
    /// ```
    public var executor: any TaskExecutor { channel.loop }

    /// How long the current borrower waited for the connection.
    var poolWait: Duration {
        get { .nanoseconds(waited.load(ordering: .relaxed)) }
        set { waited.store(Int64(clamping: MonotonicTime.nanoseconds(newValue)), ordering: .relaxed) }
    }

    /// Where the session stands, as of the last statement that ended.
    public var transactionStatus: TransactionStatus { channel.transactionStatus }

    /// Where a session stands.
    public enum TransactionStatus: UInt8, Sendable, Hashable {
        /// In no transaction.
        case idle
        /// In a transaction.
        case inTransaction
        /// In a transaction that failed: only a rollback is accepted.
        case failed
        /// A statement runs, or nobody knows.
        case unknown
    }

    /// Runs one statement and returns all its rows.
    /// - Parameter timeout: How long it may take, the wait for its turn included; instead of the configuration's limit.
    nonisolated(nonsending) public func query(_ query: SQLQuery, timeout: Duration?) async throws -> [SQLRow] {
        try await run(query, timeout: timeout).rows
    }

    /// Runs one statement and returns how many rows it changed.
    /// - Parameter timeout: How long it may take, the wait for its turn included; instead of the configuration's limit.
    @discardableResult
    nonisolated(nonsending) public func execute(_ query: SQLQuery, timeout: Duration?) async throws -> Int {
        try await run(query, timeout: timeout).count
    }

    /// Runs several statements that take no parameters, separated by semicolons. They are one transaction unless they
    /// say otherwise themselves.
    /// - Throws: The first ``PostgresError``; the statements after it have not run.
    nonisolated(nonsending) public func executeScript(_ sql: String, timeout: Duration?) async throws {
        try await script(sql, timeout: timeout)
    }

    /// Runs one statement.
    /// - Parameters:
    ///   - timeout: How long it may take; the configuration's limit when `nil`.
    ///   - prepared: Whether to keep the statement prepared for the next time. `false` for texts that do not recur.
    nonisolated(nonsending) public func run(_ query: SQLQuery, timeout: Duration? = nil, prepared: Bool = true)
        async throws -> PostgresResult
    {
        let observation = observe(query.sql)
        do {
            var mayRepeat = true
            while true {
                let exchange = try await exchange([query], timeout: timeout, prepared: prepared, syncsEach: false)
                if mayRepeat, exchange.hasStalePart, transactionStatus == .idle {
                    mayRepeat = false
                    continue
                }
                let result = try take(0, of: exchange)
                observation?.end(rows: result.count)
                return result
            }
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    /// Runs a script.
    /// - Parameter shielded: Whether the task's cancellation leaves it alone.
    @discardableResult
    nonisolated(nonsending) func script(_ sql: String, shielded: Bool = false, timeout: Duration? = nil) async throws
        -> String
    {
        let observation = sql.isEmpty ? nil : observe(sql)
        do {
            let exchange = ScriptExchange(sql)
            exchange.deadline = deadline(timeout)
            try await channel.perform(exchange, shielded: shielded)
            var tag = ""
            var rows = 0
            for result in exchange.takeResults() {
                let outcome = try PostgresResult(consuming: result, shape: nil)
                tag = outcome.commandTag
                rows += outcome.count
                note(tag)
            }
            observation?.end(rows: rows)
            return tag
        } catch {
            observation?.end(rows: 0, error: error)
            throw error
        }
    }

    /// `nil` when nobody looks.
    func observe(_ sql: @autoclosure () -> String, statements: Int = 1) -> StatementObservation? {
        StatementObservation(
            instrumentation, sql: sql(), statements: statements, poolWait: poolWait, target: target)
    }

    func deadline(_ timeout: Duration?) -> UInt64 {
        guard let limit = timeout ?? defaultLimit else { return 0 }
        return MonotonicTime.now() &+ MonotonicTime.nanoseconds(limit)
    }

    /// Remembers what leaves traces in the session.
    func note(_ tag: String) {
        if tag == "SET" || tag == "LISTEN" { channel.isTinted = true }
    }
}
