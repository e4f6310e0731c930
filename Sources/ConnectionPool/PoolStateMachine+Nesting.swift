/// Closures that hold a connection and wait for another one of the same pool.
extension PoolStateMachine {
    /// Refuses the last that came of those that wait for each other, as long as no connection could come back before one
    /// of them gives up. After every event: a limit that shrinks can close the circle as well as one more that waits.
    mutating func refuseDeadlocked(now: UInt64) {
        while isDeadlocked(now: now), let waiter = waiters.removeLastNested() {
            actions.append(.fail(waiter, .nestedAcquire))
        }
    }

    /// Whether closures that wait hold as many places as there are. One that gives up in less than half the time in which
    /// the last does is waited for.
    private func isDeadlocked(now: UInt64) -> Bool {
        // Nearly always answered by the first figure.
        guard waiters.blockedCount >= rules.limit, occupied >= rules.limit, !isShutdown, !isSuspended else {
            return false
        }
        let last = waiters.nested.values.reduce(0) { max($0, $1.deadline) }
        let horizon = now + last.since(now) / 2
        var blocked: Set<Int> = []
        for waiting in waiters.nested.values where waiting.deadline >= horizon { blocked.formUnion(waiting.slots) }
        return blocked.count >= rules.limit
    }
}
