/// Closures that hold a connection and wait for another one of the same pool.
extension PoolStateMachine {
    /// Refuses the last that came of those that wait for each other, as long as no connection could come back before one
    /// of them gives up. After every event: a limit that shrinks can close the circle as well as one more that waits.
    /// - Parameter outer: The slot that the closure around the one holds that holds a slot.
    mutating func refuseDeadlocked(outer: (Int) -> Int?, now: UInt64) {
        while isDeadlocked(outer: outer, now: now), let waiter = waiters.removeLastNested() {
            actions.append(.fail(waiter, .nestedAcquire))
        }
    }

    /// Whether closures that wait hold as many places as there are. One that gives up in less than half the time in which
    /// the last does is waited for.
    private func isDeadlocked(outer: (Int) -> Int?, now: UInt64) -> Bool {
        guard !waiters.nested.isEmpty, occupied >= rules.limit, !isShutdown, !isSuspended else { return false }
        let last = waiters.nested.values.reduce(0) { max($0, $1.deadline) }
        let horizon = now + last.since(now) / 2
        var blocked: Set<Int> = []
        for (slot, waiting) in waiters.nested where waiting.deadline >= horizon {
            var next: Int? = slot
            while let slot = next, blocked.insert(slot).inserted { next = outer(slot) }
        }
        return blocked.count >= rules.limit
    }
}
