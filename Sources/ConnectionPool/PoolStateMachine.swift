/// The rules of the pool: which connection a caller gets, who waits, what is made and what is closed.
///
/// A value: every event takes the time and returns what has to be done, which the pool does outside its lock.
struct PoolStateMachine<Connection: AnyObject & Sendable> {
    typealias WaiterID = UInt64

    enum SlotState: Equatable { case connecting, checking, idle, leased, resetting }

    struct Slot {
        var connection: Connection?
        var state: SlotState
        var generation: Int
        var expires: ContinuousClock.Instant
        var since: ContinuousClock.Instant
        var site: AcquisitionSite?
        var reported = false
    }

    enum Grant: Sendable {
        /// Lend the connection of this slot.
        case lend(slot: Int, Connection)
        /// Check this idle connection first.
        case check(slot: Int, Connection)
        /// Wait; make so many connections.
        case wait(connect: [Int])
        case refuse(PoolError.Code)
    }

    enum Action: Sendable {
        case resume(WaiterID, slot: Int, Connection)
        case fail(WaiterID, PoolError.Code)
        case close(Connection, PoolCloseReason)
        case connect(slot: Int)
        case check(slot: Int, Connection)
        case reset(slot: Int, Connection)
        case leak(AcquisitionSite, Duration)
        case leakReturned(AcquisitionSite, Duration)
    }

    var configuration: PoolConfiguration
    var slots: [Int: Slot] = [:]
    var idle: [Int] = []
    var waiters: [WaiterID: AcquisitionSite] = [:]
    var order = WaiterQueue()
    var generation = 0
    var isSuspended = false
    var isShutdown = false
    var lastError: (any Error)?
    /// Failed attempts in a row; while above zero one attempt at a time is made.
    var failures = 0
    var counts = PoolStatistics()
    private var nextSlot = 0

    init(configuration: PoolConfiguration) { self.configuration = configuration }

    var limit: Int { configuration.size + configuration.maxOverflow }
    var connecting: Int { slots.values.count { $0.connection == nil } }

    // MARK: Acquiring

    mutating func acquire(
        _ waiter: WaiterID?, site: AcquisitionSite, priority: Int, now: ContinuousClock.Instant
    ) -> Grant {
        if isShutdown { return .refuse(.shutdown) }
        if !isSuspended, order.isEmpty {
            while let slot = idle.popLast() {
                guard var entry = slots[slot], let connection = entry.connection else { continue }
                let rested = now - entry.since
                switch configuration.validation {
                case .always:
                    entry.state = .checking
                case .whenIdle(let limit) where rested > limit:
                    entry.state = .checking
                default:
                    entry.state = .leased
                }
                entry.since = now
                entry.site = site
                entry.reported = false
                slots[slot] = entry
                counts.leases += 1
                return entry.state == .leased ? .lend(slot: slot, connection) : .check(slot: slot, connection)
            }
        }
        guard let waiter else { return .refuse(.timeout) }
        waiters[waiter] = site
        order.append(waiter, priority: priority, now: now)
        return .wait(connect: isSuspended ? [] : grow(now: now))
    }

    /// As many connections as the waiters need and the limit allows; one at a time while attempts fail.
    mutating func grow(now: ContinuousClock.Instant) -> [Int] {
        var made: [Int] = []
        let wanted = max(order.count, configuration.minimumIdle - idle.count)
        var pending = slots.values.count { $0.state == .connecting || $0.state == .checking && $0.site == nil }
        while pending < wanted, slots.count < limit, failures == 0 || pending == 0 {
            made.append(newSlot(now: now))
            pending += 1
        }
        return made
    }

    private mutating func newSlot(now: ContinuousClock.Instant) -> Int {
        nextSlot += 1
        slots[nextSlot] = Slot(
            connection: nil, state: .connecting, generation: generation, expires: now, since: now, site: nil)
        return nextSlot
    }

    mutating func cancel(_ waiter: WaiterID) -> Bool {
        guard waiters.removeValue(forKey: waiter) != nil else { return false }
        order.remove(waiter)
        return true
    }

    // MARK: Connections

    mutating func connected(_ slot: Int, _ connection: Connection, jitter: Double, now: ContinuousClock.Instant)
        -> [Action]
    {
        failures = 0
        lastError = nil
        counts.created += 1
        guard var entry = slots[slot] else { return [.close(connection, .shutdown)] }
        entry.connection = connection
        entry.expires = now + configuration.maxLifetime * (1 - 0.1 * jitter)
        entry.since = now
        slots[slot] = entry
        if isShutdown { return close(slot, .shutdown) }
        if entry.generation != generation { return close(slot, .evicted) + regrow(now: now) }
        return offer(slot, now: now) + regrow(now: now)
    }

    mutating func connectFailed(_ slot: Int, _ error: any Error) {
        slots[slot] = nil
        failures += 1
        counts.connectFailures += 1
        lastError = error
    }

    /// Called when the pause after a failure is over, and whenever a slot came free.
    mutating func regrow(now: ContinuousClock.Instant) -> [Action] {
        isShutdown || isSuspended ? [] : grow(now: now).map { .connect(slot: $0) }
    }

