import Synchronization

extension Pool {
    /// Lends a connection until the lease ends.
    /// - Parameters:
    ///   - timeout: How long to wait; the configured time by default.
    ///   - priority: Among those that wait: 1 is as good as having come a second earlier. From -3,600 to 3,600.
    ///   - file: Where it is borrowed, for reports of leaks.
    ///   - line: Where it is borrowed.
    /// - Throws: ``PoolError``, or `CancellationError` when the task is cancelled.
    nonisolated(nonsending) public func acquire(
        timeout: Duration? = nil, priority: Int = 0,
        file: StaticString = #fileID, line: UInt = #line
    ) async throws -> Lease<Backend> {
        let site = AcquisitionSite(file: file, line: line)
        if currentTask.isCancelled { throw CancellationError() }
        var unproved: Int?
        if !checksAlways {
            let slot = table.take()
            if slot >= 0, let connection = open(slot, site: site, &unproved) {
                if echoes { observer?.pool(did: .acquired(waited: .zero, site: site)) }
                return Lease(connection: connection, pool: self, slot: slot)
            }
        }
        return try await acquireSlowly(
            timeout: timeout, priority: priority, site: site, unproved: unproved)
    }

    /// Lends a connection when one is free at this moment that needs no round trip before it is lent; `nil` otherwise, so
    /// always with ``PoolValidation/always``. Nothing is waited for and nothing is made.
    public func tryAcquire(file: StaticString = #fileID, line: UInt = #line) -> Lease<Backend>? {
        if checksAlways { return nil }
        let site = AcquisitionSite(file: file, line: line)
        while true {
            let slot = table.take()
            if slot < 0 { return nil }
            var unproved: Int?
            if let connection = open(slot, site: site, &unproved) {
                if echoes { observer?.pool(did: .acquired(waited: .zero, site: site)) }
                return Lease(connection: connection, pool: self, slot: slot)
            }
            if let unproved { prove(unproved) }
        }
    }

    /// Has a connection that was taken make a round trip; then it is lent to a waiter, or idle again.
    func prove(_ slot: Int) {
        let now = core.clock.now()
        perform(core.step(now: now) { $0.machine.prove(slot, now: now) })
    }

    /// The connection of a slot that was idle a moment ago, if it is fit to be lent. Else it is given up, or, where the
    /// backend cannot know, left to the caller as `unproved`.
    @inline(__always)
    private func open(
        _ slot: Int, site: AcquisitionSite, _ unproved: inout Int?
    ) -> Backend.Connection? {
        let now = coarseNow()
        let cell = table.cell(slot)
        guard let reference = cell.pointee.connection else { return nil }
        let connection = unsafeDowncast(reference.takeUnretainedValue(), to: Backend.Connection.self)
        if cell.pointee.expires <= now { return giveUp(slot, .maxLifetime) }
        if cell.pointee.generation != table.header.pointee.generation.load(ordering: .relaxed) {
            return giveUp(slot, .evicted)
        }
        if now.since(cell.pointee.seenAt) > restLimit {
            switch backend.isOpen(connection) {
            case true?: break
            case false?: return giveUp(slot, .broken)
            case nil:
                unproved = slot
                return nil
            }
        }
        cell.pointee.lend(at: site, now: now)
        return connection
    }

    @inline(never)
    private func giveUp(_ slot: Int, _ reason: PoolCloseReason) -> Backend.Connection? {
        let now = core.clock.now()
        perform(core.step(now: now) { $0.machine.retire(slot, reason, now: now) })
        return nil
    }

    /// Waits until there is a connection that works.
    @inline(never)
    nonisolated(nonsending) private func acquireSlowly(
        timeout: Duration?, priority: Int, site: AcquisitionSite, unproved: Int?
    ) async throws -> Lease<Backend> {
        var unproved = unproved
        let arrived = core.clock.now()
        let deadline = arrived.advanced(saturating: timeout?.wholeNanoseconds ?? self.timeout)
        // Read again only when the caller has to wait once more: a reading costs as much as the lock.
        var now = arrived
        while true {
            let (slot, isProved) = try await wait(
                site: site, priority: priority, arrived: arrived, deadline: deadline, unproved: unproved, now: now)
            unproved = nil
            if let connection = served(slot, isProved, &unproved) {
                if echoes {
                    let waited = core.clock.now().since(arrived)
                    observer?.pool(did: .acquired(waited: Duration(nanosecondCount: waited), site: site))
                }
                return Lease(connection: connection, pool: self, slot: slot)
            }
            now = core.clock.now()
        }
    }

