import ConnectionPool

/// A task that uses the pool, and what the simulation knows of it.
// One thread runs everything.
final class Caller: @unchecked Sendable {
    let number: Int
    var task: Task<Void, Never>?
    var isCancelled = false
    /// Connections that it uses.
    private(set) var held: [SimulatedConnection] = []
    /// Those among them that closures hold, and which it must therefore wait to give back itself.
    private(set) var closures = 0

    // The lease that it asks for at the moment.
    private(set) var id: UInt = 0
    private(set) var isWaiting = false
    private(set) var arrived: UInt64 = 0
    private(set) var deadline: UInt64 = 0
    private var priority = 0
    /// Since which job it is asleep in the pool's line; 0 while it is not.
    private(set) var parkedSince = 0
    /// Why it should not have been served when it was.
    private var objection: String?
    private var wasParked = false

    init(number: Int) { self.number = number }

    /// The earlier its turn is, the lower: one step of priority is worth a second.
    var rank: Int64 { Int64(arrived) - Int64(priority) * 1_000_000_000 }

    func cancel() {
        isCancelled = true
        world.uninterrupted { task?.cancel() }
    }

    // MARK: Asking

    func begins(timeout: UInt64, priority: Int, _ way: String, isTask: Bool = true) {
        id = isTask ? withUnsafeCurrentTask { unsafeBitCast($0, to: UInt.self) } : 0
        self.priority = priority
        arrived = world.time
        deadline = world.time + timeout
        (isWaiting, wasParked, objection) = (true, false, nil)
        world.note(
            "caller \(number): \(way), priority \(priority), within \(timeout / 1_000_000) ms", 20, number, priority,
            Int(timeout))
    }

    /// Its job is ready: it has been answered.
    func woke() {
        parkedSince = 0
        objection = world.depth == 0 ? world.oracle.objection(to: self) : nil
    }

    /// Its job has run.
    func ran() {
        parkedSince = world.jobCount
        wasParked = true
    }

    func obtained(_ connection: SimulatedConnection, atOnce: Bool = false, inClosure: Bool = false) {
        isWaiting = false
        if !wasParked, world.depth == 0 { objection = world.oracle.objection(to: self) }
        if let objection { world.fail("caller \(number) is served, but \(objection)") }
        world.note("caller \(number) has connection \(connection.number)", 21, number, connection.number)
        world.oracle.checkLease(of: connection, to: self, atOnce: atOnce)
        connection.borrower = number
        connection.isDirty = false
        held.append(connection)
        if inClosure { closures += 1 }
        world.oracle.leases += 1
    }

    func failed(_ error: any Error) {
        isWaiting = false
        world.note("caller \(number) fails: \((error as? PoolError)?.code.rawValue ?? "\(error)")", 22, number)
        world.oracle.checkFailure(error, of: self)
    }

    func returns(_ connection: SimulatedConnection, inClosure: Bool = false) {
        world.note("caller \(number) returns connection \(connection.number)", 23, number, connection.number)
        connection.borrower = 0
        connection.seenAt = world.time
        held.removeAll { $0 === connection }
        if inClosure { closures -= 1 }
        world.oracle.returned += 1
    }

    // MARK: Working

    /// Uses the pool a few times.
    func work() async {
        try? await world.sleep(for: world.duration(upTo: world.plan.length))
        for _ in 0...world.below(3) {
            // The director has let the pool go.
            guard let pool = world.pool else { return }
            await use(pool)
            if world.once(in: 2) { try? await world.sleep(for: world.duration(upTo: 50)) }
        }
    }

    private func use(_ pool: SimulatedPool) async {
        let timeout: UInt64? = world.once(in: 2) ? world.duration(upTo: 200) : nil
        let priority = world.once(in: 4) ? world.below(3) - 1 : 0
        let limit = timeout.map { Duration.nanoseconds($0) }
        let within = timeout ?? UInt64(world.plan.configuration.timeout / .nanoseconds(1))
        let line = UInt(number)
        switch world.below(9) {
        case 0:
            begins(timeout: 0, priority: 0, "tryAcquire")
            guard let lease = pool.tryAcquire(line: line) else {
                isWaiting = false
                return
            }
            obtained(lease.connection, atOnce: true)
            await hold(lease.connection, of: pool)
            returns(lease.connection)
        case 1: await Relay(pool, self).send()
        case 2, 3:
            begins(timeout: within, priority: priority, "withConnection")
            do {
                try await pool.withConnection(timeout: limit, priority: priority, line: line) { connection in
                    obtained(connection, inClosure: true)
                    await hold(connection, of: pool)
                    returns(connection, inClosure: true)
                    if world.once(in: 3) { throw borrowersFailure() }
                }
            } catch { if isWaiting { failed(error) } }
        case 4:
            begins(timeout: within, priority: priority, "lend")
            do {
                try await pool.lend(timeout: limit, priority: priority, line: line) {
                    connection throws(SimulatedFailure) in
                    obtained(connection, inClosure: true)
                    await hold(connection, of: pool)
                    returns(connection, inClosure: true)
                    if world.once(in: 3) { throw borrowersFailure() }
                }
            } catch .pool(let error) {
                failed(error)
            } catch .cancelled {
                failed(CancellationError())
            } catch {}
        default:
            begins(timeout: within, priority: priority, "acquire")
            do {
                let lease = try await pool.acquire(timeout: limit, priority: priority, line: line)
                obtained(lease.connection)
                await hold(lease.connection, of: pool)
                returns(lease.connection)
                if world.once(in: 6) { lease.discard() } else { lease.release() }
            } catch { failed(error) }
        }
    }

    private func borrowersFailure() -> SimulatedFailure {
        let dispositions: [ConnectionDisposition] = [.keep, .evict, .evictAll]
        return SimulatedFailure(disposition: dispositions[world.below(3)])
    }

    /// Keeps a connection for a while; now and then asks for another meanwhile, or leaves it dirty or dead.
    private func hold(_ connection: SimulatedConnection, of pool: SimulatedPool) async {
        let since = world.time
        try? await world.sleep(for: world.duration(upTo: world.once(in: 6) ? 300 : 40))
        if held.count < 3, world.once(in: 8) { await use(pool) }
        if world.once(in: 5) { connection.isDirty = true }
        if world.once(in: 8) { connection.isAlive = false }
        world.oracle.checkLeakReport(heldSince: since, by: self)
    }
}
