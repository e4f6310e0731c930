import Synchronization

extension Pool {
    /// Carries out what the state machine asked for. Never called under the lock.
    @inline(__always)
    func perform(_ actions: PoolCore.Actions) {
        if actions.isEmpty { return }
        performAll(actions)
    }

    private func performAll(_ actions: PoolCore.Actions) {
        // The snapshot and the cause are the same for all that are refused at once for one reason.
        var refusals: [PoolError.Code: PoolError] = [:]
        var crowd: (snapshot: PoolStatistics, retryAfter: UInt64)?
        actions.forEach { action in
            switch action {
            case .lend(let waiter, let slot, let isProved):
                waiter.bring(.slot(slot, isProved: isProved))
            case .fail(let waiter, let code):
                let reason = refusals[code] ?? error(code, cause: waiter.cause)
                refusals[code] = reason
                waiter.bring(.failed(failure(reason, of: waiter)))
            case .shed(let waiter, let waited, let priority):
                let present = crowd ?? self.crowd()
                crowd = present
                waiter.bring(.failed(overloaded(waited: waited, in: present)))
                let waited = Duration(nanosecondCount: waited)
                reporter?.tell(.shed(waited: waited, priority: priority, site: waiter.site))
            case .connect(let slot): connect(slot)
            case .check(let slot): examine(slot, .validate) { try await $0.validate($1) }
            case .reset(let slot): examine(slot, .reset) { try await $0.reset($1) }
            case .close(let slot, let reason): close(slot, reason)
            case .quiet: endSuspensions(true)
            case .reportLeak(let slot):
                let cell = table.cell(slot)
                let since = cell.pointee.reported.load(ordering: .relaxed)
                let held = Duration(nanosecondCount: core.clock.now().since(since))
                reporter?.tell(.suspectedLeak(held: held, site: cell.pointee.site))
            }
        }
    }
}
