public import ConnectionPool
import DriverExecutors
public import SQLDatabase

/// A SQLite database: one connection writes, several read at the same time, and neither waits for the other.
///
/// ```swift
/// let database = try SQLiteDatabase(SQLiteConfiguration(path: "wards.sqlite"))
/// try await database.write { connection in
///     try await connection.execute("INSERT INTO wards (name) VALUES (\(name))")
/// }
/// let rows = try await database.query("SELECT name FROM wards")
/// await database.shutdown()
/// ```
///
/// It works from the moment it is created. ``run()`` adds maintenance: the write-ahead log is copied into the database
/// while nobody waits for it, leaks are reported, and a file that was replaced is opened anew.
public final class SQLiteDatabase: SQLClient {
    /// The settings.
    public let configuration: SQLiteConfiguration
    /// The pool of the one connection that writes.
    public let writer: Pool<SQLiteConnectionBackend>
    /// The pool of the connections that read; `nil` for a database in memory, which has one connection.
    public let readers: Pool<SQLiteConnectionBackend>?
    let housekeeper: Housekeeper
    let setup: ConnectionSetup?
    private let writing: ThreadExecutor
    private let reading: ThreadExecutor
    private let isObserved: Bool
    private let places: PlaceChoice

    /// Prepares a database; the file is opened when it is first used.
    /// - Parameters:
    ///   - configuration: The settings.
    ///   - observer: Receives the events of the pools of the writer and the readers, such as suspected leaks.
    ///   - instrumentation: Receives the statements: spans by default, where a tracing system is set up.
    ///   - prepare: Prepares each new connection before it is used: functions, attached files, extensions, settings. What
    ///     it leaves is the clean state that a reset restores.
    /// - Throws: ``SQLiteError`` with the code ``SQLiteError/Code/invalidConfiguration``; another error when the
    ///   process has no thread left.
    public init(
        _ configuration: SQLiteConfiguration, observer: (any PoolObserver)? = nil,
        instrumentation: SQLInstrumentation = SQLInstrumentation(),
        prepare: (@Sendable (SQLiteSetup) throws -> Void)? = nil
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        setup = prepare
        places = PlaceChoice(
            isPossible: prepare == nil && instrumentation.resolved == nil && MemoryOnly.isPossible(configuration))
        isObserved = instrumentation.wantsPoolWait
        let housekeeper = Housekeeper(configuration, setup: prepare)
        self.housekeeper = housekeeper
        func pool(_ role: Role, size: Int, _ threads: ThreadExecutor) throws -> Pool<SQLiteConnectionBackend> {
            let backend = SQLiteConnectionBackend(
                configuration: configuration, role: role, threads: threads, setup: prepare,
                housekeeper: housekeeper, instrumentation: instrumentation)
            // A file that is put back is opened soon: trying costs no server anything.
            // A connection to a file does not age. The writer is kept: in memory, the data are its own.
            // A database in memory is its connection, which is never given up.
            let isInMemory = configuration.isInMemory
            let settings = PoolConfiguration(
                size: size, maxOverflow: 0, minimumIdle: size, timeout: configuration.acquireTimeout,
                maxLifetime: .longestSetting, idleTimeout: .longestSetting, validation: .never,
                leakThreshold: configuration.leakThreshold,
                connectTimeout: isInMemory ? .longestSetting : configuration.busyTimeout + .seconds(30),
                checkTimeout: isInMemory ? .longestSetting : configuration.busyTimeout + .seconds(10),
                backoffBase: .milliseconds(20),
                backoffCap: .milliseconds(500))
            return try Pool(backend: backend, configuration: settings, observer: observer)
        }
        // A thread for each connection: a reader never waits behind a commit's way to the disk.
        writing = try ThreadExecutor(name: "sqlite-write")
        writer = try pool(.writer, size: 1, writing)
        if configuration.isInMemory {
            reading = writing
            readers = nil
        } else {
            do {
                reading = try ThreadExecutor(name: "sqlite-read", threads: configuration.readers)
            } catch {
                writing.stop()
                throw error
            }
            readers = try pool(.reader, size: configuration.readers, reading)
        }
        housekeeper.onReplacement { [weak self] in
            self?.writer.evictAll()
            self?.readers?.evictAll()
        }
    }

