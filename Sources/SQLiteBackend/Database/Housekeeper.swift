import DriverExecutors
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Maintains the file on a connection of its own: creates it before the first use, copies the log into it, and notices
/// when another file takes its place.
final class Housekeeper: Sendable {
    /// What tells one file from another at the same path.
    private struct FileIdentity: Equatable {
        let device: UInt64
        let number: UInt64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(truncatingIfNeeded: status.st_dev)
            number = UInt64(truncatingIfNeeded: status.st_ino)
        }
    }

    private let configuration: SQLiteConfiguration
    private let setup: ConnectionSetup?
    private let isReady: Atomic<Bool>
    private let connection = SystemLock<Handle?>(nil)
    /// The file that was prepared last.
    private let file = SystemLock<FileIdentity?>(nil)
    private let whenReplaced = SystemLock<(@Sendable () -> Void)?>(nil)

    init(_ configuration: SQLiteConfiguration, setup: ConnectionSetup?) {
        self.configuration = configuration
        self.setup = setup
        isReady = Atomic(configuration.isInMemory)
    }

    /// Sets what is called when another file than before was prepared.
    func onReplacement(_ body: @escaping @Sendable () -> Void) { whenReplaced.withLock { $0 = body } }

    /// Makes sure that the file can be used, and switches it to a write-ahead log. So a path that leads nowhere, or a
    /// file that is no database, is reported at once and not when the pool has tried for long enough.
    @inline(__always)
    func prepare() async throws {
        if !isReady.load(ordering: .acquiring) { try await open() }
    }

    private func open() async throws {
        let known = file.withLock { $0 }
        var settings = configuration
        // A file that was there and went away is not created again: an empty one would look like lost data.
        if known != nil { settings.createsFile = false }
        let (configuration, setup) = (settings, setup)
        try await blocking { try Handle.open(configuration, as: .writer, setup: setup, creates: true).close() }
        let now = FileIdentity(configuration.path)
        file.withLock { $0 = now }
        isReady.store(true, ordering: .releasing)
        if known != nil, known != now {
            await close()
            whenReplaced.withLock { $0 }?()
        }
    }

    /// Has the file prepared anew before it is used again.
    func markReplaced() {
        if !configuration.isInMemory { isReady.store(false, ordering: .releasing) }
    }

    /// Whether another file, or none, is at the path of the one that was prepared. One system call.
    var fileWasReplaced: Bool {
        guard let known = file.withLock({ $0 }) else { return false }
        return FileIdentity(configuration.path) != known
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
