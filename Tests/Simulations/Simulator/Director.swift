import ConnectionPool

/// Starts the callers and operators of a schedule, ends the faults, checks the recovery, and ends the pool.
struct Director {
    private let plan = world.plan
    private let oracle = world.oracle

    func direct() async {
        guard let pool = world.pool else { return }
        oracle.start(pool)
        let running = plan.runsHousekeeping ? runHousekeeping(pool) : nil
        oracle.callers = (1...plan.callers).map { Caller(number: $0) }
        for caller in oracle.callers { caller.task = Task { await caller.work() } }
        let operators = (0..<plan.operators).map { _ in Task { await Operator().work() } }
        try? await world.sleep(for: world.duration(upTo: plan.length))
        if plan.ending != .drop {
            if world.once(in: 2) { try? await world.sleep(for: world.duration(upTo: plan.length)) }
            await finish(pool, operators)
        }
        if let running {
            oracle.housekeepingSince = .max
            if plan.ending == .stopRunning { await end(pool, running) } else { running.cancel() }
        }
        if plan.ending == .shutdown { await shutDown(pool) }
        world.pool = nil
        // A pool that is let go may have callers still.
        for task in operators { await task.value }
        for caller in oracle.callers { await caller.task?.value }
        world.backend.isFaulty = false
        world.backend.letGo()
        await running?.value
    }

    private func runHousekeeping(_ pool: SimulatedPool) -> Task<Void, Never> {
        oracle.housekeepingSince = world.time
        return Task { await pool.run() }
    }

    /// Ends the work and the faults, and checks the recovery from them.
    private func finish(_ pool: SimulatedPool, _ operators: [Task<Void, Never>]) async {
        world.note("the faults end", 40)
        world.backend.isFaulty = false
        guard plan.checksRecovery else { return }
        for caller in oracle.callers { caller.cancel() }
        for task in operators { await task.value }
        for caller in oracle.callers { await caller.task?.value }
        oracle.resumed()
        pool.resume()
        oracle.resumed()
        if !oracle.isShutdown { await recover(pool) }
        if plan.letsGoFirst { world.backend.letGo() }
    }

    /// As many callers as there may be connections are all served within one pause and the limit of a hung call.
    private func recover(_ pool: SimulatedPool) async {
        let configuration = pool.configuration
        let bound = max(configuration.connectTimeout, configuration.checkTimeout) + configuration.backoffCap
        let end = world.time + UInt64(bound / .nanoseconds(1))
        world.note("the recovery begins", 41)
        let probes = (0..<configuration.size + configuration.maxOverflow).map { index in
            Caller(number: 100 + index)
        }
        oracle.callers += probes
        for probe in probes { probe.task = Task { await probe.probe(pool, until: end) } }
        for probe in probes { await probe.task?.value }
    }

    private func shutDown(_ pool: SimulatedPool) async {
        if world.once(in: 3) { oracle.callers.forEach { $0.cancel() } }
        let drain = world.duration(upTo: 300)
        await Operator.shutDown(pool, drain: drain)
    }

    /// Cancels the task of `run()`, which shuts the pool down.
    private func end(_ pool: SimulatedPool, _ running: Task<Void, Never>) async {
        let wait = Operator.beginShutdown(drain: 10_000_000_000)
        world.uninterrupted { running.cancel() }
        await running.value
        Operator.endShutdown(wait)
    }
}

extension Caller {
    /// Asks for a connection until it gets one, and keeps it until all probes have theirs.
    func probe(_ pool: SimulatedPool, until end: UInt64) async {
        while true {
            let left = end > world.time ? end - world.time : 0
            begins(timeout: left, priority: 0, "a probe's acquire")
            do {
                let lease = try await pool.acquire(timeout: .nanoseconds(left + 1), line: UInt(number))
                obtained(lease.connection)
                // Nobody gives a connection back before the end.
                try? await world.sleep(until: end)
                returns(lease.connection)
                return
            } catch {
                failed(error)
                let code = (error as? PoolError)?.code
                guard code == .connectFailed || code == .overloaded, world.time < end else {
                    return world.fail("probe \(number) is not served within the bound of the recovery: \(error)")
                }
            }
            try? await world.sleep(for: 1_000_000)
        }
    }
}
