import Synchronization

extension Pool {
    /// The pool at this moment. Counters that leases keep each for itself are added up here.
    public var statistics: PoolStatistics {
        let now = core.clock.now()
        return core.state.withLock { statistics($0, now: now) }
    }

    func statistics(_ state: PoolCore.Guarded, now: UInt64) -> PoolStatistics {
        let machine = state.machine
        var result = PoolStatistics()
        result.size = machine.rules.size
        result.limit = machine.rules.limit
        // Within an event the idle bits are with the machine, which then holds all of them; outside with the table.
        result.idle = state.isInEvent ? machine.idle.count : table.idleCount
        result.inUse = max(0, machine.count(.ready) - result.idle)
        result.connecting = machine.count(.connecting)
        result.checking = machine.count(.checking) + machine.count(.resetting)
        result.isSuspended = machine.isSuspended
        result.closing = machine.count(.closing)
        result.stuckCalls = state.calls.stuckCount
        result.abandonedCalls = machine.counts.abandoned
        result.waiting = machine.waiters.count
        result.created = machine.counts.created
        result.closed = machine.counts.closed
        result.closings = machine.counts.closings
        result.connectFailures = machine.counts.connectFailures
        result.timeouts = machine.counts.timeouts
        result.leaks = machine.counts.leaks
        result.shedByPriority = machine.counts.shed
        result.lostEvents = reporter?.lost ?? 0
        result.isOverloaded = machine.overload?.isOverloaded ?? false
        result.createTimes = machine.counts.creations
        result.waitTimes = machine.counts.waits
        var longest: (since: UInt64, slot: Int)?
        for slot in machine.slots.indices {
            let cell = table.cell(slot)
            result.leases &+= cell.pointee.leases.load(ordering: .relaxed)
            result.useTimes.nanoseconds &+= cell.pointee.nanosecondsInUse.load(ordering: .relaxed)
            cell.pointee.uses.add(to: &result.useTimes)
            let since = cell.pointee.leasedSince.load(ordering: .relaxed)
            if since != 0, since < longest?.since ?? .max { longest = (since, slot) }
        }
        if let longest {
            result.longestHeldSite = table.cell(longest.slot).pointee.site.description
            result.longestHeld = Duration(nanosecondCount: now.since(longest.since))
        }
        // A caller that found an idle connection did not wait, and was not counted then.
        result.waitTimes.counts[0] &+= result.leases > machine.counts.waited ? result.leases - machine.counts.waited : 0
        if let earliest = machine.waiters.earliestArrival {
            result.longestWaiting = Duration(nanosecondCount: now.since(earliest))
        }
        return result
    }

    /// What all that are refused at one moment for an overload have in common.
    func crowd() -> (snapshot: PoolStatistics, retryAfter: UInt64) {
        let now = core.clock.now()
        return core.state.withLock { crowd($0, now: now) }
    }

    func crowd(_ state: PoolCore.Guarded, now: UInt64) -> (snapshot: PoolStatistics, retryAfter: UInt64) {
        let snapshot = statistics(state, now: now)
        return (snapshot, state.machine.overload?.retryAfter(waiting: snapshot.waiting) ?? 0)
    }

    func overloaded(waited: UInt64, in crowd: (snapshot: PoolStatistics, retryAfter: UInt64)) -> PoolError {
        PoolError(
            .overloaded,
            "refused after \(waited / 1_000_000) ms: \(crowd.snapshot.waiting) others wait, and more come than are served; try "
                + "again in \(crowd.retryAfter / 1_000_000) ms",
            snapshot: crowd.snapshot, retryAfter: Duration(nanosecondCount: crowd.retryAfter))
    }

    func error(_ code: PoolError.Code, cause: (any Error)?) -> PoolError {
        let now = core.clock.now()
        return core.state.withLock { error(code, $0, cause: cause, now: now) }
    }

    /// - Parameter cause: Why no connection can be made; by the time the error is made an attempt may have succeeded.
    func error(
        _ code: PoolError.Code, _ state: PoolCore.Guarded, cause: (any Error)? = nil, now: UInt64
    ) -> PoolError {
        let snapshot = statistics(state, now: now)
        switch code {
        case .timeout where state.machine.isSuspended:
            return PoolError(.timeout, "the pool is suspended; resume it", snapshot: snapshot)
        // Where all places are taken it is not the last failed attempt that the caller waited for.
        case .timeout
        where state.lastError != nil
            && (state.machine.occupied < snapshot.limit || snapshot.connecting > 0 && snapshot.inUse == 0):
            return PoolError(
                .connectFailed, "no connection could be made in time; see the cause", underlying: state.lastError,
                snapshot: snapshot)
        case .timeout where snapshot.connecting + snapshot.checking + snapshot.closing > 0:
            return PoolError(
                .timeout,
                "no connection was ready in time: \(snapshot.inUse) are in use, \(snapshot.connecting) are being made, "
                    + "\(snapshot.checking) checked or reset, "
                    + "\(snapshot.closing) closed, and the backend has not returned; look at the network and the server",
                snapshot: snapshot)
        case .timeout:
            return PoolError(
                .timeout, "no connection came free in time; find what holds them long, or raise size",
                snapshot: snapshot)
        case .shutdown:
            return PoolError(.shutdown, "the pool has been shut down", snapshot: snapshot)
        case .connectFailed:
            return PoolError(
                .connectFailed, "no connection can be made until the cause is removed", underlying: cause,
                snapshot: snapshot)
        case .nestedAcquire:
            return PoolError(
                .nestedAcquire,
                "each connection is held by a closure that waits for another one of this pool; raise size, or use one connection a "
                    + "closure", snapshot: snapshot)
        case .invalidConfiguration, .overloaded:
            return PoolError(code, code.rawValue, underlying: state.lastError, snapshot: snapshot)
        }
    }

    /// The error of a waiter that fails; it says where to look when a closure that holds a connection waits for it, or has
    /// started its task.
    func failure(_ reason: PoolError, of waiter: Waiting) -> PoolError {
        guard reason.code == .timeout || reason.code == .nestedAcquire, let loan = waiter.around,
            table.cell(loan.slot).pointee.loan.load(ordering: .relaxed) == loan.number
        else { return reason }
        let site = table.cell(loan.slot).pointee.site
        return reason.adding(
            loan.endsAfterwards
                ? "the connection that was acquired at \(site) cannot come back before this wait is over: use that connection"
                : "its task was started while a connection was lent at \(site), which has not come back: pass that connection on "
                    + "instead of waiting for another")
    }
}
