/// What one task waits for and another brings, once. A continuation with a value does the same; see ``Sleeper``.
// The value is written before the task is woken.
class Delivery<Value: Sendable>: Sleeper, @unchecked Sendable {
    private(set) final var value: Value

    /// - Parameter value: Never seen: something to lie there until the value comes.
    init(until value: Value) {
        self.value = value
        super.init()
    }

    /// Waits for the value.
    /// - Parameter start: Sees to it that someone brings the value.
    nonisolated(nonsending) final func wait(_ start: () -> Void) async -> Value {
        await sleep(start)
        return value
    }

    final func bring(_ value: Value) {
        self.value = value
        wake()
    }
}

extension Array where Element: AnyObject {
    /// Removes an object; `nil` when it is not in the array.
    mutating func remove(identicalTo object: Element) -> Element? {
        firstIndex { $0 === object }.map { remove(at: $0) }
    }
}
