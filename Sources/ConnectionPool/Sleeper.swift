import Synchronization

/// Where one task sleeps until another thread wakes it, once. What that thread wrote before, the task sees afterwards.
///
/// The order of memory is an atomic's, because the runtime's is invisible to the thread sanitizer where the wake-up comes
/// before the task has gone to sleep. Nothing here is generic, and exclusive access is not looked after at run time: who
/// waits for a connection comes here twice, and both together took a tenth of its time.
// The continuation is written before the flag and read after it.
package class Sleeper: @unchecked Sendable {
    @exclusivity(unchecked) private final var continuation: UnsafeContinuation<Void, Never>?
    private final let isAwake = Atomic<Bool>(false)

    init() {}

    /// Sleeps until it is woken.
    /// - Parameter start: Sees to it that someone does so.
    @inline(__always)
    nonisolated(nonsending) final func sleep(_ start: () -> Void) async {
        await withUnsafeContinuation { continuation in
            self.continuation = continuation
            start()
        }
        _ = isAwake.load(ordering: .acquiring)
    }

    final func wake() {
        let sleeping = continuation
        continuation = nil
        isAwake.store(true, ordering: .releasing)
        sleeping?.resume()
    }
}
