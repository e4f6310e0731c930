import Synchronization

extension Pool {
    /// Lends no more, waits until lent connections have come back, and closes all. Connections still lent after `drain`
    /// are closed under their borrowers' hands. Returns when every connection is closed and every call of the backend has
    /// returned, or ten seconds after that: ``PoolStatistics/closing`` and ``PoolStatistics/stuckCalls`` tell what is left.
    /// Goes on when the calling task is cancelled.
    /// - Parameter drain: How long to wait for lent connections.
    public func shutdown(drain: Duration = .seconds(10)) async {
        let now = core.clock.now()
        let actions = core.step(now: now) { state in
            state.machine.shutdown(now: now)
            state.calls.cancel(.connect)
        }
        perform(actions)
        if await isEmpty(within: drain) { return }
        let late = core.clock.now()
        let forced = core.step(now: late) { state in
            state.machine.forceShutdown(now: late)
            state.calls.cancel(.validate, .reset, .close)
        }
        perform(forced)
        _ = await isEmpty(within: .seconds(10))
    }

    /// Waits for the last connection to go.
    private func isEmpty(within limit: Duration) async -> Bool {
        let deadline = core.clock.now().advanced(saturating: limit.wholeNanoseconds)
        var timer: Task<Void, Never>?
        let drain = Delivery(until: false)
        let id = ObjectIdentifier(drain)
        let isEmpty = await drain.wait {
            let isEmpty = core.state.withLock { state in
                if state.isEmpty { return true }
                state.drains[id] = drain
                return false
            }
            if isEmpty { return drain.bring(true) }
            timer = Task {
                try? await core.clock.sleep(until: deadline)
                core.state.withLock { $0.drains.removeValue(forKey: id) }?.bring(false)
            }
        }
        timer?.cancel()
        return isEmpty
    }
}
