import Synchronization

extension Pool {
    /// Opens the persistent connections before they are needed.
    /// - Parameter count: How many there are to be, at most the configured size; all of them by default.
    /// - Throws: The first connection attempt's error.
    public func warmUp(_ count: Int? = nil) async throws {
        while true {
            let now = core.clock.now()
            var isComplete = false
            var lastError: (any Error)?
            let actions = core.step(now: now) { state in
                let target = min(count ?? state.configuration.size, state.configuration.size)
                _ = state.machine.prepare(total: target, now: now)
                isComplete = state.machine.occupied >= target && state.machine.count(.connecting) == 0
                lastError = state.lastError
            }
            perform(actions)
            if isComplete { return }
            let attempts = core.state.withLock { Array($0.connecting.values) }
            if attempts.isEmpty {
                if core.state.withLock({ $0.machine.isShutdown }) { throw error(.shutdown) }
                if let lastError { throw lastError }
                // Places are being closed; whoever comes next fills them.
                return
            }
            for attempt in attempts {
                if let error = await attempt.value { throw error }
            }
        }
    }

    /// Closes idle connections now and lent ones when they come back; new ones take their place. For a failover.
    public func evictAll() {
        let now = core.clock.now()
        perform(
            core.step(now: now) { state in
                state.machine.evictAll(now: now)
                table.header.pointee.generation.store(state.machine.generation, ordering: .relaxed)
            })
    }

    /// Lends nothing until ``resume()``; callers wait, as long as their timeout allows.
    public func suspend() { perform(core.step(now: core.clock.now()) { $0.machine.suspend() }) }

    /// Ends ``suspend()``.
    public func resume() {
        let now = core.clock.now()
        perform(core.step(now: now) { $0.machine.resume(now: now) })
    }

    /// Changes the number of connections while the pool is in use. Fewer: idle ones beyond the size are closed now, lent
    /// ones when they come back, whoever waits. As many are kept idle as the pool was made with, if the size allows.
    /// - Throws: ``PoolError`` with the code ``PoolError/Code/invalidConfiguration``; nothing has changed then.
    public func resize(size: Int, maxOverflow: Int) throws(PoolError) {
        var wanted = configuration
        wanted.size = size
        wanted.maxOverflow = maxOverflow
        wanted.minimumIdle = min(minimumIdle, size)
        try wanted.validate()
        let changed = wanted
        let now = core.clock.now()
        perform(
            core.step(now: now) { state in
                table.reserve(capacity: size + maxOverflow)
                state.configuration = changed
                state.machine.reserve(capacity: size + maxOverflow)
                state.machine.resize(
                    size: size, maxOverflow: maxOverflow, minimumIdle: changed.minimumIdle, now: now)
                table.header.pointee.size.store(size, ordering: .relaxed)
            })
    }
}
