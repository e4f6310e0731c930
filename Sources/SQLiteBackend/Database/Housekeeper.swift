import DriverExecutors
import Synchronization

/// Looks after the file on a connection of its own: makes it before the first use, copies the log into it.
final class Housekeeper: Sendable {
    private let configuration: SQLiteConfiguration
    private let isReady: Atomic<Bool>
    private let connection = SystemLock<Handle?>(nil)

    init(_ configuration: SQLiteConfiguration) {
        self.configuration = configuration
        isReady = Atomic(configuration.isInMemory)
    }

    /// Makes sure that the file can be used, and switches it to a write-ahead log. So a path that leads nowhere, or a
    /// file that is no database, is told of at once and not when the pool has tried for long enough.
    @inline(__always)
    func prepare() async throws {
        if !isReady.load(ordering: .acquiring) { try await open() }
    }

    private func open() async throws {
        let configuration = configuration
        try await blocking { try Handle.open(configuration, as: .writer).close() }
        isReady.store(true, ordering: .releasing)
    }

    /// Copies the log into the database.
    func checkpoint(truncating: Bool) async throws -> SQLiteDatabase.Checkpoint {
        try await prepare()
        return try await withHandle { try $0.checkpoint(truncating: truncating) }
    }

    /// Calls a body with the connection, on a thread that may block.
    func withHandle<Result: Sendable>(_ body: @escaping @Sendable (Handle) throws -> Result) async throws -> Result {
        let configuration = configuration
        return try await blocking { [connection] in
            let handle = try connection.withLock { handle throws -> Handle in
                if let handle { return handle }
                let opened = try Handle.open(configuration, as: .housekeeper)
                handle = opened
                return opened
            }
            return try body(handle)
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
