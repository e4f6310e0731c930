/// The open scopes of a connection and the calls that wait for their turn, as a pure value.
///
/// A scope is a transaction, a savepoint, a snapshot, a reading block, a synchronous session or an open cursor. A call
/// carries the number of the scope that its task is in, 0 when it is in none. It runs when that scope is the innermost
/// one; otherwise it waits, first come, first served, until it is. A call whose scope has ended never runs.
struct ScopeStack {
    /// An open scope.
    struct Entry {
        let number: UInt64
        /// Whether statements that write are refused.
        let isReadOnly: Bool
        /// Whether the scope owns a transaction or savepoint, which only the driver may end.
        let ownsTransaction: Bool
    }

    /// The decision about a call.
    enum Verdict: Equatable {
        case run
        case wait(UInt64)
        case ended
    }

    /// The reason why a waiting call goes on.
    enum Wakeup: Sendable {
        case tryAgain, cancelled, expired, ended
    }

    typealias Resume = @Sendable (Wakeup) -> Void

    private(set) var open: [Entry] = []
    private var waiting = WaitingCalls()
    /// Scopes that have ended since ``takeRunnable()``, whose calls are to be refused.
    private var ended: [UInt64] = []
    private var lastNumber: UInt64 = 0

    /// The innermost scope's number, 0 when none is open.
    var innermost: UInt64 { open.last?.number ?? 0 }
    /// Whether any call waits.
    var hasWaiters: Bool { !waiting.isEmpty }

    func isOpen(_ number: UInt64) -> Bool { open.contains { $0.number == number } }

    /// A number for a new scope; numbers never repeat.
    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// Decides about a call of a scope.
    /// - Parameters:
    ///   - scope: The caller's innermost scope on this connection, 0 for none.
    ///   - id: The identifier that an earlier ``Verdict/wait(_:)`` gave the call, `nil` at its first attempt.
    mutating func admit(_ scope: UInt64, waiter id: UInt64?) -> Verdict {
        // Its loan has ended in the meantime.
        if let id, !waiting.contains(id) { return .ended }
        guard scope == 0 || isOpen(scope) else {
            if let id { waiting.remove(id) }
            return .ended
        }
        let first = waiting.first(of: scope)
        if scope == innermost, first == nil || first == id {
            if let id { waiting.remove(id) }
            return .run
        }
        guard let id else { return .wait(waiting.append(scope)) }
        waiting.waitAgain(id)
        return .wait(id)
    }

    mutating func push(_ entry: Entry) { open.append(entry) }

    /// Ends a scope and all within it.
    mutating func pop(_ number: UInt64) {
        guard let index = open.firstIndex(where: { $0.number == number }) else { return }
        if hasWaiters { ended += open[index...].map(\.number) }
        open.removeSubrange(index...)
    }

    /// Ends all scopes. The calls that wait belong to the loan that ends here, and are refused.
    /// - Returns: What resumes them.
    mutating func endAll() -> [Resume] {
        (open, ended) = ([], [])
        return waiting.removeAll()
    }

    /// Stores what resumes a waiting call, or returns the reason to go on at once.
    mutating func park(_ id: UInt64, _ resume: @escaping Resume) -> Wakeup? {
        waiting.park(id, resume) ? nil : .tryAgain
    }

    /// Takes a waiting call out of the line. Call ``takeRunnable()`` afterwards.
    /// - Returns: What resumes it, when it is parked.
    mutating func remove(_ id: UInt64) -> Resume? { waiting.remove(id) }

    /// The calls to wake now: those whose scope has ended, and the first of the innermost scope.
    mutating func takeRunnable() -> [Resume] {
        var result = ended.flatMap { waiting.wakeAll(of: $0) }
        ended = []
        if let id = waiting.first(of: innermost), let resume = waiting.wake(id) { result.append(resume) }
        return result
    }
}
