/// The calls of the backend. Each may take its time, fail, or never return: then the pool goes on without it.
extension Pool {
    /// Makes a connection for a slot.
    func connect(_ slot: Int) {
        begin(.connect, slot) { pool, call in
            do {
                let connection = try await pool.backend.connect()
                await pool.connected(call, slot, connection)
            } catch {
                pool.connectFailed(call, slot, error)
            }
        }
    }

    /// Has the backend examine a connection, which works when the call returns without an error.
    func examine(
        _ slot: Int, _ kind: PoolCall, _ look: @escaping @Sendable (Backend, Backend.Connection) async throws -> Void
    ) {
        guard let connection = connection(slot) else { return }
        begin(kind, slot) { pool, call in
            let works: Bool
            do {
                // Given up before it began, and the connection may be closed.
                try Task.checkCancellation()
                try await look(pool.backend, connection)
                works = true
            } catch {
                works = false
            }
            pool.end(call, slot) { state, now in
                if works { pool.table.cell(slot).pointee.seenAt = now }
                state.machine.checked(slot, works: works, now: now)
            }
        }
    }

    /// Closes the connection of a slot, which is free then.
    func close(_ slot: Int, _ reason: PoolCloseReason) {
        guard let connection = connection(slot) else { return }
        begin(.close, slot) { pool, call in
            await pool.backend.close(connection)
            var reference: Unmanaged<AnyObject>?
            var waiting: [Delivery<WarmUp>] = []
            pool.reporter?.tell(.closed(reason: reason))
            pool.end(call, slot) { state, now in
                reference = pool.table.cell(slot).pointee.connection
                pool.table.cell(slot).pointee.connection = nil
                state.machine.closed(slot, now: now)
                waiting = state.takeWarmUps()
            }
            reference?.release()
            for delivery in waiting { delivery.bring(.again) }
        }
    }

    private func connection(_ slot: Int) -> Backend.Connection? {
        table.cell(slot).pointee.connection.map {
            unsafeDowncast($0.takeUnretainedValue(), to: Backend.Connection.self)
        }
    }

    // MARK: Beginning and ending

    private func begin(_ kind: PoolCall, _ slot: Int, _ body: @escaping @Sendable (Pool, BackendCall) async -> Void) {
        let now = core.clock.now()
        let call = BackendCall(kind, began: now)
        core.change { state in
            state.calls.begin(call, at: slot)
            state.machine.began(slot, now: now)
            // Detached: the connection is for all callers, and neither the values nor the priority of one of them are its.
            let task = Task.detached { await body(self, call) }
            call.task = task
            if kind == .connect, state.machine.isShutdown { state.cancelled.append(task) }
            arm(&state, now: now)
        }
    }

    /// A call has returned. The event happens unless the pool went on without the call; returns whether it did happen.
    @discardableResult
    private func end(
        _ call: BackendCall, _ slot: Int, _ event: (inout PoolCore.Guarded, UInt64) -> Void
    ) -> Bool {
        let now = core.clock.now()
        var isExpected = false
        var drained: [PoolCore.Drain] = []
        let actions = core.step(now: now) { state in
            isExpected = state.calls.end(call, at: slot)
            if isExpected {
                event(&state, now)
                arm(&state, now: now)
            } else if call.kind != .connect {
                state.calls.endStuck(call)
            }
            drained = state.takeDrains()
        }
        perform(actions)
        for drain in drained { drain.bring(true) }
        return isExpected
    }

