import PostgresBackend
import SQLDatabase
import Synchronization

/// The databases that this process created on a server.
///
/// Their names contain a number of the process's own. On a server that other processes use too, a session holds an
/// advisory lock on that number for as long as the process lives, and databases whose number nobody holds are dropped.
final class DatabaseCatalog: Sendable {
    private let admin: PostgresDatabase
    private let prefix: String
    private let run: Int64
    private let count = Atomic<Int>(0)
    private let existing = Mutex<Set<String>>([])
    private let lock = Mutex<Task<Void, Never>?>(nil)

    /// The longest time until the first answer of a server.
    private static let reachTimeout: Duration = .seconds(5)

    init(_ configuration: PostgresConfiguration, isShared: Bool) async throws {
        var settings = configuration
        // Copying a large template may take longer than the statements of a service.
        settings.statementTimeout = .seconds(600)
        let pool = PoolConfiguration(
            size: 4, maxOverflow: 1, timeout: .seconds(300), maxLifetime: .seconds(86_400), leakThreshold: nil)
        admin = try PostgresDatabase(configuration: settings, poolConfiguration: pool)
        run = Int64.random(in: 1...0x0FFF_FFFF_FFFF_FFFF)
        do {
            // Advisory locks belong to a database: processes that connect to another one must not see these names.
            // The pool waits long, for tests that create many databases; a server that cannot be reached is to fail soon.
            let rows = try await admin.withConnection(timeout: Self.reachTimeout) { connection in
                try await connection.query("SELECT oid::int8 FROM pg_database WHERE datname = current_database()")
            }
            prefix = "vitals_test_\(try rows.first?.decode(0, as: Int.self) ?? 0)_"
            if isShared {
                try await takeLock()
                try await dropAbandoned()
            }
        } catch {
            let admin = admin
            _ = try? await shielded { await admin.shutdown(drain: .zero) }
            throw error
        }
    }

    /// Creates a database.
    /// - Parameter source: The database to copy; the server's default template when `nil`.
    func create(from source: String?) async throws -> String {
        let number = count.add(1, ordering: .relaxed).newValue
        let name = "\(prefix)\(String(run, radix: 16))_\(number)"
        existing.withLock { _ = $0.insert(name) }
        if let source {
            try await run("CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: source)")
            try await DatabaseSettings.copy(from: source, to: name, with: admin)
        } else {
            try await run("CREATE DATABASE \(identifier: name)")
        }
        return name
    }

    /// Lets nobody connect to a database any more.
    func close(_ name: String) async throws {
        try await run("ALTER DATABASE \(identifier: name) WITH ALLOW_CONNECTIONS false")
        try await endSessions(name)
    }

    /// Drops a database, with the sessions that are still in it.
    func drop(_ name: String) async throws {
        try await endSessions(name)
        try await run("DROP DATABASE IF EXISTS \(identifier: name)")
        existing.withLock { _ = $0.remove(name) }
    }

    /// Drops what is left and closes the connections.
    func shutdown() async {
        for name in existing.withLock({ $0 }) { try? await drop(name) }
        lock.withLock { $0?.cancel() }
        await admin.shutdown(drain: .seconds(5))
    }

    private func endSessions(_ name: String) async throws {
        _ = try await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(name)")
    }

    private func run(_ query: SQLQuery) async throws {
        _ = try await admin.withConnection { try await $0.run(query, prepared: false) }
    }

    // MARK: Other processes

    /// Has a task hold a connection with the lock of this process.
    private func takeLock() async throws {
        let (admin, run) = (admin, run)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let task = Task {
                var waiting: CheckedContinuation<Void, any Error>? = continuation
                do {
                    try await admin.withConnection { connection in
                        _ = try await connection.query("SELECT pg_advisory_lock(\(run))")
                        waiting?.resume()
                        waiting = nil
                        while true { try await Task.sleep(for: .seconds(3600)) }
                    }
                } catch {
                    waiting?.resume(throwing: error)
                }
            }
            lock.withLock { $0 = task }
        }
    }

    /// Drops the databases of processes that have ended without doing so.
    private func dropAbandoned() async throws {
        let pattern = prefix.replacing("_", with: "\\_") + "%"
        let rows = try await admin.query("SELECT datname FROM pg_database WHERE datname LIKE \(pattern)")
        for row in rows {
            let name = try row.decode(0, as: String.self)
            guard let digits = name.dropFirst(prefix.count).split(separator: "_").first,
                let owner = Int64(digits, radix: 16), owner != run
            else { continue }
            try await admin.withConnection { connection in
                let free = try await connection.query("SELECT pg_try_advisory_lock(\(owner))")
                guard try free.first?.decode(0, as: Bool.self) == true else { return }
                // Another process may be dropping it too.
                _ = try? await connection.run("DROP DATABASE IF EXISTS \(identifier: name)", prepared: false)
                _ = try await connection.query("SELECT pg_advisory_unlock(\(owner))")
            }
        }
    }
}
