/// Waiting and lending.
extension PoolStateMachine {
    /// Adds a caller to those that wait, and sets about serving it.
    mutating func wait(_ waiter: Waiter, priority: Int, arrived: UInt64, deadline: UInt64, now: UInt64) -> WaiterID {
        let id = waiters.append(waiter, priority: priority, arrived: arrived, deadline: deadline)
        serve(now: now)
        grow(now: now)
        // The next attempt, when it is due, decides for whoever comes then.
        if recovery.isPermanent, now < recovery.notBefore { failWaitersWithoutHope() }
        return id
    }

    /// A waiter gave up. `nil` when it has been served or refused already.
    mutating func cancel(_ id: WaiterID) -> Waiter? { waiters.remove(id) }

    /// Lends idle connections to those that wait.
    mutating func serve(now: UInt64) {
        guard !isSuspended, !isShutdown else { return }
        if rules.checksAlways {
            // Each waiter is to have a connection on its way, and gets the first that proves to work.
            while count(.checking) + count(.connecting) < waiters.count, let slot = idle.popFirst() {
                set(slot, .checking, now: now)
                actions.append(.check(slot: slot))
            }
        } else {
            while !waiters.isEmpty, let slot = idle.popFirst() {
                if let reason = unfit(slot, now: now) { close(slot, reason, now: now) } else { lend(slot, now: now) }
            }
        }
    }

    /// Gives a connection to the waiter whose turn it is; `false` when nobody waits.
    @discardableResult
    mutating func lend(_ slot: Int, now: UInt64) -> Bool {
        guard !isSuspended, let (waiter, arrived) = waiters.popFirst() else { return false }
        set(slot, .ready, now: now)
        counts.waited += 1
        counts.waits.record(now.since(arrived))
        actions.append(.lend(waiter, slot: slot))
        return true
    }

    /// A usable connection has come: to a waiter, or to rest.
    mutating func offer(_ slot: Int, now: UInt64) {
        if lend(slot, now: now) { return }
        if slot >= rules.size { return close(slot, .overflow, now: now) }
        set(slot, .ready, now: now)
        idle.insert(slot)
    }

    /// The moment of ``deadline`` has come.
    mutating func timeReached(now: UInt64) -> [(waiter: Waiter, arrived: UInt64)] {
        let late = waiters.removeExpired(now: now)
        for (waiter, arrived) in late {
            counts.timeouts += 1
            counts.waits.record(now.since(arrived))
            counts.waited += 1
            actions.append(.fail(waiter, .timeout))
        }
        grow(now: now)
        return late
    }

    /// Whether a task that is about to wait would wait for ever: it holds a connection, and so does each of those that
    /// hold the others, all of which wait as well. `holder` tells which task holds the connection of a slot.
    func wouldDeadlock(task: UInt, taskOf: (Waiter) -> UInt, holder: (Int) -> UInt) -> Bool {
        // Somebody or something else is at work on a connection, or one more may be made: there is hope.
        guard !isShutdown, !isSuspended, task != 0, occupied >= rules.limit, count(.ready) == occupied, idle.isEmpty
        else { return false }
        // Nearly nobody nests, so that is asked first.
        guard slots.indices.contains(where: { holder($0) == task }) else { return false }
        var holders: Set<UInt> = []
        for (slot, entry) in slots.enumerated() where entry.state == .ready { holders.insert(holder(slot)) }
        guard holders.remove(task) != nil, !holders.contains(0) else { return false }
        waiters.forEach { holders.remove(taskOf($0)) }
        return holders.isEmpty
    }
}
