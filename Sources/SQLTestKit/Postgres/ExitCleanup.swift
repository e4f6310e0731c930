import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Drops the databases on a server of others when the process ends normally. After a crash the next process does.
enum ExitCleanup {
    private static let server = Mutex<PostgresTestServer?>(nil)

    /// Registers the server that the tests share. Called once, after the first connection, so that the handlers of the
    /// libraries beneath, which run in the opposite order, come later.
    static func register(_ shared: PostgresTestServer) {
        server.withLock { $0 = shared }
        atexit {
            guard let shared = ExitCleanup.server.withLock({ $0 }) else { return }
            let isDone = DispatchSemaphore(value: 0)
            Task.detached {
                await shared.stop()
                isDone.signal()
            }
            _ = isDone.wait(timeout: .now() + .seconds(10))
        }
    }
}
