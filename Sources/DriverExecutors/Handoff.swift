import Synchronization

/// A value that one thread waits for without blocking and another one brings, once.
///
/// What a plain continuation does, with the order of memory made by an atomic of our own: the runtime's is invisible
/// to the thread sanitizer when the value comes before the waiter has gone to sleep. For the same reason it is a checked
/// continuation: the inlined code of an unsafe one reads the waiter's memory, which the waiter soon uses again.
// The value and the continuation are written before the flag and read after it.
package final class Handoff<Value: Sendable>: @unchecked Sendable {
    private let value: UnsafeMutablePointer<Value>
    private var continuation: CheckedContinuation<Void, Never>?
    private let isSet = Atomic<Bool>(false)

    private init() { value = .allocate(capacity: 1) }

    deinit { value.deallocate() }

    /// Waits for the value.
    /// - Parameter start: Gives the hand-off to whoever brings the value, who must.
    nonisolated(nonsending) package static func wait(_ start: (Handoff) -> Void) async -> Value {
        let handoff = Handoff()
        await withCheckedContinuation { continuation in
            handoff.continuation = continuation
            start(handoff)
        }
        _ = handoff.isSet.load(ordering: .acquiring)
        return handoff.value.move()
    }

    /// Brings the value; once.
    package func resume(_ value: Value) {
        self.value.initialize(to: value)
        let continuation = continuation
        isSet.store(true, ordering: .releasing)
        continuation?.resume()
    }
}