    private func connected(_ call: BackendCall, _ slot: Int, _ connection: Backend.Connection) async {
        let took = core.clock.now().since(call.began)
        var waiting: [Delivery<WarmUp>] = []
        var begins = false
        let isExpected = end(call, slot) { state, now in
            // In the event itself: nobody can tell of the connection's end before.
            begins = reporter?.note(.connected(Duration(nanosecondCount: took))) ?? false
            state.lastError = nil
            state.machine.connected(slot, took: took, jitter: core.jitter(), now: now)
            let cell = table.cell(slot)
            cell.pointee.connection = Unmanaged.passRetained(connection)
            cell.pointee.expires = state.machine.slots[slot].expires
            cell.pointee.generation = state.machine.slots[slot].generation
            cell.pointee.idleSince = now
            cell.pointee.seenAt = now
            waiting = state.takeWarmUps()
        }
        if begins { reporter?.begin() }
        for delivery in waiting { delivery.bring(.again) }
        if isExpected { return }
        // It comes too late: its place may be another's.
        await backend.close(connection)
        reporter?.tell(.closed(reason: .late))
        core.state.withLock { $0.machine.counts.closings[.late, default: 0] += 1 }
        endStuck(call)
    }

    private func connectFailed(_ call: BackendCall, _ slot: Int, _ error: any Error) {
        var pause: UInt64 = 0
        var isShutdown = false
        var waiting: [Delivery<WarmUp>] = []
        let isPermanent = backend.isPermanent(error)
        let isExpected = end(call, slot) { state, now in
            isShutdown = state.machine.isShutdown
            if !isShutdown { state.lastError = error }
            pause = state.machine.connectFailed(slot, jitter: core.jitter(), isPermanent: isPermanent, now: now)
            waiting = state.takeWarmUps()
        }
        for delivery in waiting { delivery.bring(isShutdown ? .again : .failed(error)) }
        guard isExpected else { return endStuck(call) }
        if !isShutdown {
            reporter?.tell(.connectFailed(error, retryAfter: Duration(nanosecondCount: pause)))
        }
    }

    // MARK: Going on without

    /// Takes the calls off that the machine has given up. Under the lock, in the event in which it did.
    func forget(_ state: inout PoolCore.Guarded, _ gone: inout [StuckCall]) {
        for (slot, pause) in state.machine.forgotten {
            guard let call = state.calls.giveUp(at: slot) else { continue }
            if let task = call.task { state.cancelled.append(task) }
            var stuck = StuckCall(call: call)
            switch call.kind {
            case .connect:
                if let pause {
                    let limit = state.configuration.connectTimeout
                    let error = PoolError(.connectFailed, "the backend's connect() did not return within \(limit)")
                    stuck.failure = (error, pause)
                    state.lastError = error
                }
                stuck.warmUps = state.takeWarmUps()
            case .close:
                stuck.reference = table.cell(slot).pointee.connection
                table.cell(slot).pointee.connection = nil
                stuck.warmUps = state.takeWarmUps()
            case .validate, .reset: break
            }
            gone.append(stuck)
        }
        state.machine.forgotten = []
    }

    /// Reports calls that were given up. Not under the lock.
    func tellOf(_ gone: [StuckCall], now: UInt64) {
        for stuck in gone {
            stuck.reference?.release()
            reporter?.tell(.abandoned(stuck.call.kind, after: Duration(nanosecondCount: now.since(stuck.call.began))))
            if let (error, pause) = stuck.failure {
                reporter?.tell(.connectFailed(error, retryAfter: Duration(nanosecondCount: pause)))
            }
            for delivery in stuck.warmUps { delivery.bring(stuck.failure.map { .failed($0.error) } ?? .again) }
        }
    }

    private func endStuck(_ call: BackendCall) {
        let drained = core.state.withLock { state in
            state.calls.endStuck(call)
            return state.takeDrains()
        }
        for drain in drained { drain.bring(true) }
    }
}

/// A call that was given up, and what has to be done about it outside the lock.
struct StuckCall {
    let call: BackendCall
    /// What an attempt to connect that has failed by that failed with, and the pause until the next one.
    var failure: (error: PoolError, pause: UInt64)?
    /// The pool's own hold on the connection.
    var reference: Unmanaged<AnyObject>?
    var warmUps: [Delivery<WarmUp>] = []
}
