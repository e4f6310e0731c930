/// Calls of the backend that take their time, or never return.
///
/// A call that has taken longer than ``patience`` is *slow*: the waiters no longer count on it, and are given
/// something else to wait for. One that has taken longer than its limit is given up: its slot goes on without it.
extension PoolStateMachine {
    /// How long those that wait count on a call: many times what it usually takes.
    private func patience(_ state: State) -> UInt64 {
        switch state {
        case .connecting: min(1_000_000_000, rules.connectLimit)
        case .checking: min(200_000_000, rules.checkLimit)
        default: rules.checkLimit
        }
    }

    private func limit(_ state: State) -> UInt64 { state == .connecting ? rules.connectLimit : rules.checkLimit }

    /// A call that an action asked for has begun.
    mutating func began(_ slot: Int, now: UInt64) {
        slots[slot].begun = now
        nextLook = min(nextLook, now.advanced(saturating: patience(slots[slot].state)))
    }

    /// Calls that the callers may count on, of those that lead to a connection.
    var prospects: Int { count(.connecting) + count(.checking) - slowConnects - slowChecks }

    /// Marks the calls that have become slow and gives up those whose limit has passed. `jitter` is 0…1.
    mutating func lookAtCalls(jitter: Double, now: UInt64) {
        guard nextLook <= now else { return }
        nextLook = .max
        var hasChanged = false
        for slot in slots.indices where slots[slot].begun > 0 {
            let state = slots[slot].state
            let end = slots[slot].begun.advanced(saturating: limit(state))
            if end <= now {
                giveUp(slot, jitter: jitter, now: now)
                hasChanged = true
                continue
            }
            let slow = slots[slot].begun.advanced(saturating: patience(state))
            if slow <= now, markSlow(slot) { hasChanged = true }
            nextLook = min(nextLook, slow <= now ? end : slow)
        }
        // A waiter that counted on one of these takes an idle one.
        if hasChanged { serve(now: now) }
    }

    private mutating func markSlow(_ slot: Int) -> Bool {
        guard !slots[slot].isSlow else { return false }
        switch slots[slot].state {
        case .connecting: slowConnects += 1
        case .checking: slowChecks += 1
        default: return false
        }
        slots[slot].isSlow = true
        return true
    }

    /// Whatever the call at a slot was for, it has not come about.
    private mutating func giveUp(_ slot: Int, jitter: Double, now: UInt64) {
        let began = slots[slot].begun
        var pause: UInt64?
        defer { forget(slot, pause: pause) }
        switch slots[slot].state {
        case .connecting:
            counts.connectFailures += 1
            set(slot, .free, now: now)
            pause = recovery.failed(began: began, now: now, jitter: jitter)
        case .checking, .resetting:
            recovery.suspect()
            close(slot, slots[slot].state == .checking ? .invalid : .broken, now: now)
        default: set(slot, .free, now: now)
        }
    }

    /// The pool is not to wait for the call at a slot any longer.
    /// - Parameter pause: Until the next attempt, where this one has failed.
    mutating func forget(_ slot: Int, pause: UInt64? = nil) {
        counts.abandoned += 1
        slots[slot].begun = 0
        forgotten.append((slot, pause))
    }
}
