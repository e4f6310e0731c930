import Interleaving

/// A few threads with a few operations each, of which every schedule must come to a good end.
struct Program: Sendable {
    let name: String
    /// Runs it once: sets up, runs its threads, and judges what has come of them.
    let run: @Sendable () -> Void

    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }

    static let all: [Program] = fastPath + waiting + control + deliveries
}

typealias ModelPool = Pool<ModelBackend>

/// A pool with its threads.
struct Stage {
    let pool: ModelPool

    /// - Parameter connections: How many there are from the start, all idle.
    init(size: Int, maxOverflow: Int = 0, connections: Int? = nil, clockMoves: Bool = false) {
        // Without an end of waiting there is no timer.
        let configuration = PoolConfiguration(
            size: size, maxOverflow: maxOverflow, timeout: .seconds(Int64.max), leakThreshold: nil)
        guard
            let pool = try? ModelPool(
                backend: ModelBackend(), configuration: configuration, clock: ModelClock(moves: clockMoves))
        else { fatalError("these settings are valid") }
        self.pool = pool
        let now = pool.core.clock.now()
        pool.perform(pool.core.step(now: now) { _ = $0.machine.prepare(total: connections ?? size, now: now) })
        scheduler.settle()
    }

    /// Borrows a connection that is idle; for the time before the threads run.
    func borrow() -> BoxedLease {
        guard let lease = pool.tryAcquire() else { fatalError("none is idle") }
        return BoxedLease(lease)
    }

    /// Runs the threads; then no connection may be lost, lent or waited for.
    func run(_ threads: [() async -> Void], atRest: (inout PoolCore.Guarded) -> Void = { _ in }) {
        run(threads.map { (ModelTask(), $0) }, atRest: atRest)
    }

    func run(_ threads: [(ModelTask, () async -> Void)], atRest: (inout PoolCore.Guarded) -> Void = { _ in }) {
        guard play(threads) else { return }
        _ = pool.core.step(now: pool.core.clock.now()) { state in
            let machine = state.machine
            for slot in machine.slots.indices {
                let isIdle = machine.idle.contains(slot)
                switch machine.slots[slot].state {
                case .free where !isIdle: break
                case .ready where isIdle: break
                case .ready: scheduler.fail("slot \(slot) is lost: nobody has it and it is not idle")
                default: scheduler.fail("slot \(slot) is \(machine.slots[slot].state) at rest, idle: \(isIdle)")
                }
            }
            if !machine.waiters.isEmpty { scheduler.fail("a waiter is left in line") }
            atRest(&state)
        }
    }
}

/// Runs threads, each as a task; `false` when a schedule has failed.
func play(_ threads: [(ModelTask, () async -> Void)]) -> Bool {
    scheduler.run(
        threads.map { task, body in
            nonisolated(unsafe) let body = body
            return { runToEnd(task) { await body() } }
        })
}

/// A lease in a box, so that one thread can borrow and another give back.
// Handed over by the start of a thread.
final class BoxedLease: @unchecked Sendable {
    private var lease: Lease<ModelBackend>?

    init(_ lease: consuming Lease<ModelBackend>) { self.lease = consume lease }

    func giveBack() {
        lease?.connection.use()
        end()
    }

    /// Gives the connection back without using it once more.
    func end() { lease = nil }
}

extension Pool where Backend == ModelBackend {
    /// Borrows, uses and gives back.
    func useOne() async {
        guard let lease = try? await acquire() else { return scheduler.fail("a caller was refused") }
        lease.connection.use()
    }

    /// The same, if one is idle.
    func useIdle() {
        if let lease = tryAcquire() { lease.connection.use() }
    }
}