    /// The connection that was handed over, if it still works. It has rested only when the pool was suspended, or when
    /// its borrower gave it back in the moment in which this one began to wait. Where the backend cannot know, it is left
    /// to the caller as `unproved`.
    func served(_ slot: Int, _ isProved: Bool, _ unproved: inout Int?) -> Backend.Connection? {
        let cell = table.cell(slot)
        guard let reference = cell.pointee.connection else {
            // A shutdown has closed it in the meantime.
            retract(slot)
            return nil
        }
        let connection = unsafeDowncast(reference.takeUnretainedValue(), to: Backend.Connection.self)
        guard !isProved, coarseNow().since(cell.pointee.seenAt) > restLimit else { return connection }
        switch backend.isOpen(connection) {
        case true?: return connection
        case false?:
            retract(slot)
            let now = core.clock.now()
            perform(core.step(now: now) { $0.machine.released(slot, .broken, now: now) })
        case nil:
            retract(slot)
            unproved = slot
        }
        return nil
    }

    /// The connection of a slot was of no use to the waiter that it was handed over to: that was no lease.
    private func retract(_ slot: Int) {
        let cell = table.cell(slot)
        let (site, now) = (cell.pointee.site, coarseNow())
        let (held, wasReported) = cell.pointee.retract(now: now)
        core.state.withLock { $0.machine.retract(slot) }
        if wasReported { reporter?.tell(.leakReturned(held: Duration(nanosecondCount: held), site: site)) }
    }

    nonisolated(nonsending) private func wait(
        site: AcquisitionSite, priority: Int, arrived: UInt64, deadline: UInt64, unproved: Int?, now: UInt64
    ) async throws -> (slot: Int, isProved: Bool) {
        let waiter = Waiting(site: site, in: core)
        let outcome = await withTaskCancellationHandler {
            await waiter.wait {
                enqueue(
                    waiter, priority: priority, arrived: arrived, deadline: deadline, unproved: unproved, now: now)
            }
        } onCancel: {
            withdraw(waiter)
        }
        switch outcome {
        case .slot(let slot, let isProved): return (slot, isProved)
        case .failed(let error): throw error
        }
    }

    /// Has a waiter leave the line because its task is cancelled, if it is still in it.
    package func withdraw(_ waiter: Waiting) {
        var gone: Waiting?
        let now = core.clock.now()
        perform(
            core.step(now: now) { state in
                let number = waiter.number.load(ordering: .relaxed)
                if number != 0 { gone = state.machine.cancel(WaiterID(number: number)) }
            })
        gone?.bring(.failed(CancellationError()))
    }

    /// - Parameter unproved: A slot that the caller has taken, whose connection must make a round trip first.
    func enqueue(
        _ waiter: Waiting, priority: Int, arrived: UInt64, deadline: UInt64, unproved: Int? = nil, now: UInt64
    ) {
        var refused: (any Error)?
        var isShed = false
        let priority = WaiterQueue<Waiting>.clamped(priority)
        let actions = core.step(now: now) { state in
            // Cancellation that came before this lock has found no waiter to remove.
            if Task.isCancelled {
                refused = CancellationError()
            } else if state.machine.isShutdown {
                refused = error(.shutdown, state, now: now)
            } else {
                let id = state.machine.wait(
                    waiter, priority: priority, arrived: arrived, deadline: deadline,
                    held: core.marks.heldSlots(around: waiter.around, in: core.table), found: unproved, now: now)
                if let id {
                    waiter.number.store(id.number, ordering: .relaxed)
                } else {
                    state.machine.countShed(priority)
                    refused = overloaded(waited: now.since(arrived), in: crowd(state, now: now))
                    isShed = true
                }
                arm(&state, now: now)
            }
            if refused != nil, !isShed, let unproved { state.machine.prove(unproved, now: now) }
        }
        perform(actions)
        if let refused { waiter.bring(.failed(refused)) }
        if isShed {
            let waited = Duration(nanosecondCount: now.since(arrived))
            reporter?.tell(.shed(waited: waited, priority: priority, site: waiter.site))
        }
    }
}
