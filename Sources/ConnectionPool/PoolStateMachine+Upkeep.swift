/// Housekeeping, and what an operator asks for.
extension PoolStateMachine {
    /// Closes what is too old or idle for too long, has the keep-alive check what is due, and reports leases held for
    /// too long. `idleSince` and `leasedSince` are those of a slot's connection; the latter is `nil` when it is not lent.
    mutating func tick(now: UInt64, idleSince: (Int) -> UInt64, leasedSince: (Int) -> UInt64?) {
        for slot in idle.descending {
            if slots[slot].generation != generation {
                close(slot, .evicted, now: now)
            } else if now >= slots[slot].expires {
                close(slot, .maxLifetime, now: now)
            } else if slot >= rules.size {
                close(slot, .overflow, now: now)
            } else if idle.count > rules.minimumIdle, now.since(idleSince(slot)) >= rules.idleTimeout {
                close(slot, .idleTimeout, now: now)
            } else if let interval = rules.keepAlive,
                now.since(max(idleSince(slot), slots[slot].checkedAt)) >= interval
            {
                idle.remove(slot)
                check(slot, now: now)
            }
        }
        if let threshold = rules.leakThreshold {
            for (slot, entry) in slots.enumerated() where entry.state == .ready && !idle.contains(slot) {
                guard let since = leasedSince(slot), since != entry.reportedSince, now.since(since) >= threshold else {
                    continue
                }
                slots[slot].reportedSince = since
                counts.leaks += 1
                actions.append(.reportLeak(slot: slot))
            }
        }
        grow(now: now)
    }

    /// Takes an idle connection out to be looked at without a round trip; ``checked(_:works:bySight:now:)``
    /// follows.
    mutating func takeToLookAt(_ slot: Int, now: UInt64) -> Bool {
        guard slot < slots.count, idle.contains(slot) else { return false }
        idle.remove(slot)
        set(slot, .checking, now: now)
        return true
    }

    /// Gives up all connections of now: the idle ones at once, the others when they come back, and attempts to connect
    /// that are slow.
    mutating func evictAll(now: UInt64) {
        generation += 1
        for slot in idle.descending { close(slot, .evicted, now: now) }
        // Not those that are quick: a backend may find out within connect() that all others are of no use.
        if slowConnects > 0 { recovery.tryNow() }
        for slot in slots.indices where slots[slot].state == .connecting && slots[slot].isSlow {
            forget(slot)
            set(slot, .free, now: now)
        }
        grow(now: now)
    }

    mutating func suspend() { isSuspended = true }

    mutating func resume(now: UInt64) {
        isSuspended = false
        // The line is judged anew.
        overload?.reset()
        serve(now: now)
        grow(now: now)
        shed(now: now)
    }

    mutating func resize(size: Int, maxOverflow: Int, minimumIdle: Int, now: UInt64) {
        rules.size = size
        rules.maxOverflow = maxOverflow
        rules.minimumIdle = minimumIdle
        reserve(capacity: rules.limit)
        for slot in idle.descending where slot >= size || occupied - count(.closing) > rules.limit {
            close(slot, .overflow, now: now)
        }
        grow(now: now)
    }

    mutating func shutdown(now: UInt64) {
        isShutdown = true
        for waiter in waiters.removeAll() { actions.append(.fail(waiter, .shutdown)) }
        for slot in idle.descending { close(slot, .shutdown, now: now) }
    }

    /// Closes what is still lent.
    mutating func forceShutdown(now: UInt64) {
        guard isShutdown else { return }
        for (slot, entry) in slots.enumerated() where entry.state == .ready { close(slot, .shutdown, now: now) }
    }
}