    mutating func checked(_ slot: Int, lends waiter: Bool, works: Bool, now: ContinuousClock.Instant) -> [Action] {
        guard works else {
            return close(slot, .invalid) + regrow(now: now)
        }
        guard waiter else { return offer(slot, now: now) }
        slots[slot]?.state = .leased
        slots[slot]?.since = now
        return []
    }

    mutating func released(_ slot: Int, state: ConnectionReturnState, now: ContinuousClock.Instant) -> [Action] {
        guard var entry = slots[slot], let connection = entry.connection else { return [] }
        var actions: [Action] = []
        if entry.reported, let site = entry.site { actions.append(.leakReturned(site, now - entry.since)) }
        entry.site = nil
        slots[slot] = entry
        let reason: PoolCloseReason? =
            if isShutdown {
                .shutdown
            } else if state == .broken {
                .broken
            } else if entry.generation != generation {
                .evicted
            } else if now >= entry.expires {
                .maxLifetime
            } else if slots.count > configuration.size, order.isEmpty {
                .overflow
            } else {
                nil
            }
        if let reason { return actions + close(slot, reason) + regrow(now: now) }
        if state == .needsReset {
            slots[slot]?.state = .resetting
            return actions + [.reset(slot: slot, connection)]
        }
        return actions + offer(slot, now: now)
    }

    /// Gives a usable connection to the first waiter, or lays it on the idle ones.
    mutating func offer(_ slot: Int, now: ContinuousClock.Instant) -> [Action] {
        guard var entry = slots[slot], let connection = entry.connection else { return [] }
        entry.since = now
        entry.reported = false
        if !isSuspended, let waiter = order.popFirst(now: now), let site = waiters.removeValue(forKey: waiter) {
            entry.state = .leased
            entry.site = site
            slots[slot] = entry
            counts.leases += 1
            return [.resume(waiter, slot: slot, connection)]
        }
        if slots.count > configuration.size {
            return close(slot, .overflow)
        }
        entry.state = .idle
        slots[slot] = entry
        idle.append(slot)
        return []
    }

    mutating func close(_ slot: Int, _ reason: PoolCloseReason) -> [Action] {
        idle.removeAll { $0 == slot }
        guard let entry = slots.removeValue(forKey: slot), let connection = entry.connection else { return [] }
        counts.closed += 1
        return [.close(connection, reason)]
    }

    // MARK: Housekeeping

    mutating func tick(now: ContinuousClock.Instant, isOpen: (Connection) -> Bool) -> [Action] {
        var actions: [Action] = []
        for slot in idle {
            guard let entry = slots[slot], let connection = entry.connection else { continue }
            if now >= entry.expires {
                actions += close(slot, .maxLifetime)
            } else if now - entry.since >= configuration.idleTimeout, idle.count > configuration.minimumIdle {
                actions += close(slot, .idleTimeout)
            } else if !isOpen(connection) {
                actions += close(slot, .broken)
            }
        }
        if let threshold = configuration.leakThreshold {
            for (slot, entry) in slots where entry.state == .leased && !entry.reported && now - entry.since >= threshold
            {
                slots[slot]?.reported = true
                counts.leaks += 1
                if let site = entry.site { actions.append(.leak(site, now - entry.since)) }
            }
        }
        return actions + regrow(now: now)
    }

    mutating func evictAll(now: ContinuousClock.Instant) -> [Action] {
        generation += 1
        return idle.flatMap { close($0, .evicted) } + regrow(now: now)
    }

    mutating func shutdown() -> [Action] {
        isShutdown = true
        let failed: [Action] = order.removeAll().map { .fail($0, .shutdown) }
        waiters = [:]
        return failed + idle.flatMap { close($0, .shutdown) }
    }

    func statistics() -> PoolStatistics {
        var result = counts
        result.size = configuration.size
        result.limit = limit
        result.inUse = slots.values.count { $0.state == .leased || $0.state == .checking && $0.site != nil }
        result.idle = idle.count
        result.connecting = slots.count - result.inUse - result.idle
        result.waiting = order.count
        let longest = slots.values.filter { $0.state == .leased }.min { $0.since < $1.since }
        result.longestHeldSite = longest?.site?.description
        return result
    }
}

extension PoolStateMachine {
    /// Slots for connections that nobody waits for yet.
    mutating func reserve(_ count: Int, now: ContinuousClock.Instant) -> [Int] {
        guard !isShutdown, count > 0 else { return [] }
        return (0..<min(count, limit - slots.count)).map { _ in newSlot(now: now) }
    }

    /// Lends idle connections to those that waited during a suspension.
    mutating func lendIdle(now: ContinuousClock.Instant) -> [Action] {
        var actions: [Action] = []
        while !order.isEmpty, let slot = idle.popLast() { actions += offer(slot, now: now) }
        return actions + regrow(now: now)
    }

    /// Closes idle connections beyond the size.
    mutating func shrink() -> [Action] {
        var actions: [Action] = []
        while slots.count > configuration.size, let slot = idle.first { actions += close(slot, .overflow) }
        return actions
    }
}
