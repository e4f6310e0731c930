/// The life of a connection.
extension PoolStateMachine {
    /// Makes as many connections as those that wait need, then as many as are to be kept, as fast as recovery allows.
    mutating func grow(now: UInt64) {
        guard !isShutdown, !isSuspended else { return }
        var allowance = recovery.allowance(underWay: count(.connecting) - slowConnects, now: now)
        guard allowance > 0 else { return }
        var pending = prospects
        while allowance > 0, pending < waiters.count, occupied < rules.limit, startConnecting(now: now) {
            pending += 1
            allowance -= 1
        }
        var kept = count(.connecting) + count(.checking) + count(.resetting) + idle.count
        while allowance > 0, kept < rules.minimumIdle, occupied < rules.size, startConnecting(now: now) {
            kept += 1
            allowance -= 1
        }
    }

    private mutating func startConnecting(now: UInt64) -> Bool {
        guard let slot = vacant.first, slot < rules.limit else { return false }
        set(slot, .connecting, now: now)
        slots[slot].generation = generation
        actions.append(.connect(slot: slot))
        return true
    }

    /// Connections that no caller waits for yet, up to so many in all.
    mutating func prepare(total: Int, now: UInt64) -> [Int] {
        guard !isShutdown else { return [] }
        var started: [Int] = []
        var allowance = recovery.allowance(underWay: count(.connecting) - slowConnects, now: now)
        while allowance > 0, occupied < min(total, rules.limit), let slot = vacant.first, startConnecting(now: now) {
            started.append(slot)
            allowance -= 1
        }
        return started
    }

    /// A connection was made in so long. `jitter` is 0…1.
    mutating func connected(_ slot: Int, took: UInt64, jitter: Double, now: UInt64) {
        recovery.succeeded()
        counts.created += 1
        counts.creations.record(took)
        let lifetime = Double(rules.maxLifetime) * (1 - 0.1 * min(max(jitter, 0), 1))
        slots[slot].expires = now.advanced(saturating: lifetime < 1.8e19 ? UInt64(lifetime) : .max)
        slots[slot].checkedAt = now
        settle(slot, isProved: true, now: now)
        grow(now: now)
    }

    /// A connection could not be made; returns the pause until the next attempt. `jitter` is 0…1. No caller waits for what
    /// cannot come: after a permanent failure the waiters fail, unless a connection exists that may be lent to them.
    mutating func connectFailed(_ slot: Int, jitter: Double, isPermanent: Bool = false, now: UInt64) -> UInt64 {
        counts.connectFailures += 1
        let began = slots[slot].begun
        set(slot, .free, now: now)
        let pause = recovery.failed(began: began, now: now, jitter: jitter, isPermanent: isPermanent)
        if isPermanent { failWaitersWithoutHope() }
        grow(now: now)
        return pause
    }

    /// Fails those that wait when every attempt fails permanently and no connection can come back to the pool.
    mutating func failWaitersWithoutHope() {
        guard recovery.isPermanent, !isSuspended else { return }
        let mayComeBack = slots.contains {
            ($0.state == .ready || $0.state == .checking || $0.state == .resetting) && $0.generation == generation
        }
        if mayComeBack { return }
        for waiter in waiters.removeAll() { actions.append(.fail(waiter, .connectFailed)) }
    }

    /// A connection came back, in this state.
    mutating func released(_ slot: Int, _ state: ConnectionReturnState, now: UInt64) {
        // Closed under the borrower's hands by a forced shutdown.
        guard slots[slot].state == .ready else { return }
        if state == .broken {
            close(slot, .broken, now: now)
        } else if let reason = unfit(slot, now: now) ?? surplus(slot) {
            close(slot, reason, now: now)
        } else if state == .needsReset {
            set(slot, .resetting, now: now)
            actions.append(.reset(slot: slot))
        } else {
            offer(slot, isProved: false, now: now)
        }
        grow(now: now)
    }

    /// A connection that was taken and rested for long must make a round trip before it is lent. Returns whether it makes
    /// one; `false` when it must not be lent any more whatever comes of it.
    @discardableResult
    mutating func prove(_ slot: Int, now: UInt64) -> Bool {
        // Closed under the borrower's hands by a forced shutdown.
        guard slots[slot].state == .ready else { return false }
        if let reason = unfit(slot, now: now) ?? surplus(slot) {
            close(slot, reason, now: now)
            return false
        }
        check(slot, now: now)
        return true
    }

    mutating func check(_ slot: Int, now: UInt64) {
        set(slot, .checking, now: now)
        actions.append(.check(slot: slot))
    }

    /// A check or a reset has ended. Neither a look at the socket, `bySight`, nor a reset is the proof that the keep-alive
    /// and ``PoolValidation/always`` ask for.
    mutating func checked(_ slot: Int, works: Bool, bySight: Bool = false, now: UInt64) {
        let state = slots[slot].state
        guard state == .checking || state == .resetting else { return }
        let isProved = works && !bySight && state == .checking
        if isProved { slots[slot].checkedAt = now }
        if works {
            settle(slot, isProved: isProved, now: now)
        } else {
            recovery.suspect()
            close(slot, bySight || state == .resetting ? .broken : .invalid, now: now)
        }
        // A waiter that counted on this one takes an idle one.
        serve(now: now)
        grow(now: now)
    }

    /// An idle connection that was about to be lent turned out to be of no use.
    mutating func retire(_ slot: Int, _ reason: PoolCloseReason, now: UInt64) {
        guard slots[slot].state == .ready || slots[slot].state == .checking else { return }
        if reason == .broken || reason == .invalid { recovery.suspect() }
        close(slot, reason, now: now)
        grow(now: now)
    }

    /// Closing has ended: the place is free.
    mutating func closed(_ slot: Int, now: UInt64) {
        set(slot, .free, now: now)
        grow(now: now)
    }

    /// Why a connection must not be used again, were it in the best of health.
    func unfit(_ slot: Int, now: UInt64) -> PoolCloseReason? {
        if isShutdown { return .shutdown }
        if slots[slot].generation != generation { return .evicted }
        return now >= slots[slot].expires ? .maxLifetime : nil
    }

    private mutating func settle(_ slot: Int, isProved: Bool, now: UInt64) {
        if let reason = unfit(slot, now: now) {
            close(slot, reason, now: now)
        } else {
            offer(slot, isProved: isProved, now: now)
        }
    }

    /// The place stays taken until the connection is closed, so that there are never more than the limit.
    mutating func close(_ slot: Int, _ reason: PoolCloseReason, now: UInt64) {
        idle.remove(slot)
        counts.closings[reason, default: 0] += 1
        set(slot, .closing, now: now)
        actions.append(.close(slot: slot, reason))
    }
}