    deinit {
        reading.stop()
        writing.stop()
    }

    /// ``SQLDatabase/SQLDialect/sqlite``.
    public var dialect: SQLDialect { .sqlite }

    /// The threads that reads run on. A task that prefers them calls SQLite in place, without moving to another
    /// thread and back for each call; it must not compute for long there.
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(database.executor) { … many reads … }
    /// ```
    public var executor: any TaskExecutor { reading }

    /// The thread that writes run on.
    public var writingExecutor: any TaskExecutor { writing }

    /// Lends a connection for reading. Statements that write are refused.
    ///
    /// Inside ``write(timeout:priority:file:line:_:)`` or ``withWriter(timeout:priority:file:line:_:)`` of the same task
    /// it lends the writer's own connection, so that the body sees what has been written there; elsewhere it lends one of
    /// the reading connections. The same holds for a file and in memory.
    /// - Parameters:
    ///   - timeout: The longest wait for a connection; the configured time when `nil`.
    ///   - priority: The order among those that wait: each unit counts as one second of waiting.
    ///   - file: The call site, for reports of leaks.
    ///   - line: The call site, for reports of leaks.
    ///   - body: Uses the connection, which must not leave it.
    /// - Throws: ``SQLiteError``, `PoolError`, `CancellationError`, and what the body throws.
    public func read<Result: Sendable>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        let call = Call(timeout: timeout, priority: priority, file: file, line: line)
        if let current = Scope.current, let scope = writersScope(current) {
            // A task that was started there and outlived it reads elsewhere.
            if let result = try await on(writing, { try await readWithin(scope, body) }) { return result }
        }
        guard let readers else {
            return try await on(writing) { try await lend(writer, call) { try await readOnly($0, body) } }
        }
        // ``on(_:_:)`` written out: a closure less on the way of every read, which is 3 % of one that is alone.
        try await housekeeper.prepare()
        if reading.isCurrent { return try await lend(readers, call, body) }
        if places.mayTry, let lease = readers.tryAcquire(file: file, line: line) {
            return try await inPlace(lease, body)
        }
        return try await withTaskExecutorPreference(reading) { try await lend(readers, call, body) }
    }

    /// Runs the body in a transaction of the writing connection, which commits when it returns and rolls back when it
    /// throws. Callers wait in line.
    /// - Throws: ``SQLiteError``, `PoolError`, `CancellationError`, and what the body throws.
    @discardableResult
    public func write<Result: Sendable>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        try await withTransaction(timeout: timeout, priority: priority, file: file, line: line, body)
    }

    /// Runs the body in a transaction of the writing connection, which commits when it returns and rolls back when it
    /// throws. Callers wait in line.
    /// - Parameters:
    ///   - retry: Whether the body runs again when another process held the file's lock for too long.
    ///   - timeout: The longest wait for the connection; the configured time when `nil`.
    ///   - priority: The order among those that wait: each unit counts as one second of waiting.
    ///   - file: The call site, for reports of leaks.
    ///   - line: The call site, for reports of leaks.
    ///   - body: Uses the connection, which must not leave it.
    /// - Throws: ``SQLiteError``, `PoolError`, `CancellationError`, and what the body throws.
    @discardableResult
    public func withTransaction<Result: Sendable>(
        retry: TransactionRetry = .never, timeout: Duration? = nil, priority: Int = 0,
        file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        let call = Call(timeout: timeout, priority: priority, file: file, line: line)
        return try await transaction(retry: retry, beginning: nil, call) { connection, _ in try await body(connection) }
    }

    /// Lends the writing connection without a transaction, for what cannot run in one: `VACUUM`, some pragmas.
    ///
    /// Settings that the body changes hold for its own statements and are undone when it returns.
    /// - Throws: ``SQLiteError``, `PoolError`, `CancellationError`, and what the body throws.
    @discardableResult
    public func withWriter<Result: Sendable>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        let call = Call(timeout: timeout, priority: priority, file: file, line: line)
        try requireWritable()
        if let reader = try readersConnection() {
            return try await on(writing) {
                var isOutermost = false
                return try await reader.inScope(.lease, .none, isReadOnly: false, wasOutermost: &isOutermost, body)
            }
        }
        return try await on(writing) {
            try await lend(writer, call) { connection in
                let scope = Scope(.lease, on: connection, lease: connection.handle.gate.lease, number: 0)
                return try await Scope.$current.withValue(scope) { try await body(connection) }
            }
        }
    }

    // MARK: Single statements

    /// Runs one statement in a transaction of its own and returns the number of rows it changed.
    /// - Parameters:
    ///   - query: The statement and its parameters.
    ///   - timeout: The longest time for the statement and for the beginning of its transaction, the wait for the file's
    ///     lock included; the configured limit when `nil`.
    ///   - file: The call site, for reports of leaks.
    ///   - line: The call site, for reports of leaks.
    @discardableResult
    public func execute(
        _ query: SQLQuery, timeout: Duration? = nil, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> Int {
        guard let timeout else { return try await write(file: file, line: line) { try await $0.execute(query) } }
        let call = Call(timeout: nil, priority: 0, file: file, line: line)
        return try await transaction(retry: .never, beginning: timeout, call) { connection, begun in
            let rest = max(.zero, timeout - (ContinuousClock.now - begun))
            return try await connection.execute(query, timeout: timeout == .unlimited ? timeout : rest)
        }
    }

    /// Runs maintenance until the task is cancelled, then shuts the database down: copies the write-ahead log, reports
    /// connections that were lent for too long, and opens the file anew when it was replaced.
    public func run() async {
        // Its cancellation shuts the writer's pool down, which must be the last to close.
        let watchingWriter = Task { await writer.run() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.runMaintenance() }
            if let readers { group.addTask { await readers.run() } }
            await group.waitForAll()
        }
        await shutdown()
        watchingWriter.cancel()
        await watchingWriter.value
    }

    /// Waits for what is lent, closes all connections and ends the threads: first the connections that read, then the one
    /// that writes.
    ///
    /// A statement that still runs after the wait is interrupted and throws ``SQLiteError/Code/connectionClosed``; a
    /// commit is not interrupted. Closing takes at most ten seconds more for each of the two.
    /// - Parameter drain: The longest wait, for each of the two, before lent connections are closed while still in use.
    public func shutdown(drain: Duration = .seconds(10)) async {
        await readers?.shutdown(drain: drain)
        await housekeeper.shutDown()
        // The last connection to close empties the log and removes its file.
        await writer.shutdown(drain: drain)
        reading.stop()
        writing.stop()
    }

    // MARK: Parts

    /// Calls the body with a connection that was free, on the caller's own threads. A statement that finds all it needs
    /// in memory runs there; any other moves to the database's threads.
    private func inPlace<Result>(
        _ lease: consuming Lease<SQLiteConnectionBackend>, _ body: (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        let handle = lease.connection.handle
        defer { if handle.takeHasMoved() { places.hasMoved() } }
        do {
            return try await body(lease.connection.lent())
        } catch {
            if writer.backend.disposition(of: error) != .keep { lease.discard() }
            throw error
        }
    }

    /// The body waits, runs and resumes on the threads: one move there, one back, whatever it does.
    private func on<Result>(_ threads: ThreadExecutor, _ body: () async throws -> Result) async throws -> Result {
        try await housekeeper.prepare()
        if threads.isCurrent { return try await body() }
        return try await withTaskExecutorPreference(threads, operation: body)
    }

    /// Runs the body in a transaction of the writing connection.
    /// - Parameters:
    ///   - retry: Whether the body runs again when another process held the file's lock for too long.
    ///   - limit: The longest time for the statement that begins the transaction; the configured one when `nil`.
    ///   - body: Uses the connection, and gets the moment at which the transaction was about to begin.
    private func transaction<Result: Sendable>(
        retry: TransactionRetry, beginning limit: Duration?, _ call: Call,
        _ body: @Sendable (SQLiteConnection, ContinuousClock.Instant) async throws -> Result
    ) async throws -> Result {
        try requireWritable()
        if let reader = try readersConnection() {
            return try await on(writing) {
                let begun = ContinuousClock.now
                var isOutermost = false
                return try await reader.inScope(
                    .transaction, .transaction, isReadOnly: false, timeout: limit, wasOutermost: &isOutermost
                ) { try await body($0, begun) }
            }
        }
        return try await on(writing) {
            try await lend(writer, call) { connection in
                let begun = ContinuousClock.now
                return try await connection.transaction(retry: retry, timeout: limit) { try await body($0, begun) }
            }
        }
    }

    /// How and from where a connection is acquired.
    private struct Call {
        let timeout: Duration?
        let priority: Int
        let file: StaticString
        let line: UInt
    }

    @inline(__always)
    nonisolated(nonsending) private func lend<Result>(
        _ pool: Pool<SQLiteConnectionBackend>, _ call: Call,
        _ body: nonisolated(nonsending) (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        guard isObserved else {
            return try await pool.withConnection(
                timeout: call.timeout, priority: call.priority, file: call.file, line: call.line
            ) { connection in try await body(connection.lent()) }
        }
        let start = ContinuousClock.now
        return try await pool.withConnection(
            timeout: call.timeout, priority: call.priority, file: call.file, line: call.line
        ) { connection in
            connection.handle.poolWait = .now - start
            return try await body(connection.lent())
        }
    }

    /// Lends a connection that may write for reading only.
    private func readOnly<Result>(
        _ connection: SQLiteConnection, _ body: (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        var isOutermost = false
        return try await connection.inScope(.reading, .none, isReadOnly: true, wasOutermost: &isOutermost, body)
    }

    /// Lends the connection of a scope that the task is in; `nil` when the scope has ended.
    private func readWithin<Result>(
        _ scope: Scope, _ body: (SQLiteConnection) async throws -> Result
    ) async throws -> Result? {
        var (isOutermost, hasBegun) = (false, false)
        do {
            return try await scope.connection.inScope(
                .reading, .none, isReadOnly: true, wasOutermost: &isOutermost
            ) {
                hasBegun = true
                return try await body($0)
            }
        } catch let error as SQLiteError where error.code == .misuse && !hasBegun {
            return nil
        }
    }

    /// The innermost scope of the current task on this database's writing connection.
    private func writersScope(_ current: Scope) -> Scope? {
        sequence(first: current, next: \.parent).first {
            $0.connection.threads === writing && $0.lease == $0.connection.handle.gate.lease
        }
    }

    /// In memory the connection that the current task reads with, on which it may write as well; `nil` to acquire one.
    private func readersConnection() throws(SQLiteError) -> SQLiteConnection? {
        guard configuration.isInMemory, let current = Scope.current, let scope = writersScope(current) else {
            return nil
        }
        let kinds = scope.chain(on: scope.connection.handle, lease: scope.lease).map(\.kind)
        // Inside a transaction or a loan of the writer the pool refuses, as it does for a file.
        guard kinds.allSatisfy({ $0 == .reading || $0 == .rows || $0 == .snapshot }) else { return nil }
        guard !kinds.contains(.snapshot) else {
            throw SQLiteError(
                .misuse,
                "a database in memory has one connection, so nothing can be written while its own task holds a "
                    + "snapshot; write after withSnapshot, or use a file")
        }
        return scope.connection
    }

    private func requireWritable() throws(SQLiteError) {
        guard configuration.mode == .readWrite else {
            throw SQLiteError(
                .readOnly, "\(configuration.path) was opened with mode: .readOnly, so nothing can be written")
        }
    }
}
