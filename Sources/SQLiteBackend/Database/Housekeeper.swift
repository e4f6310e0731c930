import DriverExecutors
import Synchronization

/// Maintains the file on a connection of its own: creates it before the first use, copies the log into it, and notices
/// when another file takes its place.
final class Housekeeper: Sendable {
    private let configuration: SQLiteConfiguration
    private let setup: ConnectionSetup?
    private let isReady: Atomic<Bool>
    private let isClosed = Atomic<Bool>(false)
    private let connection = SystemLock<Handle?>(nil)
    /// The file that was prepared last.
    private let current = SystemLock<OpenFile?>(nil)
    /// Held while a file is prepared.
    private let preparing = SystemLock(())
    private let whenReplaced = SystemLock<Call?>(nil)

    /// A closure in a lock by itself is wrapped once more at each look.
    private struct Call: Sendable {
        let body: @Sendable () -> Void
    }

    init(_ configuration: SQLiteConfiguration, setup: ConnectionSetup?) {
        self.configuration = configuration
        self.setup = setup
        isReady = Atomic(configuration.isInMemory)
    }

    /// Sets what is called when another file than before was prepared.
    func onReplacement(_ body: @escaping @Sendable () -> Void) { whenReplaced.withLock { $0 = Call(body: body) } }

    /// Makes sure that the file can be used, and switches it to a write-ahead log. So a path that leads nowhere, or a
    /// file that is no database, is reported at once and not when the pool has tried for long enough.
    @inline(__always)
    func prepare() async throws {
        if !isReady.load(ordering: .acquiring) { try await open() }
    }

    /// The file that the connections open; `nil` in memory.
    var file: OpenFile? { current.withLock { $0 } }

    private func open() async throws {
        try requireOpen()
        let known = file
        if let known, !known.isInPlace, known.connections > 0 {
            // Connections to the old file end first: the new one must not meet its log.
            whenReplaced.withLock { $0 }?.body()
            await close()
            try await waitUntilUnused(known)
        }
        try await blocking { try self.prepareFile(after: known) }
    }

    /// Prepares the file at the path, unless that was done in the meantime.
    private func prepareFile(after known: OpenFile?) throws {
        try preparing.withLock { _ in
            guard file === known else { return }
            var settings = configuration
            if let known {
                if known.isInPlace, known.connections > 0 {
                    isReady.store(true, ordering: .releasing)
                    return
                }
                try known.requireCleared()
                // A file that was there and went away is not created again: an empty one would look like lost data.
                settings.createsFile = false
                settings.path = known.path
            }
            let handle = try Handle.open(settings, on: nil, as: .writer, setup: setup, creates: true)
            defer { handle.close() }
            let prepared = try OpenFile(settings)
            current.withLock { $0 = prepared }
            isReady.store(true, ordering: .releasing)
        }
    }

    /// Waits until the connections to a file that was replaced are closed, for as long as a statement waits for a lock.
    private func waitUntilUnused(_ file: OpenFile) async throws {
        let end = ContinuousClock.now + configuration.busyTimeout
        while file.connections > 0, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Has the file prepared anew before it is used again.
    func markReplaced() {
        if !configuration.isInMemory { isReady.store(false, ordering: .releasing) }
    }

    /// Whether another file, or none, is at the path of the one that was prepared.
    var fileWasReplaced: Bool { file?.isInPlace == false }

    /// - Throws: ``SQLiteError/Code/connectionClosed`` after ``shutDown()``.
    func requireOpen() throws(SQLiteError) {
        if isClosed.load(ordering: .acquiring) { throw SQLiteError.closed }
    }

    /// Copies the log into the database.
    func checkpoint(truncating: Bool) async throws -> SQLiteDatabase.Checkpoint {
        try requireOpen()
        try await prepare()
        return try await withHandle { try $0.checkpoint(truncating: truncating) }
    }

    /// Calls a body with the connection, on a thread that may block.
    func withHandle<Result: Sendable>(_ body: @escaping @Sendable (Handle) throws -> Result) async throws -> Result {
        try await blocking {
            let file = self.file
            let handle = try self.connection.withLock { handle throws -> Handle in
                try self.requireOpen()
                if let handle, handle.file === file { return handle }
                handle?.close()
                let opened = try Handle.open(self.configuration, on: file, as: .housekeeper, setup: self.setup)
                handle = opened
                return opened
            }
            return try body(handle)
        }
    }

    /// Closes the connection, and refuses to open another one.
    func shutDown() async {
        isClosed.store(true, ordering: .releasing)
        await close()
    }

    private func close() async {
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
