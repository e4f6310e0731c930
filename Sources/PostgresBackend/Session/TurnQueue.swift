import DriverExecutors

/// Decides whose statement a session runs next.
///
/// One exchange at a time has the turn; the others wait in line, first come, first served. While a transaction scope
/// is open, those that do not belong to it are passed over. A value without side effects; the session holds it under
/// its lock.
struct TurnQueue {
    /// One that waits for the turn.
    // The hand-off is set before the waiter enters the line, whose lock orders it.
    final class Waiter: @unchecked Sendable {
        enum Outcome: Sendable {
            case turn
            case cancelled
            case failed(PostgresError)
        }
        let scope: TransactionScope?
        var handoff: Handoff<Outcome>?

        init(scope: TransactionScope?) { self.scope = scope }
    }

    private(set) var isTaken = false
    /// Whether the exchange that has the turn waits for its task.
    var isPaused = false
    private var line: [Waiter] = []
    private var scopes: [TransactionScope] = []

    /// Whether the line is empty and nobody has the turn.
    var isFree: Bool { !isTaken }

    /// The innermost open transaction scope.
    var scope: TransactionScope? { scopes.last }

    /// Takes the turn if it is free for a scope.
    mutating func take(_ scope: TransactionScope?) -> Bool {
        guard !isTaken, admits(scope) else { return false }
        isTaken = true
        return true
    }

    /// Lets one wait.
    mutating func enqueue(_ waiter: Waiter) { line.append(waiter) }

    /// Takes a waiter out of the line. Returns whether it was still there.
    mutating func remove(_ waiter: Waiter) -> Bool {
        guard let index = line.firstIndex(where: { $0 === waiter }) else { return false }
        line.remove(at: index)
        return true
    }

    /// Gives the turn up. Returns the waiter who has it now.
    mutating func pass() -> Waiter? {
        isPaused = false
        isTaken = false
        return next()
    }

    /// Opens a scope within the current one. The caller holds the turn.
    mutating func open(_ scope: TransactionScope) { scopes.append(scope) }

    /// Closes the innermost scope. Returns the waiter who has the turn now, if it was free.
    mutating func close(_ scope: TransactionScope) -> Waiter? {
        if let index = scopes.lastIndex(where: { $0 === scope }) { scopes.removeSubrange(index...) }
        return isTaken ? nil : next()
    }

    /// Empties the line for good.
    mutating func removeAll() -> [Waiter] {
        defer { line = [] }
        return line
    }

    private mutating func next() -> Waiter? {
        guard let index = line.firstIndex(where: { admits($0.scope) }) else { return nil }
        isTaken = true
        return line.remove(at: index)
    }

    private func admits(_ scope: TransactionScope?) -> Bool { scopes.isEmpty || scopes.last === scope }
}
