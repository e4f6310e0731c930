public import ConnectionPool
import DriverExecutors
public import SQLDatabase
import Synchronization

/// A PostgreSQL database behind a pool of connections.
///
/// ```swift
/// let database = try PostgresDatabase(
///     configuration: PostgresConfiguration("postgresql://app@localhost/clinic"), poolConfiguration: PoolConfiguration(size: 8))
/// let names = try await database.query("SELECT name FROM wards").map { try $0.decode("name", as: String.self) }
/// try await database.withTransaction(isolation: .serializable, retry: .standard) { connection in … }
/// await database.shutdown()
/// ```
///
/// It works from the moment it is made; ``run()`` adds the pool's housekeeping.
public final class PostgresDatabase: SQLClient {
    /// The connections.
    public let pool: Pool<PostgresConnectionBackend>
    /// How the server is reached.
    public let configuration: PostgresConfiguration
    private let loops: LoopGroup
    private let isObserved: Bool
    private let listener: NotificationListener

    /// Makes the pool; no connection is opened yet.
    /// - Parameters:
    ///   - configuration: How to reach the server.
    ///   - poolConfiguration: How many connections, and how they are kept.
    ///   - loops: Threads that wait for the server's answers, 1 or more. One serves some 50,000 statements a second.
    ///   - poolObserver: Is told what happens in the pool.
    ///   - instrumentation: Who is told of statements: spans by default, where a tracing system is set up.
    ///   - notices: Is told the server's notices and warnings, on a loop: it must not block.
    /// - Throws: ``PostgresError`` or ``ConnectionPool/PoolError`` when a setting is out of its range.
    public init(
        configuration: PostgresConfiguration, poolConfiguration: PoolConfiguration = PoolConfiguration(),
        loops: Int = 1,
        poolObserver: (any PoolObserver)? = nil, instrumentation: SQLInstrumentation = SQLInstrumentation(),
        notices: (@Sendable (PostgresNotice) -> Void)? = nil
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        do {
            self.loops = try LoopGroup(count: loops, name: "postgres")
        } catch {
            throw PostgresError(.outOfResources, "no loop could be started: \(error)", underlying: error)
        }
        isObserved = instrumentation.wantsPoolWait
        let backend = PostgresConnectionBackend(
            configuration: configuration, loops: self.loops, notices: notices, instrumentation: instrumentation)
        // The driver's own limits say more about what hangs.
        var settings = poolConfiguration
        settings.connectTimeout = max(settings.connectTimeout, configuration.connectBudget + .seconds(5))
        pool = try Pool(backend: backend, configuration: settings, observer: poolObserver)
        listener = NotificationListener(backend: backend)
    }

    /// ``SQLDatabase/SQLDialect/postgres``.
    public var dialect: SQLDialect { .postgres }

    // MARK: Borrowing

