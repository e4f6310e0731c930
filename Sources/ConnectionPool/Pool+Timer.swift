import Synchronization

extension Pool {
    /// Sets the one timer to the machine's next moment. Under the lock. A timer that fires early costs less than one
    /// that is moved with each waiter that comes and goes, so it is only ever moved forward.
    func arm(_ state: inout PoolCore.Guarded, now: UInt64) {
        let deadline = state.machine.deadline(now: now)
        guard deadline < state.timerFires else { return }
        if let timer = state.timer { state.cancelled.append(timer) }
        state.timerNumber += 1
        state.timerFires = deadline
        // Detached: it is for all callers, and keeps no value of the one that comes first.
        state.timer = Task.detached(executorPreference: core.timers) {
            [weak self, clock = core.clock, number = state.timerNumber] in
            try? await clock.sleep(until: deadline)
            if !Task.isCancelled { self?.timerFired(number) }
        }
    }

    private func timerFired(_ number: Int) {
        let now = core.clock.now()
        var late: [(waiter: Waiting, arrived: UInt64)] = []
        var gone: [StuckCall] = []
        let actions = core.step(now: now) { state in
            guard state.timerNumber == number else { return }
            state.timer = nil
            state.timerFires = .max
            late = state.machine.timeReached(jitter: core.jitter(), now: now)
            forget(&state, &gone)
            arm(&state, now: now)
        }
        perform(actions)
        tellOf(gone, now: now)
        for (waiter, arrived) in late {
            reporter?.tell(.timedOut(waited: Duration(nanosecondCount: now.since(arrived)), site: waiter.site))
        }
    }
}
