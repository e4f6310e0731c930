import Synchronization

extension Pool {
    /// Carries out what the state machine asked for. Never called under the lock.
    @inline(__always)
    func perform(_ actions: PoolCore.Actions) {
        if actions.isEmpty { return }
        performAll(actions)
    }

    private func performAll(_ actions: PoolCore.Actions) {
        // The snapshot and the cause are the same for all that are refused at once.
        var refusal: (any Error)?
        actions.forEach { action in
            switch action {
            case .lend(let waiter, let slot, let isProved):
                waiter.bring(.slot(slot, isProved: isProved))
            case .fail(let waiter, let code):
                let reason = refusal ?? error(code)
                refusal = reason
                waiter.bring(.failed(reason))
            case .connect(let slot): startConnecting(slot)
            case .check(let slot):
                examine(slot) { try await $0.validate($1) }
            case .reset(let slot):
                examine(slot) { try await $0.reset($1) }
            case .close(let slot, let reason):
                work(slot) { pool, connection in
                    await pool.backend.close(connection)
                    return pool.finishClosing(slot, reason)
                }
            case .reportLeak(let slot):
                let cell = table.cell(slot)
                let since = cell.pointee.reported.load(ordering: .relaxed)
                let held = Duration(nanosecondCount: core.clock.now().since(since))
                observer?.pool(did: .suspectedLeak(held: held, site: cell.pointee.site))
            }
        }
    }

    /// Begins what takes time, on a task of the pool's own that shutdown can cancel.
    private func work(
        _ slot: Int, _ body: @escaping @Sendable (Pool, Backend.Connection) async -> PoolCore.Actions
    ) {
        guard let connection = connection(slot) else { return }
        core.state.withLock { state in
            state.working[slot] = Task { self.perform(await body(self, connection)) }
        }
    }

    /// Has the backend look at a connection; whoever comes back without an error works.
    private func examine(_ slot: Int, _ look: @escaping @Sendable (Backend, Backend.Connection) async throws -> Void) {
        work(slot) { pool, connection in
            let works = await succeeds { try await look(pool.backend, connection) }
            let now = pool.core.clock.now()
            return pool.core.step(now: now) {
                $0.working[slot] = nil
                if works { pool.table.cell(slot).pointee.seenAt = now }
                $0.machine.checked(slot, works: works, now: now)
            }
        }
    }

    private func connection(_ slot: Int) -> Backend.Connection? {
        table.cell(slot).pointee.connection.map {
            unsafeDowncast($0.takeUnretainedValue(), to: Backend.Connection.self)
        }
    }

    private func finishClosing(_ slot: Int, _ reason: PoolCloseReason) -> PoolCore.Actions {
        let now = core.clock.now()
        var reference: Unmanaged<AnyObject>?
        var drained: [Delivery<Bool>] = []
        let actions = core.step(now: now) { state in
            reference = table.cell(slot).pointee.connection
            table.cell(slot).pointee.connection = nil
            state.working[slot] = nil
            state.machine.closed(slot, now: now)
            drained = takeDrains(&state)
        }
        reference?.release()
        observer?.pool(did: .closed(reason: reason))
        for drain in drained { drain.bring(true) }
        return actions
    }

    /// Those that wait for the last connection to go, when it has gone.
    func takeDrains(_ state: inout PoolCore.Guarded) -> [Delivery<Bool>] {
        guard state.machine.isShutdown, state.machine.occupied == 0, !state.drains.isEmpty else { return [] }
        defer { state.drains = [:] }
        return Array(state.drains.values)
    }

    // MARK: Connecting

    private func startConnecting(_ slot: Int) {
        core.state.withLock { state in
            state.connecting[slot] = Task { await self.connect(slot) }
            if state.machine.isShutdown { state.connecting[slot]?.cancel() }
        }
    }

    /// Makes one connection; returns the error when it cannot be made.
    private func connect(_ slot: Int) async -> (any Error)? {
        let start = core.clock.now()
        let result: Result<Backend.Connection, any Error>
        do { result = .success(try await backend.connect()) } catch { result = .failure(error) }
        let now = core.clock.now()
        let took = now.since(start)
        switch result {
        case .success(let connection):
            observer?.pool(did: .connected(Duration(nanosecondCount: took)))
            perform(
                core.step(now: now) { state in
                    state.connecting[slot] = nil
                    state.lastError = nil
                    state.machine.connected(slot, took: took, jitter: .random(in: 0...1), now: now)
                    let cell = table.cell(slot)
                    cell.pointee.connection = Unmanaged.passRetained(connection)
                    cell.pointee.expires = state.machine.slots[slot].expires
                    cell.pointee.generation = state.machine.slots[slot].generation
                    cell.pointee.idleSince = now
                    cell.pointee.seenAt = now
                })
            return nil
        case .failure(let error):
            var pause: UInt64 = 0
            var drained: [Delivery<Bool>] = []
            var isShutdown = false
            let isPermanent = backend.isPermanent(error)
            let actions = core.step(now: now) { state in
                state.connecting[slot] = nil
                isShutdown = state.machine.isShutdown
                if !isShutdown { state.lastError = error }
                pause = state.machine.connectFailed(
                    slot, jitter: .random(in: 0...1), isPermanent: isPermanent, now: now)
                arm(&state, now: now)
                drained = takeDrains(&state)
            }
            if !isShutdown {
                observer?.pool(did: .connectFailed(error, retryAfter: Duration(nanosecondCount: pause)))
            }
            perform(actions)
            for drain in drained { drain.bring(true) }
            return error
        }
    }
}

private func succeeds(_ body: () async throws -> Void) async -> Bool {
    do {
        try await body()
        return true
    } catch {
        return false
    }
}
