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
public final class SQLiteDatabase: SQLDatabase {
    /// The settings.
    public let configuration: SQLiteConfiguration
    let threads: ThreadExecutor
    private let file: DatabaseFile
    let writer: Pool<SQLiteConnectionBackend>
    /// `nil` for a database in memory, which has one connection.
    let readers: Pool<SQLiteConnectionBackend>?

    /// Prepares a database; the file is opened when it is first used.
    /// - Parameter observer: Is told what happens in the pools of the writer and the readers.
    /// - Throws: ``SQLiteError`` with the code ``SQLiteError/Code/invalidConfiguration``; another error when the
    ///   process has no thread left.
    public init(_ configuration: SQLiteConfiguration, observer: (any PoolObserver)? = nil) throws {
        try configuration.validate()
        self.configuration = configuration
        // One for each connection, and one for the housekeeper.
        let threads = try ThreadExecutor(name: "sqlite", threads: configuration.readers + 2)
        self.threads = threads
        file = DatabaseFile(configuration, threads: threads)
        func pool(_ role: Role, size: Int) throws -> Pool<SQLiteConnectionBackend> {
            let backend = SQLiteConnectionBackend(configuration: configuration, role: role, threads: threads)
            // A connection to a file does not age. The writer is kept: in memory, the data are its own.
            let settings = PoolConfiguration(
                size: size, maxOverflow: 0, minimumIdle: size, timeout: configuration.acquireTimeout,
                maxLifetime: .seconds(100 * 365 * 86_400), idleTimeout: .seconds(100 * 365 * 86_400),
                validation: .never, leakThreshold: configuration.leakThreshold)
            return try Pool(backend: backend, configuration: settings, observer: observer)
        }
        writer = try pool(.writer, size: 1)
        readers = configuration.isInMemory ? nil : try pool(.reader, size: configuration.readers)
    }

    deinit { threads.stop() }

    /// ``SQLDatabase/SQLDialect/sqlite``.
    public var dialect: SQLDialect { .sqlite }

    /// The threads that SQLite runs on. A task that prefers them calls SQLite in place, without moving to another
    /// thread and back for each call; it must not compute for long there.
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(database.executor) { … many reads … }
    /// ```
    public var executor: any TaskExecutor { threads }

    /// Lends one of the reading connections. It refuses to write.
    /// - Throws: ``SQLiteError``, `PoolError`, `CancellationError`, and what the body throws.
    public func read<Result: Sendable>(_ body: @Sendable (SQLiteConnection) async throws -> Result) async throws
        -> Result
    {
        guard let readers else {
            return try await onThreads { try await writer.withConnection { try await readOnly($0, body) } }
        }
        return try await onThreads { try await readers.withConnection(body) }
    }

    /// Runs the body in a transaction of the writing connection, which commits when it returns and rolls back when it
    /// throws. Callers wait in line.
    /// - Throws: ``SQLiteError``, `PoolError`, `CancellationError`, and what the body throws.
    public func write<Result: Sendable>(_ body: @Sendable (SQLiteConnection) async throws -> Result) async throws
        -> Result
    {
        try await onThreads { try await writer.withConnection { try await $0.withTransaction(body) } }
    }

    /// Lends the writing connection without a transaction, for what cannot run in one: `VACUUM`, some pragmas.
    public func withWriter<Result: Sendable>(_ body: @Sendable (SQLiteConnection) async throws -> Result) async throws
        -> Result
    {
        try await onThreads { try await writer.withConnection(body) }
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
            group.addTask { await self.writer.run() }
            if let readers { group.addTask { await readers.run() } }
        }
        await shutdown()
    }

    /// Waits for what is lent, closes all connections and ends the threads.
    public func shutdown() async {
        await readers?.shutdown()
        await writer.shutdown()
        threads.stop()
    }

    // MARK: Parts

    /// The body waits, runs and resumes on the threads: one move there, one back, whatever it does.
    private func onThreads<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await file.prepare()
        if threads.isCurrent { return try await body() }
        return try await withTaskExecutorPreference(threads, operation: body)
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
