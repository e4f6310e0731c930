import CVitalsSQLite
import DriverExecutors
import Synchronization

/// Maintains the file on a connection of its own: creates it before the first use, copies the log into it.
final class Housekeeper: Sendable {
    private let configuration: SQLiteConfiguration
    private let setup: ConnectionSetup?
    private let isReady: Atomic<Bool>
    private let connection = SystemLock<Handle?>(nil)

    init(_ configuration: SQLiteConfiguration, setup: ConnectionSetup?) {
        self.configuration = configuration
        self.setup = setup
        isReady = Atomic(configuration.isInMemory)
    }

    /// Makes sure that the file can be used, and switches it to a write-ahead log. So a path that leads nowhere, or a
    /// file that is no database, is reported at once and not when the pool has tried for long enough.
    @inline(__always)
    func prepare() async throws {
        if !isReady.load(ordering: .acquiring) { try await open() }
    }

    private func open() async throws {
        let (configuration, setup) = (configuration, setup)
        try await blocking { try Handle.open(configuration, as: .writer, setup: setup).close() }
        isReady.store(true, ordering: .releasing)
    }

    /// Copies the log into the database.
    func checkpoint(truncating: Bool) async throws -> SQLiteDatabase.Checkpoint {
        try await prepare()
        return try await withHandle { try $0.checkpoint(truncating: truncating) }
    }

    /// Calls a body with the connection, on a thread that may block.
    func withHandle<Result: Sendable>(_ body: @escaping @Sendable (Handle) throws -> Result) async throws -> Result {
        let (configuration, setup) = (configuration, setup)
        return try await blocking { [connection] in
            let handle = try connection.withLock { handle throws -> Handle in
                if let handle { return handle }
                let opened = try Handle.open(configuration, as: .housekeeper, setup: setup)
                handle = opened
                return opened
            }
            return try body(handle)
        }
    }

    /// Whether the file that this connection holds open is no longer at its path. `false` while it holds none.
    func fileWasReplaced() async -> Bool {
        await BlockingCalls.shared.run { [connection] in
            connection.withLock { handle in
                let moved = try? handle?.withDatabase { database, _ in vitals_sqlite_has_moved(database) != 0 }
                return moved ?? false
            }
        }
    }

    /// Closes the connection.
    func close() async {
        await BlockingCalls.shared.run { [connection] in
            connection.withLock { handle in
                handle?.close()
                handle = nil
            }
        }
    }

    private func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await BlockingCalls.shared.run { Result { try body() } }.get()
    }
}
