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
/// let rows = try await database.read { try await $0.query("SELECT name FROM wards") }
/// await database.shutdown()
/// ```
///
/// It works from the moment it is made. ``run()`` adds housekeeping: the write-ahead log is copied into the database
/// while nobody waits for it.
public final class SQLiteDatabase: SQLClient {
    /// The settings.
    public let configuration: SQLiteConfiguration
    /// The pool of the one connection that writes.
    public let writer: Pool<SQLiteConnectionBackend>
    /// The pool of the connections that read; `nil` for a database in memory, which has one connection.
    public let readers: Pool<SQLiteConnectionBackend>?
    let housekeeper: Housekeeper
    private let writing: ThreadExecutor
    private let reading: ThreadExecutor
    private let isObserved: Bool

    /// Prepares a database; the file is opened when it is first used.
    /// - Parameters:
    ///   - observer: Is told what happens in the pools of the writer and the readers.
    ///   - instrumentation: Who is told of statements: spans by default, where a tracing system is set up.
    /// - Throws: ``SQLiteError`` with the code ``SQLiteError/Code/invalidConfiguration``; another error when the
    ///   process has no thread left.
    public init(
        _ configuration: SQLiteConfiguration, observer: (any PoolObserver)? = nil,
        instrumentation: SQLInstrumentation = SQLInstrumentation()
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        isObserved = instrumentation.wantsPoolWait
        func pool(_ role: Role, size: Int, _ threads: ThreadExecutor) throws -> Pool<SQLiteConnectionBackend> {
            let backend = SQLiteConnectionBackend(
                configuration: configuration, role: role, threads: threads, instrumentation: instrumentation)
            // A connection to a file does not age. The writer is kept: in memory, the data are its own.
            let century = Duration.seconds(100 * 365 * 86_400)
            let settings = PoolConfiguration(
                size: size, maxOverflow: 0, minimumIdle: size, timeout: configuration.acquireTimeout,
                maxLifetime: century, idleTimeout: century, validation: .never,
                leakThreshold: configuration.leakThreshold)
            return try Pool(backend: backend, configuration: settings, observer: observer)
        }
        // A thread for each connection: a reader never waits behind a commit's way to the disk.
        writing = try ThreadExecutor(name: "sqlite-write")
        writer = try pool(.writer, size: 1, writing)
        housekeeper = Housekeeper(configuration)
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

    /// Lends one of the reading connections. It refuses to write.
    /// - Throws: ``SQLiteError``, `PoolError`, `CancellationError`, and what the body throws.
    public func read<Result: Sendable>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        let call = Call(timeout: timeout, priority: priority, file: file, line: line)
        guard let readers else {
            return try await on(writing) { try await lend(writer, call) { try await readOnly($0, body) } }
        }
        // ``on(_:_:)`` written out: a closure less on the way of every read, which is 3 % of one that is alone.
        try await housekeeper.prepare()
        if reading.isCurrent { return try await lend(readers, call, body) }
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
        let call = Call(timeout: timeout, priority: priority, file: file, line: line)
        return try await on(writing) { try await lend(writer, call) { try await $0.withTransaction(body) } }
    }

    /// Lends the writing connection without a transaction, for what cannot run in one: `VACUUM`, some pragmas.
    @discardableResult
    public func withWriter<Result: Sendable>(
        timeout: Duration? = nil, priority: Int = 0, file: StaticString = #fileID, line: UInt = #line,
        _ body: @Sendable (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        let call = Call(timeout: timeout, priority: priority, file: file, line: line)
        return try await on(writing) { try await lend(writer, call, body) }
    }

    /// The pools at this moment.
    public var statistics: Statistics { Statistics(writer: writer.statistics, readers: readers?.statistics) }

    /// The pools of a database at one moment.
    public struct Statistics: Sendable, Hashable {
        /// The pool of the one writing connection.
        public let writer: PoolStatistics
        /// The pool of the reading connections; `nil` for a database in memory.
        public let readers: PoolStatistics?
    }

    /// Keeps house until the task is cancelled, then shuts the database down.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepHouse() }
            if let readers { group.addTask { await readers.run() } }
            await group.waitForAll()
        }
        await shutdown()
    }

    /// Waits for what is lent, closes all connections and ends the threads.
    /// - Parameter drain: The longest wait before lent connections are closed while still in use.
    public func shutdown(drain: Duration = .seconds(10)) async {
        await readers?.shutdown(drain: drain)
        await housekeeper.close()
        // The last connection to close empties the log and removes its file.
        await writer.shutdown(drain: drain)
        reading.stop()
        writing.stop()
    }

    // MARK: Parts

    /// The body waits, runs and resumes on the threads: one move there, one back, whatever it does.
    private func on<Result>(_ threads: ThreadExecutor, _ body: () async throws -> Result) async throws -> Result {
        try await housekeeper.prepare()
        if threads.isCurrent { return try await body() }
        return try await withTaskExecutorPreference(threads, operation: body)
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
                timeout: call.timeout, priority: call.priority, file: call.file, line: call.line, body)
        }
        let start = ContinuousClock.now
        return try await pool.withConnection(
            timeout: call.timeout, priority: call.priority, file: call.file, line: call.line
        ) { connection in
            connection.handle.poolWait = .now - start
            return try await body(connection)
        }
    }

    /// In memory the one connection both reads and writes.
    private func readOnly<Result>(
        _ connection: SQLiteConnection, _ body: (SQLiteConnection) async throws -> Result
    ) async throws -> Result {
        try await connection.script("PRAGMA query_only = ON", shielded: true)
        do {
            let result = try await body(connection)
            try await connection.script("PRAGMA query_only = OFF", shielded: true)
            return result
        } catch {
            try await connection.script("PRAGMA query_only = OFF", shielded: true)
            throw error
        }
    }
}