    /// Lends a connection. What the body throws decides whether the connection is kept.
    /// - Parameters:
    ///   - timeout: How long to wait for a connection; the pool's setting when `nil`.
    ///   - priority: Among those that wait: 1 is as good as having come a second earlier.
    ///   - file: Where it is borrowed, for reports of leaks.
    ///   - line: Where it is borrowed.
    ///   - body: Uses the connection, which must not leave it.
    /// - Throws: ``ConnectionPool/PoolError``, `CancellationError`, and what the body throws.
    nonisolated(nonsending) public func withConnection<Result>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await lend(isReadOnly: false, timeout, priority, file, line, body)
    }

    nonisolated(nonsending) private func lend<Result>(
        isReadOnly: Bool, _ timeout: Duration?, _ priority: Int, _ file: StaticString, _ line: UInt,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        let start = isObserved ? MonotonicTime.now() : 0
        return try await pool.withConnection(timeout: timeout, priority: priority, file: file, line: line) {
            own in
            let wait = isObserved ? MonotonicTime.now() &- start : 0
            let connection = own.lent(isReadOnly: isReadOnly, poolWait: .nanoseconds(Int64(clamping: wait)))
            defer { connection.endLoan() }
            return try await body(connection)
        }
    }

    /// Lends a connection inside a transaction that commits when the body returns and rolls back when it throws.
    /// - Parameters:
    ///   - isolation: The server's default when `nil`.
    ///   - readOnly: Whether writing is refused.
    ///   - retry: Whether the body runs again, on the same connection, when the transaction lost to another one.
    ///   - file: Where it is borrowed, for reports of leaks.
    ///   - line: Where it is borrowed.
    ///   - body: Uses the connection, which must not leave it.
    /// - Throws: As ``PostgresConnection/withTransaction(isolation:readOnly:retry:_:)`` does, and
    ///   ``ConnectionPool/PoolError``.
    @discardableResult
    nonisolated(nonsending) public func withTransaction<Result>(
        isolation: IsolationLevel? = nil, readOnly: Bool = false, retry: TransactionRetry = .never,
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await withConnection(timeout: timeout, priority: priority, file: file, line: line) { connection in
            try await connection.withTransaction(isolation: isolation, readOnly: readOnly, retry: retry, body)
        }
    }

    /// Lends a connection for reading, outside any transaction. The server refuses statements that write with
    /// ``PostgresError/Code/readOnly``, functions that write included; temporary tables may be written.
    ///
    /// Each statement sees the database as of its own start; a transaction with `readOnly` sees it as of one moment.
    /// `BEGIN`, `COMMIT`, `ROLLBACK`, `CALL` and `DO` are refused outside of one.
    public func read<Result: Sendable>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await lend(isReadOnly: true, timeout, priority, file, line, body)
    }

    /// Runs the body in one transaction that commits when it returns and rolls back when it throws.
    @discardableResult
    public func write<Result: Sendable>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await withTransaction(timeout: timeout, priority: priority, file: file, line: line, body)
    }

    /// Lends a connection outside any transaction, the same as ``withConnection(timeout:priority:file:line:_:)``.
    @discardableResult
    public func withWriter<Result: Sendable>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await withConnection(timeout: timeout, priority: priority, file: file, line: line, body)
    }

    // MARK: Single statements

    /// Runs one statement on a connection of the pool and returns all its rows.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: The longest time the statement may take once it has a connection; `nil` for the configured limit.
    ///   - file: The call site, for reports of leaks.
    ///   - line: The call site.
    nonisolated(nonsending) public func query(
        _ query: SQLQuery, timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [SQLRow] {
        try await run(query, timeout: timeout, file: file, line: line).rows
    }

    /// Runs one statement on a connection of the pool and returns the number of rows it changed.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: As for ``query(_:timeout:file:line:)``.
    ///   - file: The call site, for reports of leaks.
    ///   - line: The call site.
    @discardableResult
    nonisolated(nonsending) public func execute(
        _ query: SQLQuery, timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> Int {
        try await run(query, timeout: timeout, file: file, line: line).count
    }

    nonisolated(nonsending) private func run(
        _ query: SQLQuery, timeout: Duration?, file: StaticString, line: UInt
    ) async throws -> PostgresResult {
        guard pool.relays, !isObserved else {
            return try await withConnection(file: file, line: line) { try await $0.run(query, timeout: timeout) }
        }
        if Task.isCancelled { throw CancellationError() }
        if let lease = pool.tryAcquire(file: file, line: line) { return try await run(query, timeout, on: lease) }
        if let defect = query.defect { throw defect }
        let deadline = pool.relayDeadline
        AnswerTime.inFlight.add(1, ordering: .relaxed)
        defer { AnswerTime.inFlight.subtract(1, ordering: .relaxed) }
        while true {
            let statement = RelayedStatement(query, timeout: timeout, pool: pool)
            await statement.wait(site: AcquisitionSite(file: file, line: line), deadline: deadline)
            switch statement.ending {
            case .again: continue
            case .refused(let error): throw error
            case .lent:
                guard let lease = statement.takeLease() else { continue }
                return try await run(query, timeout, on: lease)
            case .sent:
                do {
                    if let result = try statement.result() { return result }
                } catch {
                    if let lease = statement.takeLease() { pool.settle(lease, after: error) }
                    throw error
                }
                if let lease = statement.takeLease() { return try await run(query, timeout, on: lease) }
            }
        }
    }

    /// Runs a statement on a connection that is lent for it.
    nonisolated(nonsending) private func run(
        _ query: SQLQuery, _ timeout: Duration?, on lease: consuming Lease<PostgresConnectionBackend>
    ) async throws -> PostgresResult {
        do {
            return try await lease.connection.run(query, timeout: timeout)
        } catch {
            pool.settle(lease, after: error)
            throw error
        }
    }

    /// Runs statements in one round trip and one transaction, as ``PostgresConnection/pipeline(_:timeout:prepared:)``
    /// does, on a connection of the pool.
    nonisolated(nonsending) public func pipeline(
        _ queries: [SQLQuery], timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [PostgresResult] {
        try await withConnection(file: file, line: line) { try await $0.pipeline(queries, timeout: timeout) }
    }

    /// Runs statements in one round trip, each for itself, as ``PostgresConnection/batch(_:timeout:prepared:)`` does, on a
    /// connection of the pool.
    nonisolated(nonsending) public func batch(
        _ queries: [SQLQuery], timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [Result<PostgresResult, PostgresError>] {
        try await withConnection(file: file, line: line) { try await $0.batch(queries, timeout: timeout) }
    }

    /// Runs one statement on a connection of the pool and lends its rows one by one, as
    /// ``PostgresConnection/withRows(of:timeout:_:)`` does.
    nonisolated(nonsending) public func withRows<Result>(
        of query: SQLQuery, timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line,
        _ body: nonisolated(nonsending) (PostgresRows) async throws -> Result
    ) async throws -> Result {
        try await withConnection(file: file, line: line) {
            try await $0.withRows(of: query, timeout: timeout, body)
        }
    }

    /// Returns the notifications that other sessions send with `NOTIFY` on some channels.
    ///
    /// All sequences of a database share one connection outside the pool; see ``PostgresNotifications``.
    /// - Parameters:
    ///   - channels: Their names as they are, each of 1 to 63 bytes.
    ///   - checkInterval: The server is checked after so much silence.
    ///   - bufferSize: As many notifications are kept for a reader that is busy. When there are more, an event
    ///     ``PostgresNotifications/Element/overflowed(_:)`` stands in their place.
    public func notifications(
        on channels: [String], checkInterval: Duration = .seconds(30), bufferSize: Int = 1000
    ) -> PostgresNotifications {
        var refusal = PostgresNotifications.refusal(of: channels, bufferSize: bufferSize)
        if configuration.pooling == .transactionPooler {
            refusal = PostgresError(
                .notSupported, "LISTEN does not work through a pooler of transactions: connect to the server itself")
        }
        return PostgresNotifications(
            channels: Set(channels.map(ExactText.init)), checkInterval: checkInterval, bufferSize: bufferSize,
            listener: listener,
            refusal: refusal)
    }

    /// Sends a notification on a channel. It is delivered when the transaction commits.
    /// - Parameters:
    ///   - channel: A name of 1 to 63 bytes.
    ///   - payload: At most 7,999 bytes.
    ///   - file: The call site, for reports of leaks.
    ///   - line: The call site.
    /// - Throws: ``PostgresError`` with ``PostgresError/Code/invalidConfiguration`` when the channel or the payload is too
    ///   long, and what ``query(_:timeout:file:line:)`` throws.
    public func notify(
        _ channel: String, _ payload: String = "", file: StaticString = #fileID, line: UInt = #line
    ) async throws {
        try PostgresNotifications.check(channel, payload: payload)
        _ = try await query("SELECT pg_notify(\(channel), \(payload))", file: file, line: line)
    }

    // MARK: Life

    /// The pool's housekeeping, until the task is cancelled; then the pool is shut down.
    public func run() async {
        await pool.run()
        await listener.shutdown()
        loops.stop()
    }

    /// Waits for borrowed connections to come back, closes all of them and ends the loops' threads.
    /// - Parameter drain: How long to wait before lent connections are closed too.
    public func shutdown(drain: Duration = .seconds(10)) async {
        await listener.shutdown()
        await pool.shutdown(drain: drain)
        loops.stop()
    }
}
