import Foundation

/// A value behind a lock, for tests.
// The lock guards every access to the value.
public final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    /// Guards a value.
    public init(_ value: sending Value) { self.value = value }

    /// Reads or changes the value under the lock.
    public func with<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
