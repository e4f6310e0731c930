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

    private struct Waiter {
        let id: UInt64
        let scope: UInt64
        /// Whether it was told to try again. It keeps its position until it has.
        var isWoken = false
        var resume: Resume?
    }

    private(set) var open: [Entry] = []
    private var waiters: [Waiter] = []
    private var lastNumber: UInt64 = 0
    private var lastWaiter: UInt64 = 0

    /// The innermost scope's number, 0 when none is open.
    var innermost: UInt64 { open.last?.number ?? 0 }
    /// Whether any call waits.
    var hasWaiters: Bool { !waiters.isEmpty }

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
        let position = id.flatMap { id in waiters.firstIndex { $0.id == id } }
        // Its loan has ended in the meantime.
        if id != nil, position == nil { return .ended }
        guard scope == 0 || isOpen(scope) else {
            if let position { waiters.remove(at: position) }
            return .ended
        }
        let ahead = waiters[..<(position ?? waiters.endIndex)].contains { $0.scope == scope }
        if scope == innermost, !ahead {
            if let position { waiters.remove(at: position) }
            return .run
        }
        if let position {
            waiters[position].isWoken = false
            return .wait(waiters[position].id)
        }
        lastWaiter += 1
        waiters.append(Waiter(id: lastWaiter, scope: scope))
        return .wait(lastWaiter)
    }

    mutating func push(_ entry: Entry) { open.append(entry) }

    /// Ends a scope and all within it.
    mutating func pop(_ number: UInt64) {
        guard let index = open.firstIndex(where: { $0.number == number }) else { return }
        open.removeSubrange(index...)
    }

    /// Ends all scopes. The calls that wait belong to the loan that ends here, and are refused.
    /// - Returns: What resumes them.
    mutating func endAll() -> [Resume] {
        defer { (open, waiters) = ([], []) }
        return waiters.compactMap(\.resume)
    }

    /// Stores what resumes a waiting call, or returns the reason to go on at once.
    mutating func park(_ id: UInt64, _ resume: @escaping Resume) -> Wakeup? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return .tryAgain }
        if waiters[index].isWoken { return .tryAgain }
        waiters[index].resume = resume
        return nil
    }

    /// Takes a waiting call out of the line. Call ``takeRunnable()`` afterwards.
    /// - Returns: What resumes it, when it is parked.
    mutating func remove(_ id: UInt64) -> Resume? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index).resume
    }

    /// The calls to wake now: those whose scope has ended, and the first of the innermost scope.
    mutating func takeRunnable() -> [Resume] {
        var result: [Resume] = []
        var hasFirst = false
        for index in waiters.indices {
            let scope = waiters[index].scope
            let hasEnded = scope != 0 && !isOpen(scope)
            let isFirst = scope == innermost && !hasFirst
            if isFirst { hasFirst = true }
            guard hasEnded || isFirst, !waiters[index].isWoken else { continue }
            waiters[index].isWoken = true
            if let resume = waiters[index].resume { result.append(resume) }
            waiters[index].resume = nil
        }
        return result
    }
}
