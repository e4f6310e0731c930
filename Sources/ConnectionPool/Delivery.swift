import Synchronization

/// What one task waits for and another brings, once.
///
/// A continuation with a value does the same. Here the order of memory is an atomic's, because the runtime's is
/// invisible to the thread sanitizer where the value comes before the waiter has gone to sleep (Swift 6.3.1). It is a
/// checked continuation because the inlined code of an unsafe one reads the waiter's memory, which the waiter soon uses
/// again.
// The value and the continuation are written before the flag and read after it.
package class Delivery<Value: Sendable>: @unchecked Sendable {
    private(set) var value: Value
    private var continuation: CheckedContinuation<Void, Never>?
    private let isThere = Atomic<Bool>(false)

    /// - Parameter value: Never seen: something to lie there until the value comes.
    init(until value: Value) { self.value = value }

    /// Waits for the value.
    /// - Parameter start: Sees to it that someone brings the value.
    @inline(__always)
    nonisolated(nonsending) final func wait(_ start: () -> Void) async -> Value {
        await withCheckedContinuation { continuation in
            self.continuation = continuation
            start()
        }
        _ = isThere.load(ordering: .acquiring)
        return value
    }

    package func bring(_ value: Value) {
        self.value = value
        let waiting = continuation
        continuation = nil
        isThere.store(true, ordering: .releasing)
        waiting?.resume()
    }
}

extension Array where Element: AnyObject {
    /// Removes an object; `nil` when it is not in the array.
    mutating func remove(identicalTo object: Element) -> Element? {
        firstIndex { $0 === object }.map { remove(at: $0) }
    }
}
