extension Pool {
    /// Carries out what the state machine asked for. Never called under the lock.
    func perform(_ actions: [PoolStateMachine<Backend.Connection>.Action]) {
        for action in actions {
            switch action {
            case .resume(let id, let slot, let connection):
                let waiting = state.withLock { state in
                    state.deadlines[id] = nil
                    return state.continuations.removeValue(forKey: id)
                }
                waiting?.resume(returning: .success((slot, connection)))
            case .fail(let id, let code):
                let waiting = state.withLock { state in
                    state.deadlines[id] = nil
                    return state.continuations.removeValue(forKey: id)
                }
                waiting?.resume(returning: .failure(error(code)))
            case .leak(let site, let held):
                observer?.pool(did: .suspectedLeak(held: held, site: site))
            case .leakReturned(let site, let held):
                observer?.pool(did: .leakReturned(held: held, site: site))
            case .close, .connect, .check, .reset:
                start(action)
            }
        }
    }

    /// Begins work that takes time, on a task of the pool's own.
    func start(_ action: PoolStateMachine<Backend.Connection>.Action) {
        work {
            switch action {
            case .connect(let slot): try? await self.connect(slot)
            case .close(let connection, let reason):
                await self.backend.close(connection)
                self.observer?.pool(did: .closed(reason: reason))
            case .reset(let slot, let connection):
                let clean = await Result(catching: { try await self.backend.reset(connection) }).isSuccess
                self.perform(
                    self.state.withLock { state in
                        clean
                            ? state.machine.released(slot, state: .clean, now: .now)
                            : state.machine.released(slot, state: .broken, now: .now)
                    })
            case .check(let slot, let connection):
                let works = await Result(catching: { try await self.backend.validate(connection) }).isSuccess
                self.perform(self.state.withLock { $0.machine.checked(slot, lends: false, works: works, now: .now) })
            default: break
            }
        }
    }

    /// A task that shutdown waits for.
    func work(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { $0.working += 1 }
        Task {
            await body()
            let watchers = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.working -= 1
                guard state.working == 0 else { return [] }
                defer { state.idleWatchers = [] }
                return state.idleWatchers
            }
            watchers.forEach { $0.resume() }
        }
    }

    func connect(_ slot: Int) async throws {
        let start = ContinuousClock.now
        do {
            let connection = try await backend.connect()
            observer?.pool(did: .connected(.now - start))
            perform(
                state.withLock {
                    $0.machine.connected(slot, connection, jitter: .random(in: 0...1), now: .now)
                })
        } catch {
            let pause = state.withLock { state -> Duration in
                state.machine.connectFailed(slot, error)
                let cap = min(
                    state.machine.configuration.backoffBase * Double(1 << min(state.machine.failures - 1, 20)),
                    state.machine.configuration.backoffCap)
                return cap * Double.random(in: 0.5...1)
            }
            observer?.pool(did: .connectFailed(error, retryAfter: pause))
            work {
                try? await Task.sleep(for: pause)
                self.perform(self.state.withLock { $0.machine.regrow(now: .now) })
            }
            throw error
        }
    }

    /// Takes a connection back.
    func giveBack(_ slot: Int, verdict: ConnectionReturnState?) {
        guard let connection = state.withLock({ $0.machine.slots[slot]?.connection }) else { return }
        let returned = verdict ?? backend.returnState(of: connection)
        if let observer, configuration.echo, let entry = state.withLock({ $0.machine.slots[slot] }),
            let site = entry.site
        {
            observer.pool(did: .released(held: .now - entry.since, site: site))
        }
        perform(state.withLock { $0.machine.released(slot, state: returned, now: .now) })
    }

    /// Keeps house until the task is cancelled, then shuts the pool down.
    public func run() async {
        while !Task.isCancelled {
            perform(state.withLock { $0.machine.tick(now: .now, isOpen: backend.isOpen) })
            try? await Task.sleep(for: .milliseconds(250))
        }
        await shutdown()
    }

    /// Lends no more, waits until lent connections have come back, and closes all.
    /// - Parameter drain: How long to wait for lent connections; they are closed at their return in any case.
    public func shutdown(drain: Duration = .seconds(10)) async {
        perform(state.withLock { $0.machine.shutdown() })
        let deadline = ContinuousClock.now + drain
        while statistics.inUse > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
            if Task.isCancelled { await Task.yield() }
        }
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.working == 0 { return true }
                state.idleWatchers.append(continuation)
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}
