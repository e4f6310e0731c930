public import PostgresBackend
import SQLDatabase
import Synchronization

/// A PostgreSQL server for tests, and databases on it that belong to one test each.
///
/// ```swift
/// @Test(.enabled(if: PostgresTestServer.isAvailable, "needs PostgreSQL")) func `a ward can be renamed`() async throws {
///     try await PostgresTestServer.shared().withDatabase(template: clinic) { database in
///         try await database.execute("UPDATE wards SET name = \("South") WHERE id = \(1)")
///     }
/// }
/// ```
///
/// The server is started from the installed programs: those in the folder that the environment variable
/// `VITALS_TEST_POSTGRES_BIN` names, else the newest in the usual folders of Debian, Red Hat, Homebrew and Postgres.app,
/// else those in `PATH`. It listens on loopback only, keeps its files in a temporary folder, does not sync them to disk,
/// and ends with the process, however the process ends.
///
/// When the variable `VITALS_TEST_POSTGRES` holds a connection string, the server that it names is used instead, and
/// the library creates and drops databases there; the role needs the right to create databases.
public final class PostgresTestServer: Sendable {
    /// How to reach the database in which the library creates and drops the others.
    public let configuration: PostgresConfiguration
    private let process: ServerProcess?
    private let catalog: DatabaseCatalog
    private let templates = TemplateCache<PostgresDatabase>()
    private let isStopped = Atomic<Bool>(false)

    private init(_ configuration: PostgresConfiguration, process: ServerProcess?) async throws {
        self.configuration = configuration
        self.process = process
        catalog = try await DatabaseCatalog(configuration, isShared: process == nil)
    }

    // MARK: Starting

    /// Whether there is a server to use: one that `VITALS_TEST_POSTGRES` names, or programs to start one from.
    ///
    /// It is `true` also when a variable names something that does not work, so that the tests fail instead of being
    /// skipped.
    public static var isAvailable: Bool { connectionString != nil || PostgresPrograms.installed != nil }

    private static var connectionString: String? { environmentVariable("VITALS_TEST_POSTGRES") }

    private static let sharedServer = Mutex<Task<PostgresTestServer, any Error>?>(nil)

    /// Returns the server that all tests of the process share, started when it is first asked for.
    /// - Throws: ``SQLTestKitError``. Every later call throws the same error.
    public static func shared() async throws -> PostgresTestServer {
        let task = sharedServer.withLock { server in
            if let server { return server }
            let started = Task {
                guard let connectionString else { return try await start() }
                let server: PostgresTestServer
                do {
                    server = try await PostgresTestServer(PostgresConfiguration(connectionString), process: nil)
                } catch {
                    throw SQLTestKitError(
                        .serverUnusable,
                        "the server that VITALS_TEST_POSTGRES names cannot be used; start it or correct the connection "
                            + "string, or unset the variable to have a server started from the installed programs",
                        underlying: error)
                }
                ExitCleanup.register(server)
                return server
            }
            server = started
            return started
        }
        return try await task.value
    }

    /// Starts a server of its own, with settings that the shared one does not have.
    ///
    /// It runs until ``stop()`` is called or the process ends.
    /// - Parameter settings: Server settings, such as `["wal_level": "logical"]`, in addition to those for speed.
    /// - Throws: ``SQLTestKitError``.
    public static func start(settings: [String: String] = [:]) async throws -> PostgresTestServer {
        guard let programs = PostgresPrograms.installed else {
            throw SQLTestKitError(
                .programsNotFound,
                "no PostgreSQL programs were found: install the server, or name the folder of initdb and postgres in "
                    + "\(PostgresPrograms.variable), or a server in VITALS_TEST_POSTGRES")
        }
        let process = try await ServerProcess(programs, settings: settings)
        do {
            return try await PostgresTestServer(process.configuration, process: process)
        } catch {
            await process.stop()
            throw error
        }
    }

    /// Drops what the library created; stops the server if this process started it. No database may be used afterwards.
    ///
    /// The shared server needs no call: it ends with the process. Later calls of ``shared()`` return the stopped server.
    public func stop() async {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        _ = try? await shielded { [self] in
            await catalog.shutdown()
            await process?.stop()
        }
    }

    // MARK: Databases

    /// Lends a database that belongs to the body alone and is dropped when the body ends.
    /// - Parameters:
    ///   - template: What the database starts with; nothing when `nil`.
    ///   - poolConfiguration: The pool of the database. By default at most 4 connections, so that many tests can run at
    ///     the same time.
    ///   - body: Uses the database, which must not leave it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; ``SQLTestKitError`` when the template failed or the server has been stopped;
    ///   `PostgresError` and `PoolError` when the database could not be created or dropped.
    nonisolated(nonsending) public func withDatabase<Result>(
        template: PostgresTemplate? = nil,
        poolConfiguration: PoolConfiguration = PoolConfiguration(size: 4, maxOverflow: 0),
        _ body: nonisolated(nonsending) (PostgresDatabase) async throws -> Result
    ) async throws -> Result {
        let name = try await makeDatabase(template)
        let database: PostgresDatabase
        do {
            database = try PostgresDatabase(
                configuration: configuration(database: name), poolConfiguration: poolConfiguration)
        } catch {
            try await shielded { [catalog] in try await catalog.drop(name) }
            throw error
        }
        let result: Result
        do { result = try await body(database) } catch {
            // The test's own error says more than one of dropping.
            try? await discard(database, name)
            throw error
        }
        try await discard(database, name)
        return result
    }

    /// Returns how to reach a database of this server.
    /// - Parameter name: The name of the database.
    public func configuration(database name: String) -> PostgresConfiguration {
        var configuration = configuration
        configuration.database = name
        return configuration
    }

    private func discard(_ database: PostgresDatabase, _ name: String) async throws {
        try await shielded { [catalog] in
            await database.shutdown(drain: .seconds(1))
            try await catalog.drop(name)
        }
    }

    private func makeDatabase(_ template: PostgresTemplate?) async throws -> String {
        guard !isStopped.load(ordering: .relaxed) else {
            throw SQLTestKitError(.stopped, "the server has been stopped; start another one")
        }
        let source: String?
        if let template {
            source = try await templates.name(of: template) { [self] in try await prepare(template) }
        } else {
            source = nil
        }
        // A test that is canceled meanwhile must not leave a database behind.
        let name = try await shielded { [catalog] in try await catalog.create(from: source) }
        if Task.isCancelled {
            try await shielded { [catalog] in try await catalog.drop(name) }
            throw CancellationError()
        }
        return name
    }

    /// Creates the database that a template's copies are made from.
    private func prepare(_ template: PostgresTemplate) async throws -> String {
        let name = try await catalog.create(from: nil)
        let database = try PostgresDatabase(
            configuration: configuration(database: name), poolConfiguration: PoolConfiguration(size: 4))
        do {
            try await template.fill(database)
        } catch {
            try? await discard(database, name)
            throw error
        }
        await database.shutdown(drain: .seconds(1))
        // A session in the source would make CREATE DATABASE fail.
        try await catalog.close(name)
        return name
    }
}
