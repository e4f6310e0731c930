/// The rules of the pool: who waits, what is made, what is checked and what is closed.
///
/// A value: each event takes the time and adds to ``actions`` what has to be done, which the pool does outside its
/// lock. Leases that find an idle connection, and returns without waiters, never come here: they change a bit of
/// the pool's atomic words. The caller of an event has first moved those bits to ``idle`` and puts them back afterwards.
struct PoolStateMachine<Waiter: Sendable> {
    enum State: Int, CaseIterable {
        /// No connection.
        case free
        /// One is being made.
        case connecting
        /// It is lent, or idle when ``PoolStateMachine/idle`` contains it.
        case ready
        case checking, resetting, closing
    }

    struct Slot: Equatable {
        var state = State.free
        /// Of which generation the connection is; an evicted generation is closed at its return.
        var generation: UInt64 = 0
        /// When it is too old; fixed at its birth.
        var expires: UInt64 = 0
        /// When it was last checked by the keep-alive.
        var checkedAt: UInt64 = 0
        /// When the call of the backend began that it is in its state for; 0 for none.
        var begun: UInt64 = 0
        /// Whether that call takes so long that the waiters do not count on it.
        var isSlow = false
        /// How long the waiter has waited that was served with it last.
        var waited: UInt64 = 0
        /// Since when the lease is held that was reported as a suspected leak.
        var reportedSince: UInt64 = 0
    }

    /// The settings; sizes may change.
    var rules: PoolRules
    var slots: [Slot]
    /// Connections ready to be lent. Only correct during an event.
    var idle: SlotSet
    var vacant: SlotSet
    var waiters = WaiterQueue<Waiter>()
    var recovery: Recovery
    /// `nil` when everybody waits in line.
    var overload: OverloadControl?
    var generation: UInt64 = 0
    var isSuspended = false
    var isShutdown = false
    var counts = PoolCounts()
    /// When the calls under way are to be looked at again: not later than any of them becomes slow or is over its limit.
    var nextLook = UInt64.max
    var slowConnects = 0
    var slowChecks = 0
    /// Slots whose calls the pool has to give up, in the same event, and after which pause it tries again where an attempt
    /// to connect has failed by that.
    var forgotten: [(slot: Int, pause: UInt64?)] = []
    /// What has to be done.
    var actions = ShortList<PoolAction<Waiter>>()
    private var tally = Array(repeating: 0, count: State.allCases.count)

    init(rules: PoolRules) {
        self.rules = rules
        let capacity = rules.limit
        slots = Array(repeating: Slot(), count: capacity)
        idle = SlotSet(capacity: capacity)
        vacant = SlotSet(capacity: capacity)
        for slot in 0..<capacity { vacant.insert(slot) }
        tally[State.free.rawValue] = capacity
        overload = OverloadControl(rules.overload)
        recovery = Recovery(base: rules.backoffBase, cap: rules.backoffCap)
    }

    /// How many slots are in a state.
    func count(_ state: State) -> Int { tally[state.rawValue] }

    /// Connections that exist or are about to.
    var occupied: Int { slots.count - count(.free) }

    /// Whether the pool is suspended, and no connection is in use nor anything done with one.
    var isQuiet: Bool { isSuspended && occupied == idle.count }

    /// Whether leases and returns must come to the machine instead of changing a bit.
    var isSlow: Bool { isSuspended || isShutdown || !waiters.isEmpty || isOverLimit }

    /// Whether there are more connections than there may be, because the limit has shrunk.
    var isOverLimit: Bool { occupied > rules.limit }

    /// When ``timeReached(jitter:now:)`` is to be called next. A pause that is over asks for nothing: from then on the event
    /// that makes room makes the next attempt.
    func deadline(now: UInt64) -> UInt64 {
        let retry = recovery.notBefore
        return min(
            waiters.earliestDeadline, retry > now && !waiters.isEmpty ? retry : .max, nextLook, nextShedding(now: now))
    }

    mutating func set(_ slot: Int, _ state: State, now: UInt64) {
        tally[slots[slot].state.rawValue] -= 1
        tally[state.rawValue] += 1
        if slots[slot].isSlow {
            if slots[slot].state == .connecting { slowConnects -= 1 } else { slowChecks -= 1 }
            slots[slot].isSlow = false
        }
        slots[slot].begun = 0
        slots[slot].state = state
        if state == .free { vacant.insert(slot) } else { vacant.remove(slot) }
    }

    /// Room for more slots.
    mutating func reserve(capacity: Int) {
        guard capacity > slots.count else { return }
        idle.reserve(capacity: capacity)
        vacant.reserve(capacity: capacity)
        for slot in slots.count..<capacity {
            slots.append(Slot())
            vacant.insert(slot)
            tally[State.free.rawValue] += 1
        }
    }
}

/// The settings as the state machine reads them: times in nanoseconds.
struct PoolRules: Equatable {
    var size: Int
    var maxOverflow: Int
    var minimumIdle: Int
    let maxLifetime: UInt64
    let idleTimeout: UInt64
    let keepAlive: UInt64?
    let leakThreshold: UInt64?
    let checksAlways: Bool
    let overload: PoolOverload
    let connectLimit: UInt64
    let checkLimit: UInt64
    let backoffBase: UInt64
    let backoffCap: UInt64

    init(_ configuration: PoolConfiguration) {
        size = configuration.size
        maxOverflow = configuration.maxOverflow
        minimumIdle = configuration.minimumIdle
        maxLifetime = configuration.maxLifetime.wholeNanoseconds
        idleTimeout = configuration.idleTimeout.wholeNanoseconds
        keepAlive = configuration.keepAlive?.wholeNanoseconds
        leakThreshold = configuration.leakThreshold?.wholeNanoseconds
        checksAlways = configuration.validation == .always
        overload = configuration.overload
        connectLimit = configuration.connectTimeout.wholeNanoseconds
        checkLimit = configuration.checkTimeout.wholeNanoseconds
        backoffBase = configuration.backoffBase.wholeNanoseconds
        backoffCap = configuration.backoffCap.wholeNanoseconds
    }

    var limit: Int { size + maxOverflow }
}

/// What the machine has counted since its start.
struct PoolCounts: Equatable {
    /// Leases of callers that waited for them.
    var waited: UInt64 = 0
    var created: UInt64 = 0
    var closings: [PoolCloseReason: UInt64] = [:]
    var closed: UInt64 { closings.reduce(0) { $1.key == .late ? $0 : $0 + $1.value } }
    var connectFailures: UInt64 = 0
    var timeouts: UInt64 = 0
    var leaks: UInt64 = 0
    /// By priority.
    var shed: [Int: UInt64] = [:]
    var abandoned: UInt64 = 0
    /// Of those that had to wait.
    var waits = DurationHistogram()
    var creations = DurationHistogram()
}
