/// A call of a backend that takes time.
public enum PoolCall: String, Sendable, Hashable, CaseIterable {
    case connect, validate, reset, close
}

/// A call of the backend that is under way, on a task of the pool's own.
///
/// The pool counts on it for as long as it stands at its slot. When it has not returned in its time, the slot goes on
/// without it: it is *stuck* then, until it returns.
// The task is set and read under the pool's lock.
final class BackendCall: @unchecked Sendable {
    let kind: PoolCall
    let began: UInt64
    var task: Task<Void, Never>?

    init(_ kind: PoolCall, began: UInt64) {
        self.kind = kind
        self.began = began
    }
}

/// The calls of the backend that have not returned. Used under the pool's lock.
struct BackendCalls {
    /// Those that the pool counts on, by slot.
    private var expected: [Int: BackendCall] = [:]
    private var stuck: [ObjectIdentifier: BackendCall] = [:]

    var stuckCount: Int { stuck.count }

    mutating func begin(_ call: BackendCall, at slot: Int) { expected[slot] = call }

    /// A call has returned. `false` when the pool went on without it.
    mutating func end(_ call: BackendCall, at slot: Int) -> Bool {
        if expected[slot] === call {
            expected[slot] = nil
            return true
        }
        return false
    }

    /// A stuck call has returned, and has freed what it held.
    mutating func endStuck(_ call: BackendCall) { stuck[ObjectIdentifier(call)] = nil }

    /// The pool goes on without the call at a slot.
    mutating func giveUp(at slot: Int) -> BackendCall? {
        guard let call = expected.removeValue(forKey: slot) else { return nil }
        stuck[ObjectIdentifier(call)] = call
        return call
    }

    /// The tasks of some calls, which may return when these are cancelled.
    func tasks(_ kinds: PoolCall...) -> [Task<Void, Never>] {
        expected.sorted { $0.key < $1.key }.compactMap { kinds.contains($0.value.kind) ? $0.value.task : nil }
    }
}
