import Synchronization

/// One that waits, as the pool keeps it.
// As its superclass.
package class Waiting: Delivery<Served>, @unchecked Sendable {
    final let site: AcquisitionSite
    /// What the closure holds that it stands in.
    final let around: Loan?
    /// Which waiter a cancellation removes; 0 until it is in line. Used under the pool's lock.
    final let number = Atomic<UInt64>(0)

    init(site: AcquisitionSite, in core: PoolCore) {
        self.site = site
        around = core.marks.around(in: core.table)
        super.init(until: .slot(-1, isProved: false))
    }
}

/// What a waiter wakes up to.
package enum Served: Sendable {
    /// The connection of a slot; proved when a round trip has just shown that it works.
    case slot(Int, isProved: Bool)
    case failed(any Error)
}

/// The pool without its backend: the atomic table, and the state machine behind a lock.
final class PoolCore: Sendable {
    typealias Machine = PoolStateMachine<Waiting>
    typealias Actions = ShortList<PoolAction<Waiting>>

    let table: SlotTable
    let marks = LoanMarks()
    let clock: any PoolClock
    let state: PoolLock<Guarded>

    /// One that waits for a part of the shutdown.
    struct Drain: Sendable {
        let delivery: Delivery<Bool>
        let isOver: @Sendable (Guarded) -> Bool
    }

    struct Guarded {
        var machine: Machine
        /// Whether the machine holds the idle bits now.
        var isInEvent = false
        var configuration: PoolConfiguration
        var lastError: (any Error)?
        var timer: Task<Void, Never>?
        var timerFires = UInt64.max
        var timerNumber = 0
        var calls = BackendCalls()
        /// Those that wait until a connection attempt has ended.
        var warmUps: [ObjectIdentifier: Delivery<WarmUp>] = [:]
        var drains: [ObjectIdentifier: Drain] = [:]
        /// Those that wait until the suspended pool is quiet.
        var suspensions: [ObjectIdentifier: Delivery<Bool>] = [:]

        mutating func takeWarmUps() -> [Delivery<WarmUp>] {
            if warmUps.isEmpty { return [] }
            defer { warmUps = [:] }
            return Array(warmUps.values)
        }

        /// Those whose wait is over.
        mutating func takeDrains() -> [Delivery<Bool>] {
            if drains.isEmpty { return [] }
            let over = drains.filter { $0.value.isOver(self) }
            for id in over.keys { drains[id] = nil }
            return over.values.map(\.delivery)
        }

        /// Whether no connection is left, nor a call that may hold one.
        var isEmpty: Bool { machine.occupied == 0 && calls.stuckCount == 0 }
    }

    init(configuration: PoolConfiguration, clock: any PoolClock) {
        let rules = PoolRules(configuration)
        table = SlotTable(capacity: rules.limit, size: rules.size)
        self.clock = clock
        state = PoolLock(Guarded(machine: Machine(rules: rules), configuration: configuration))
    }

    deinit {
        table.free()
        marks.free()
    }

    /// Has the machine deal with an event. Waiters that are served get their cells before the lock is given up.
    func step(now: UInt64, _ event: (inout Guarded) -> Void) -> Actions {
        state.withLock { state in
            table.seize(into: &state.machine.idle)
            state.isInEvent = true
            event(&state)
            if !state.suspensions.isEmpty, state.machine.isQuiet { state.machine.actions.append(.quiet) }
            let actions = state.machine.actions
            state.machine.actions = Actions()
            actions.forEach { action in
                if case .reportLeak(let slot) = action {
                    let since = state.machine.slots[slot].reportedSince
                    table.cell(slot).pointee.reported.store(since, ordering: .relaxed)
                }
                guard case .lend(let waiter, let slot, _) = action else { return }
                table.cell(slot).pointee.lend(at: waiter.site, now: now)
            }
            state.isInEvent = false
            table.restore(state.machine.idle, slow: state.machine.isSlow)
            return actions
        }
    }
}
