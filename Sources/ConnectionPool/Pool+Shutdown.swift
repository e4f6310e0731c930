import Synchronization

extension Pool {
    /// Lends no more, waits until lent connections have come back, and closes all. Connections still lent after `drain`
    /// are closed under their borrowers' hands. Returns when every connection is closed, every call of the backend has
    /// returned and the observer knows, or ten seconds after that: ``PoolStatistics/closing`` and
    /// ``PoolStatistics/stuckCalls`` count what is left.
    /// Goes on when the calling task is cancelled. Of several calls the one whose `drain` ends first closes what is lent.
    /// - Parameter drain: How long to wait for lent connections.
    public func shutdown(drain: Duration = .seconds(10)) async {
        let now = core.clock.now()
        let actions = core.step(now: now) { state in
            state.machine.shutdown(now: now)
            state.cancelled += state.calls.tasks(.connect)
        }
        perform(actions)
        endSuspensions(false)
        if !(await ends(within: drain) { $0.machine.count(.ready) == 0 }) { force() }
        _ = await ends(within: .seconds(10)) { [reporter] in $0.isEmpty && reporter?.isIdle ?? true }
    }

    /// Closes what is still lent.
    private func force() {
        let late = core.clock.now()
        let forced = core.step(now: late) { state in
            state.machine.forceShutdown(now: late)
            state.cancelled += state.calls.tasks(.validate, .reset, .close)
        }
        perform(forced)
    }

    /// Waits for something that the pool's shutdown brings about.
    private func ends(within limit: Duration, _ isOver: @escaping @Sendable (PoolCore.Guarded) -> Bool) async -> Bool {
        let deadline = core.clock.now().advanced(saturating: limit.wholeNanoseconds)
        var timer: Task<Void, Never>?
        let drain = PoolCore.Drain(isOver: isOver)
        let hasEnded = await drain.wait {
            let hasEnded = core.state.withLock { state in
                if isOver(state) { return true }
                state.drains.append(drain)
                return false
            }
            if hasEnded { return drain.bring(true) }
            timer = Task.detached(executorPreference: core.timers) { [core] in
                try? await core.clock.sleep(until: deadline)
                core.state.withLock { $0.drains.remove(identicalTo: drain) }?.bring(false)
            }
        }
        timer?.cancel()
        return hasEnded
    }
}
