import ConnectionPool

/// Does one thing to the pool at some moment.
struct Operator {
    private let oracle = world.oracle

    func work() async {
        try? await world.sleep(for: world.duration(upTo: world.plan.length))
        guard let pool = world.pool else { return }
        switch world.below(14) {
        case 0, 1, 2:
            let caller = oracle.callers[world.below(oracle.callers.count)]
            world.note("caller \(caller.number) is cancelled", 50, caller.number)
            caller.cancel()
        case 3, 4:
            world.note("peers hang up", 51)
            for connection in world.backend.connections where world.once(in: 2) { connection.isAlive = false }
        case 5:
            world.note("evictAll", 52)
            let present = world.backend.connections
            pool.evictAll()
            for connection in present { connection.evictedAt = min(connection.evictedAt, world.time) }
        case 6, 7: resize(pool)
        case 8, 9: await suspend(pool)
        case 10, 11: await suspendAndWait(pool)
        case 12: await warmUp(pool)
        default:
            if world.once(in: 2) { await Self.shutDown(pool, drain: world.duration(upTo: 200)) }
        }
    }

    private func resize(_ pool: SimulatedPool) {
        let (size, overflow) = (1 + world.below(4), world.below(3))
        oracle.resizes(to: size + overflow)
        world.note("resize to \(size) and \(overflow)", 53, size, overflow)
        do { try pool.resize(size: size, maxOverflow: overflow) } catch { world.fail("resize fails: \(error)") }
    }

    private func suspend(_ pool: SimulatedPool) async {
        world.note("suspend", 54)
        pool.suspend()
        oracle.suspended()
        try? await world.sleep(for: world.duration(upTo: 200))
        resume(pool)
    }

    private func resume(_ pool: SimulatedPool) {
        // Another operator may suspend it at this moment.
        if world.once(in: 6) { return }
        world.note("resume", 55)
        oracle.resumed()
        pool.resume()
        oracle.resumed()
    }

    private func suspendAndWait(_ pool: SimulatedPool) async {
        let drain = world.duration(upTo: 200)
        world.note("suspend, drain \(drain / 1_000_000) ms", 56)
        let isQuiet = await wait(.suspension, limit: drain) {
            await pool.suspend(drain: .nanoseconds(drain))
        }
        world.note("the pool is \(isQuiet ? "" : "not ")quiet", 57, isQuiet ? 1 : 0)
        try? await world.sleep(for: world.duration(upTo: 60))
        resume(pool)
    }

    private func warmUp(_ pool: SimulatedPool) async {
        world.note("warmUp", 58)
        await wait(.warmUp, limit: nil) { try? await pool.warmUp() }
    }

    /// Waits for the pool in a task that is cancelled now and then.
    private func wait<Result: Sendable>(
        _ kind: OperatorWait.Kind, limit: UInt64?, _ body: @escaping @Sendable () async -> Result
    ) async -> Result {
        let wait = OperatorWait(kind)
        let task = Task {
            if let limit { wait.end = world.time + limit }
            world.oracle.began(wait)
            defer { world.oracle.ended(wait) }
            return await body()
        }
        if world.once(in: 3) {
            try? await world.sleep(for: world.duration(upTo: 100))
            wait.isCancelled = true
            world.uninterrupted { task.cancel() }
        }
        return await task.value
    }

    // MARK: Shutdown

    static func shutDown(_ pool: SimulatedPool, drain: UInt64) async {
        let wait = beginShutdown(drain: drain)
        await pool.shutdown(drain: .nanoseconds(drain))
        endShutdown(wait)
    }

    static func beginShutdown(drain: UInt64) -> OperatorWait {
        world.note("shutdown, drain \(drain / 1_000_000) ms", 59, Int(drain))
        // After the drain, ten seconds for calls of the backend to return.
        let wait = OperatorWait(.drain)
        wait.end = world.time + drain + 10_000_000_000
        world.oracle.shutDown(drain: drain)
        world.oracle.began(wait)
        return wait
    }

    static func endShutdown(_ wait: OperatorWait) {
        world.note("the shutdown has ended", 60)
        world.oracle.isShutDown()
        world.oracle.ended(wait)
    }
}
