import Synchronization

extension Pool {
    /// Opens the persistent connections before they are needed.
    /// - Parameter count: How many there are to be, at most the configured size; all of them by default.
    /// - Throws: The first connection attempt's error, or the last one's while the pool pauses after it;
    ///   `CancellationError` when the task is cancelled, after which the attempts go on.
    public func warmUp(_ count: Int? = nil) async throws {
        while true {
            switch await nextAttempt(count) {
            case .complete: return
            case .again: continue
            case .failed(let error): throw error
            }
        }
    }

    /// Sees to it that connections are being made, and waits until one attempt has ended.
    private func nextAttempt(_ count: Int?) async -> WarmUp {
        let delivery = Delivery<WarmUp>(until: .again)
        return await withTaskCancellationHandler {
            await delivery.wait {
                let now = core.clock.now()
                var outcome: WarmUp?
                let actions = core.step(now: now) { state in
                    let target = min(count ?? state.configuration.size, state.configuration.size)
                    _ = state.machine.prepare(total: target, now: now)
                    if Task.isCancelled {
                        outcome = .failed(CancellationError())
                    } else if state.machine.isShutdown {
                        outcome = .failed(error(.shutdown, state, now: now))
                    } else if state.machine.occupied - state.machine.count(.closing) < target,
                        state.machine.count(.connecting) + state.machine.count(.closing) == 0
                    {
                        // The pool pauses after a failure, or is suspended.
                        outcome = .failed(state.lastError ?? error(.timeout, state, now: now))
                    } else if state.machine.occupied - state.machine.count(.closing) < target
                        || state.machine.count(.connecting) > 0
                    {
                        state.warmUps.append(delivery)
                    } else {
                        outcome = .complete
                    }
                }
                perform(actions)
                if let outcome { delivery.bring(outcome) }
            }
        } onCancel: {
            core.state.withLock { $0.warmUps.remove(identicalTo: delivery) }?.bring(.failed(CancellationError()))
        }
    }

    /// Closes idle connections now and lent ones when they come back; new ones take their place. Attempts to connect that
    /// have been under way for more than a second are given up and made anew, at once. For a failover.
    public func evictAll() { evictAll(of: nil) }

    /// ``evictAll()``, unless another caller has evicted the connections of this generation already.
    func evictAll(of generation: UInt64?) {
        let now = core.clock.now()
        var gone: [StuckCall] = []
        let actions = core.step(now: now) { state in
            if let generation, generation != state.machine.generation { return }
            state.machine.evictAll(now: now)
            forget(&state, &gone)
            table.header.pointee.generation.store(state.machine.generation, ordering: .relaxed)
        }
        perform(actions)
        tellOf(gone, now: now)
    }

    /// Lends nothing until ``resume()``; callers wait, as long as their timeout allows.
    public func suspend() { perform(core.step(now: core.clock.now()) { $0.machine.suspend() }) }

    /// ``suspend()``, and waits until every connection has come back and no call of the backend is under way, for a
    /// restart of the server or a switch-over of which no request is to fail. ``evictAll()`` closes the connections then.
    ///
    /// Those that are lent go on with what they do; a task that needs a second connection for it waits like all others, which
    /// the limit ends.
    /// - Parameter drain: How long to wait.
    /// - Returns: Whether the pool is quiet. It stays suspended in any case, until ``resume()``; `false` also when that
    ///   came first, when the calling task was cancelled, or after a shutdown.
    public func suspend(drain: Duration) async -> Bool {
        let deadline = core.clock.now().advanced(saturating: drain.wholeNanoseconds)
        let delivery = Delivery(until: false)
        let timer = Task.detached(executorPreference: core.timers) { [core] in
            try? await core.clock.sleep(until: deadline)
            core.state.withLock { $0.suspensions.remove(identicalTo: delivery) }?.bring(false)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await delivery.wait {
                var isOver = false
                let now = core.clock.now()
                perform(
                    core.step(now: now) { state in
                        state.machine.suspend()
                        isOver =
                            Task.isCancelled || state.machine.isShutdown || deadline <= now && !state.machine.isQuiet
                        if !isOver { state.suspensions.append(delivery) }
                    })
                if isOver { delivery.bring(false) }
            }
        } onCancel: {
            core.state.withLock { $0.suspensions.remove(identicalTo: delivery) }?.bring(false)
        }
    }

    /// Resumes those that wait for the pool to be quiet.
    func endSuspensions(_ isQuiet: Bool) {
        let waiting = core.state.withLock { state in
            defer { state.suspensions = [] }
            return state.suspensions
        }
        for delivery in waiting { delivery.bring(isQuiet) }
    }

    /// Ends ``suspend()``.
    public func resume() {
        let now = core.clock.now()
        perform(
            core.step(now: now) { state in
                state.machine.resume(now: now)
                arm(&state, now: now)
            })
        endSuspensions(false)
    }

    /// Changes the number of connections while the pool is in use. Fewer: idle ones beyond the size are closed now, lent
    /// ones when they come back, even while callers wait. As many are kept idle as the pool was made with, if the size allows.
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

/// What one that warms a pool up wakes up to.
enum WarmUp: Sendable {
    case complete, again
    case failed(any Error)
}
