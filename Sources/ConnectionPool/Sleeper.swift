import Synchronization

/// Where one task sleeps until another thread wakes it, once. What that thread wrote before, the task sees afterwards.
///
/// The order of memory is an atomic's, because the runtime's is invisible to the thread sanitizer where the wake-up comes
/// before the task has gone to sleep. Nothing here is generic, and exclusive access is not looked after at run time: who
/// waits for a connection comes here twice, and both together took a tenth of its time.
// The continuation is written before the flag and read after it.
package class Sleeper: @unchecked Sendable {
    // In a debug build a second wake-up traps, and the thread sanitizer sees no race: the inlined code of an unsafe one
    // reads the task's memory, in an order that only the runtime knows.
    #if DEBUG
        private typealias Continuation = CheckedContinuation<Void, Never>
    #else
        private typealias Continuation = UnsafeContinuation<Void, Never>
    #endif

    @exclusivity(unchecked) private final var continuation: Continuation?
    private final let isAwake = Atomic<Bool>(false)

    init() {}

    /// Sleeps until it is woken.
    /// - Parameter start: Sees to it that someone does so.
    @inline(__always)
    nonisolated(nonsending) final func sleep(_ start: () -> Void) async {
        #if DEBUG
            await withCheckedContinuation { continuation in
                self.continuation = continuation
                start()
            }
        #else
            await withUnsafeContinuation { continuation in
                self.continuation = continuation
                start()
            }
        #endif
        _ = isAwake.load(ordering: .acquiring)
    }

    final func wake() {
        let sleeping = continuation
        continuation = nil
        isAwake.store(true, ordering: .releasing)
        sleeping?.resume()
    }
}
