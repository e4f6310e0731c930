import Synchronization
import VitalsSupport

/// The pool without its backend: the atomic table, and the state machine behind a lock.
final class PoolCore: Sendable {
    typealias Machine = PoolStateMachine<Waiting>
    typealias Actions = ShortList<PoolAction<Waiting>>

    let table: SlotTable
    let marks = LoanMarks()
    let clock: any PoolClock
    /// Where timers run: with the system's clock on its thread.
    let timers: (any TaskExecutor)?
    /// Draws a number from 0 to 1.
    let jitter: @Sendable () -> Double
    let state: PoolLock<Guarded>

    /// Waits for a part of the shutdown.
    // As its superclass.
    final class Drain: Delivery<Bool>, @unchecked Sendable {
        let isOver: @Sendable (Guarded) -> Bool

        init(isOver: @escaping @Sendable (Guarded) -> Bool) {
            self.isOver = isOver
            super.init(until: false)
        }
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
        /// Tasks to cancel when the lock has been given up: their handlers are foreign code.
        var cancelled: [Task<Void, Never>] = []
        /// Those that wait until a connection attempt has ended.
        var warmUps: [Delivery<WarmUp>] = []
        var drains: [Drain] = []
        /// Those that wait until the suspended pool is quiet.
        var suspensions: [Delivery<Bool>] = []

        mutating func takeWarmUps() -> [Delivery<WarmUp>] {
            defer { warmUps = [] }
            return warmUps
        }

        /// Those whose wait is over.
        mutating func takeDrains() -> [Drain] {
            if drains.isEmpty { return [] }
            let over = drains.filter { $0.isOver(self) }
            drains.removeAll { drain in over.contains { $0 === drain } }
            return over
        }

        /// Whether no connection is left, nor a call that may hold one.
        var isEmpty: Bool { machine.occupied == 0 && calls.stuckCount == 0 }
    }

    init(configuration: PoolConfiguration, clock: any PoolClock, jitter: @escaping @Sendable () -> Double) {
        let rules = PoolRules(configuration)
        table = SlotTable(capacity: rules.limit, size: rules.size)
        self.clock = clock
        timers = clock is SystemPoolClock ? ControlThread.shared : nil
        self.jitter = jitter
        state = PoolLock(Guarded(machine: Machine(rules: rules), configuration: configuration))
    }

    deinit {
        table.free()
        marks.free()
    }

    /// Changes the state under the lock, and then cancels the tasks that are to be cancelled.
    @inline(__always)
    func change<Result>(_ body: (inout Guarded) -> Result) -> Result {
        var cancelled: [Task<Void, Never>] = []
        let result = state.withLock { state in
            defer { if !state.cancelled.isEmpty { swap(&state.cancelled, &cancelled) } }
            return body(&state)
        }
        for task in cancelled { task.cancel() }
        return result
    }

    /// Has the machine deal with an event. Waiters that are served get their cells before the lock is given up.
    func step(now: UInt64, _ event: (inout Guarded) -> Void) -> Actions {
        change { state in
            table.seize(into: &state.machine.idle)
            state.isInEvent = true
            event(&state)
            state.machine.refuseDeadlocked(now: now)
            if !state.suspensions.isEmpty, state.machine.isQuiet { state.machine.actions.append(.quiet) }
            let actions = state.machine.actions
            state.machine.actions = Actions()
            actions.forEach { action in
                if case .reportLeak(let slot) = action {
                    let since = state.machine.slots[slot].reportedSince
                    table.cell(slot).pointee.reported.store(since, ordering: .relaxed)
                }
                if case .fail(let waiter, .connectFailed) = action { waiter.cause = state.lastError }
                guard case .lend(let waiter, let slot, _) = action else { return }
                table.cell(slot).pointee.lend(at: waiter.site, now: now)
            }
            state.isInEvent = false
            table.restore(state.machine.idle, slow: state.machine.isSlow)
            return actions
        }
    }
}
