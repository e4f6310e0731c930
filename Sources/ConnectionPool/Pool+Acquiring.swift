extension Pool {
    /// One attempt; `slot` is `nil` when the connection it got turned out to be dead and another must be tried.
    func grant(
        site: AcquisitionSite, timeout: Duration?, priority: Int, start: ContinuousClock.Instant
    ) async throws -> (slot: Int?, Backend.Connection) {
        try Task.checkCancellation()
        let (id, grant) = state.withLock { state in
            state.nextWaiter += 1
            return (
                state.nextWaiter,
                state.machine.acquire(nil, site: site, priority: priority, now: .now)
            )
        }
        switch grant {
        case .lend(let slot, let connection):
            return (slot, connection)
        case .check(let slot, let connection):
            return (await check(slot, connection) ? slot : nil, connection)
        case .refuse(.timeout), .wait:
            let deadline = start + (timeout ?? configuration.timeout)
            let (slot, connection) = try await wait(
                id, site: site, priority: priority, deadline: deadline, start: start)
            return (slot, connection)
        case .refuse(let code):
            throw error(code)
        }
    }

    private func wait(
        _ id: UInt64, site: AcquisitionSite, priority: Int, deadline: ContinuousClock.Instant,
        start: ContinuousClock.Instant
    ) async throws -> (slot: Int, Backend.Connection) {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: Waiting) in
                enqueue(id, continuation, site: site, priority: priority, deadline: deadline)
            }
        } onCancel: {
            let continuation = state.withLock { state -> Waiting? in
                guard state.machine.cancel(id) else { return nil }
                state.deadlines[id] = nil
                return state.continuations.removeValue(forKey: id)
            }
            continuation?.resume(returning: .failure(CancellationError()))
        }
        if case .failure(let error as PoolError) = result, error.code == .timeout {
            observer?.pool(did: .timedOut(waited: .now - start, site: site))
        }
        return try result.get()
    }

    private enum Outcome {
        case waits([Int])
        case lend(Int, Backend.Connection)
        case check(Int, Backend.Connection)
        case fail(any Error)
    }

    private func enqueue(
        _ id: UInt64, _ continuation: Waiting, site: AcquisitionSite, priority: Int, deadline: ContinuousClock.Instant
    ) {
        let outcome = state.withLock { state -> Outcome in
            // Cancellation that came before this lock has found no waiter to remove.
            if Task.isCancelled { return .fail(CancellationError()) }
            switch state.machine.acquire(id, site: site, priority: priority, now: .now) {
            case .lend(let slot, let connection): return .lend(slot, connection)
            case .check(let slot, let connection): return .check(slot, connection)
            case .refuse(let code): return .fail(error(code, state.machine))
            case .wait(let connect):
                state.continuations[id] = continuation
                state.deadlines[id] = deadline
                arm(&state, deadline)
                return .waits(connect)
            }
        }
        switch outcome {
        case .waits(let slots): slots.forEach { start(.connect(slot: $0)) }
        case .lend(let slot, let connection): continuation.resume(returning: .success((slot, connection)))
        case .fail(let error): continuation.resume(returning: .failure(error))
        case .check(let slot, let connection):
            work {
                if await self.check(slot, connection) {
                    continuation.resume(returning: .success((slot, connection)))
                } else {
                    self.enqueue(id, continuation, site: site, priority: priority, deadline: deadline)
                }
            }
        }
    }

    /// Checks an idle connection on its way to a borrower.
    private func check(_ slot: Int, _ connection: Backend.Connection) async -> Bool {
        var works = backend.isOpen(connection)
        if works, configuration.validation == .always {
            works = await Result(catching: { try await backend.validate(connection) }).isSuccess
        }
        let verdict = works
        perform(state.withLock { $0.machine.checked(slot, lends: true, works: verdict, now: .now) })
        return works
    }

    // MARK: Deadlines

    /// One timer for all: it fires at the earliest deadline.
    private func arm(_ state: inout Guarded, _ deadline: ContinuousClock.Instant) {
        if let timer = state.timer, timer.fires <= deadline { return }
        state.timer?.task.cancel()
        let task = Task { [weak self] in
            try? await Task.sleep(until: deadline, clock: .continuous)
            if !Task.isCancelled { self?.expire() }
        }
        state.timer = (task, deadline)
    }

    private func expire() {
        let now = ContinuousClock.now
        let failed = state.withLock { state -> [(Waiting, any Error)] in
            let late = state.deadlines.filter { $0.value <= now }.keys.sorted()
            let failed = late.compactMap { id -> (Waiting, any Error)? in
                state.deadlines[id] = nil
                guard state.machine.cancel(id), let waiting = state.continuations.removeValue(forKey: id) else {
                    return nil
                }
                state.machine.counts.timeouts += 1
                return (waiting, error(.timeout, state.machine))
            }
            state.timer = nil
            if let next = state.deadlines.values.min() { arm(&state, next) }
            return failed
        }
        for (waiting, error) in failed { waiting.resume(returning: .failure(error)) }
    }

    func error(_ code: PoolError.Code) -> PoolError { state.withLock { error(code, $0.machine) } }

    func error(_ code: PoolError.Code, _ machine: PoolStateMachine<Backend.Connection>) -> PoolError {
        let snapshot = machine.statistics()
        switch code {
        case .timeout where machine.lastError != nil:
            return PoolError(
                .connectFailed, "no connection could be made in time; see the cause", underlying: machine.lastError,
                snapshot: snapshot)
        case .timeout:
            return PoolError(
                .timeout, "no connection came free in time; find what holds them long, or raise size",
                snapshot: snapshot)
        case .shutdown:
            return PoolError(.shutdown, "the pool has been shut down", snapshot: snapshot)
        default:
            return PoolError(code, code.rawValue, underlying: machine.lastError, snapshot: snapshot)
        }
    }
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }

    var isSuccess: Bool { if case .success = self { true } else { false } }
}
