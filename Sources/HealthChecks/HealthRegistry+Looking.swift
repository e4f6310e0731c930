extension HealthRegistry {
    /// Looks at everything whenever it is due, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let next = refreshDue()
            let wait = min(max(next - now(), .milliseconds(1)), .milliseconds(500))
            try? await Task.sleep(for: wait)
        }
    }

    /// Looks at everything once and waits for all answers, those in flight included, at most the slowest timeout.
    public func refresh() async { await look(at: state.withLock { $0.order }) }

    /// Looks at some checks, or joins the looks in flight, and waits for the answers. Those that somebody else has looked
    /// at since `moment` are left alone.
    func look(at names: [String], unlessSince moment: ContinuousClock.Instant? = nil) async {
        for name in names { begin(name, unlessSince: moment) }
        for name in names {
            await withCheckedContinuation { waiter in
                let isOver = state.withLock { state in
                    guard let flight = state.entries[name]?.flight, !flight.isOverdue else { return true }
                    state.entries[name]?.flight?.waiters.append(waiter)
                    return false
                }
                if isOver { waiter.resume() }
            }
        }
    }

    /// Begins what is due; returns when something is due next.
    func refreshDue() -> ContinuousClock.Instant {
        let now = now()
        let due = state.withLock { state in state.order.filter { (state.entries[$0]?.due ?? now) <= now } }
        for name in due { begin(name) }
        return state.withLock { $0.entries.values.map(\.due).min() } ?? now + .milliseconds(500)
    }

    private enum Beginning {
        case nothing
        case look(HealthCheck, UInt64)
        case still(HealthTransition?, HealthLook)
    }

    /// One look at a time. A look past its time counts as one more failure instead of beginning again.
    private func begin(_ name: String, unlessSince moment: ContinuousClock.Instant? = nil) {
        let now = now()
        let beginning: Beginning = state.withLock { state in
            guard var entry = state.entries[name] else { return .nothing }
            if let moment, let checked = entry.state.checked, checked >= moment { return .nothing }
            defer { state.entries[name] = entry }
            entry.due = now + entry.check.interval
            if let flight = entry.flight {
                guard flight.isOverdue else { return .nothing }
                let (change, look) = entry.take(
                    .unhealthy("no answer for \(now - flight.began)"), took: now - flight.began, at: now,
                    isTimeout: true)
                state.entries[name] = entry
                state.renew(at: now)
                return .still(change, look)
            }
            state.nextFlight += 1
            entry.flight = HealthFlight(id: state.nextFlight, began: now)
            return .look(entry.check, state.nextFlight)
        }
        switch beginning {
        case .nothing: break
        case .still(let change, let look): tell(change, look)
        case .look(let check, let id): start(check, id)
        }
    }

    private func start(_ check: HealthCheck, _ id: UInt64) {
        let timer = Task {
            guard (try? await Task.sleep(for: check.timeout)) != nil else { return }
            end(check.name, id, .unhealthy("no answer within \(check.timeout)"), isTimeout: true)
        }
        Task {
            let result: HealthResult
            do {
                result = try await check.look()
            } catch {
                result = .unhealthy(showsErrors ? "\(error)" : "the check threw \(type(of: error))")
            }
            timer.cancel()
            end(check.name, id, result, isTimeout: false)
        }
    }

    /// Takes the answer or its absence, whichever comes first; an answer past its time only ends the look.
    private func end(_ name: String, _ id: UInt64, _ result: HealthResult, isTimeout: Bool) {
        let now = now()
        let ended: (change: HealthTransition?, look: HealthLook, waiters: [CheckedContinuation<Void, Never>])? =
            state.withLock { state in
                guard var entry = state.entries[name], let flight = entry.flight, flight.id == id else { return nil }
                defer { state.entries[name] = entry }
                if isTimeout {
                    entry.flight?.isOverdue = true
                    entry.flight?.waiters = []
                } else {
                    entry.flight = nil
                }
                guard !flight.isOverdue else {
                    // What is well again is looked at at once.
                    entry.due = now
                    return nil
                }
                let (change, look) = entry.take(result, took: now - flight.began, at: now, isTimeout: isTimeout)
                state.entries[name] = entry
                state.renew(at: now)
                return (change, look, flight.waiters)
            }
        guard let ended else { return }
        tell(ended.change, ended.look)
        ended.waiters.forEach { $0.resume() }
    }

    /// Takes a result that somebody else found, as if the check had been looked at now: a heartbeat, a watchdog's bite.
    /// Without effect where there is no check of the name.
    public func record(_ result: HealthResult, for name: String) {
        let now = now()
        let told = state.withLock { state -> (HealthTransition?, HealthLook)? in
            guard var entry = state.entries[name] else { return nil }
            let told = entry.take(result, took: .zero, at: now, isTimeout: false)
            state.entries[name] = entry
            state.renew(at: now)
            return told
        }
        if let (change, look) = told { tell(change, look) }
    }

    private func tell(_ change: HealthTransition?, _ look: HealthLook) {
        let (changeHooks, lookHooks) = state.withLock { ($0.changeHooks, $0.lookHooks) }
        if let change { changeHooks.forEach { $0(change) } }
        lookHooks.forEach { $0(look) }
    }
}
