import Interleaving

/// The pool's lock: who wants it while it is held stops its thread.
final class PoolLock<Value>: @unchecked Sendable {
    private let gate = Gate(isOpen: true)
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        scheduler.pass(gate, closing: true, "withLock", "locks")
        defer { scheduler.open(gate) }
        return try body(&value)
    }
}
