import DriverExecutors
import Synchronization

/// The file itself: made, and switched to a write-ahead log, before the first connection is lent. So a path that leads
/// nowhere, or a file that is no database, is told of at once and not when the pool has tried for long enough.
final class DatabaseFile: Sendable {
    private let configuration: SQLiteConfiguration
    private let threads: ThreadExecutor
    private let isReady: Atomic<Bool>

    init(_ configuration: SQLiteConfiguration, threads: ThreadExecutor) {
        self.configuration = configuration
        self.threads = threads
        isReady = Atomic(configuration.isInMemory)
    }

    /// Makes sure that the file can be used. Costs nothing once it has been.
    @inline(__always)
    func prepare() async throws {
        if !isReady.load(ordering: .acquiring) { try await open() }
    }

    private func open() async throws {
        let configuration = configuration
        try await threads.run { () throws in try Handle.open(configuration, as: .writer).close() }
        isReady.store(true, ordering: .releasing)
    }
}
