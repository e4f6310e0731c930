/// Waiting and lending.
extension PoolStateMachine {
    /// Adds a caller to those that wait, and sets about serving it.
    /// - Parameters:
    ///   - held: The slots that the closures around it hold, the innermost first.
    ///   - found: The slot that the caller had, whose connection must prove first that it works.
    /// - Returns: `nil` when the caller is not taken, because it could not be served in time.
    mutating func wait(
        _ waiter: Waiter, priority: Int, arrived: UInt64, deadline: UInt64, held: [Int] = [], found: Int? = nil,
        now: UInt64
    ) -> WaiterID? {
        if isHopeless(deadline: deadline, now: now) {
            if let found { prove(found, now: now) }
            return nil
        }
        let id = waiters.append(waiter, priority: priority, arrived: arrived, deadline: deadline, held: held)
        let isProving = found.map { prove($0, now: now) } ?? false
        if !isProving { serve(now: now) }
        grow(now: now)
        // The next attempt, when it is due, decides for callers that come then.
        if recovery.isPermanent, now < recovery.notBefore { failWaitersWithoutHope() }
        shed(now: now)
        return id
    }

    /// A waiter gave up. `nil` when it has been served or refused already.
    mutating func cancel(_ id: WaiterID) -> Waiter? {
        defer { if waiters.isEmpty { overload?.reset() } }
        return waiters.remove(id)
    }

    /// Lends idle connections to those that wait.
    mutating func serve(now: UInt64) {
        guard !isSuspended, !isShutdown else { return }
        if rules.checksAlways {
            // Each waiter is to have a check on its way, which takes less time than a connection that is being made.
            while count(.checking) - slowChecks < waiters.count, let slot = idle.popFirst() {
                check(slot, now: now)
            }
        } else {
            while !waiters.isEmpty, let slot = idle.popFirst() {
                if let reason = unfit(slot, now: now) {
                    close(slot, reason, now: now)
                } else {
                    offer(slot, isProved: false, now: now)
                }
            }
        }
    }

    /// A usable connection has come: to the waiter whose turn it is, or to rest. The only place that lends one to a
    /// waiter.
    /// - Parameter isProved: Whether it was made, or made a round trip, at this moment.
    mutating func offer(_ slot: Int, isProved: Bool, now: UInt64) {
        if let reason = surplus(slot) { return close(slot, reason, now: now) }
        if isSuspended || waiters.isEmpty {
            set(slot, .ready, now: now)
            idle.insert(slot)
        } else if rules.checksAlways, !isProved {
            check(slot, now: now)
        } else if let (waiter, arrived) = overload?.isOverloaded == true ? waiters.popLast() : waiters.popFirst() {
            overload?.served(waited: now.since(arrived), isLast: waiters.isEmpty, now: now)
            set(slot, .ready, now: now)
            counts.waited += 1
            slots[slot].waited = now.since(arrived)
            counts.waits.record(slots[slot].waited)
            actions.append(.lend(waiter, slot: slot, isProved: isProved))
        }
    }

    // MARK: Overload

    /// Whether callers wait because all connections serve others: not for connections that are being made or checked for
    /// them, and not because the server cannot be reached or a pause was asked for.
    private var isCrowded: Bool {
        let connecting = count(.connecting)
        return occupied >= rules.limit && waiters.count > connecting + count(.checking) && connecting * 2 <= rules.limit
            && !isSuspended
    }

    /// When the line is to be judged again.
    func nextShedding(now: UInt64) -> UInt64 {
        guard let overload, isCrowded, let earliest = waiters.earliestArrival else { return .max }
        guard overload.intervalEnd > 0 else { return now.advanced(saturating: overload.interval) }
        return min(overload.intervalEnd, overload.limit(arrived: earliest))
    }

    /// Whether a caller would not be served by its deadline at the present pace.
    private func isHopeless(deadline: UInt64, now: UInt64) -> Bool {
        guard !isSuspended, let wait = overload?.expectedWait(behind: waiters.count) else { return false }
        return now.advanced(saturating: wait) > deadline
    }

    /// Judges the line, and refuses those that have waited too long in an overload.
    mutating func shed(now: UInt64) {
        guard overload != nil else { return }
        guard isCrowded, let earliest = waiters.earliestArrival else {
            overload?.reset()
            return
        }
        overload?.look(earliest: earliest, now: now)
        guard let overload, overload.isOverloaded, now > overload.interval else { return }
        let expected = count(.connecting) + count(.checking)
        for (waiter, arrived, priority) in waiters.removeArrived(by: now - overload.interval, keeping: expected) {
            countShed(priority)
            counts.waits.record(now.since(arrived))
            actions.append(.shed(waiter, waited: now.since(arrived), priority: priority))
        }
        if waiters.isEmpty { self.overload?.reset() }
    }

    /// A caller of a priority was refused because there are too many.
    mutating func countShed(_ priority: Int) {
        counts.shed[priority, default: 0] += 1
    }

    /// A waiter could not use the connection that it was served with, and waits again.
    mutating func retract(_ slot: Int) {
        counts.waited -= 1
        counts.waits.remove(slots[slot].waited)
    }

    /// Why a connection must go although it works: there are too many. Those beyond the size serve the callers that
    /// wait; while there are more than the limit, which has shrunk, each that comes back goes.
    func surplus(_ slot: Int) -> PoolCloseReason? {
        isOverLimit || slot >= rules.limit || slot >= rules.size && (waiters.isEmpty || isSuspended) ? .overflow : nil
    }

    /// The moment of ``deadline`` has come. `jitter` is 0…1.
    mutating func timeReached(jitter: Double, now: UInt64) -> [(waiter: Waiter, arrived: UInt64)] {
        lookAtCalls(jitter: jitter, now: now)
        shed(now: now)
        let late = waiters.removeExpired(now: now)
        if waiters.isEmpty { overload?.reset() }
        for (waiter, arrived) in late {
            counts.timeouts += 1
            counts.waits.record(now.since(arrived))
            actions.append(.fail(waiter, .timeout))
        }
        grow(now: now)
        return late
    }
}
