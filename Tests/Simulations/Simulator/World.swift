import ConnectionPool
import Glibc

typealias SimulatedPool = Pool<SimulatedBackend>

/// The schedule that runs. Everything happens on one thread.
nonisolated(unsafe) var world = World(seed: 0, isTraced: false)

/// One schedule: its time, its choices, its jobs, and the first thing that went wrong.
final class World {
    let seed: UInt64
    let plan: Plan
    let backend = SimulatedBackend()
    let oracle = Oracle()
    var random: SplitMix64
    /// Nanoseconds.
    private(set) var time: UInt64 = 1_000_000_000
    private(set) var ready: [UnownedJob] = []
    private var sleepers: [Sleeper] = []
    /// How many frames are interrupted by the job that runs.
    private(set) var depth = 0
    /// The jobs run so far; the number of the present job that no frame below interrupts.
    private(set) var jobCount = 0
    private(set) var outerJob = 0
    private var uninterruptible = 0
    private(set) var failure: String?
    /// A digest of all that happened.
    private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    let isTraced: Bool

    init(seed: UInt64, isTraced: Bool) {
        self.seed = seed
        self.isTraced = isTraced
        random = SplitMix64(seed: seed)
        plan = Plan(&random)
    }

    /// The pool, until it is let go.
    var pool: SimulatedPool?

    /// Runs the schedule from its beginning to its end.
    func simulate() {
        do {
            pool = try SimulatedPool(
                backend: backend, configuration: plan.configuration, observer: oracle, clock: SimulatedClock(),
                jitter: { Double(world.below(1_001)) / 1_000 },
                // At once, where the pool would take a thread.
                tell: { body in
                    body()
                    return true
                })
        } catch { return fail("\(error)") }
        note("\(plan)", 0)
        let isOver = Flag()
        Task {
            await Director().direct()
            isOver.isSet = true
        }
        run()
        if !isOver.isSet { fail("the director waits for ever") }
        if failure == nil { oracle.checkEnd() }
    }

    // MARK: Choices

    func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: random.next() % UInt64(bound)) }

    /// True once in so many times; never for 0.
    func once(in times: Int) -> Bool { times > 0 && below(times) == 0 }

    /// A time of up to so many milliseconds. Most are multiples of ten, so that things happen at the same moment.
    func duration(upTo milliseconds: Int) -> UInt64 {
        let whole = UInt64(below(milliseconds / 10 + 1)) * 10_000_000
        return once(in: 5) ? whole + UInt64(below(10_000_000)) : whole
    }

    // MARK: Reports

    /// Records an event in the digest and, when the schedule is traced, in words.
    func note(_ words: @autoclosure () -> String, _ facts: Int...) {
        digest = (digest ^ time) &* 0x100_0000_01B3
        for fact in facts { digest = (digest ^ UInt64(bitPattern: Int64(fact))) &* 0x100_0000_01B3 }
        guard isTraced else { return }
        defer { fflush(nil) }
        let micros = (time - 1_000_000_000) / 1_000
        print("\(micros / 1_000).\(String(1_000 + micros % 1_000).dropFirst()) ms", terminator: "  ")
        print(String(repeating: "  ", count: depth) + words())
    }

    func fail(_ words: @autoclosure () -> String) {
        guard failure == nil else { return }
        let text = words()
        failure = text
        note("FAILED: \(text)", -1)
    }

    // MARK: Jobs and time

    func enqueue(_ job: UnownedJob) {
        ready.append(job)
        oracle.enqueued(number(of: job))
    }

    /// Another thread runs for a moment: the code that is interrupted here goes on after a few other jobs.
    func interrupt() {
        guard depth < 3, uninterruptible == 0, !ready.isEmpty, once(in: plan.interruptions) else { return }
        for _ in 0...below(3) where !ready.isEmpty {
            within { runOne() }
        }
    }

    /// Runs code of another caller in the middle of what the pool does.
    func within(_ body: () -> Void) {
        depth += 1
        body()
        depth -= 1
    }

    /// Runs code that no other job interrupts: the simulation's own, or a handler that the runtime calls under its lock.
    func uninterrupted<Result>(_ body: () throws -> Result) rethrows -> Result {
        uninterruptible += 1
        defer { uninterruptible -= 1 }
        return try body()
    }

    private func runOne() {
        let index = below(ready.count)
        let job = ready[index]
        ready.swapAt(index, ready.count - 1)
        ready.removeLast()
        jobCount += 1
        if depth == 0 { outerJob = jobCount }
        digest = (digest ^ UInt64(index)) &* 0x100_0000_01B3
        Scheduler.run(job)
        oracle.ran(number(of: job))
    }

    /// Runs until nothing is left to do or something has gone wrong.
    func run() {
        while failure == nil {
            if ready.isEmpty {
                uninterrupted { oracle.checkAtRest() }
                guard failure == nil, moveOn() else { return }
            } else {
                if backend.isFaulty, once(in: plan.lag) { _ = moveOn() }
                runOne()
                if jobCount > 20_000 { fail("it does not come to rest") }
            }
        }
    }

    /// Moves the time to the next moment for which somebody sleeps; `false` when nobody does.
    private func moveOn() -> Bool {
        guard let next = sleepers.lazy.map(\.deadline).min() else { return false }
        time = max(time, next)
        let due = sleepers.filter { $0.deadline <= time }
        sleepers.removeAll { $0.deadline <= time }
        for sleeper in due { sleeper.wake() }
        return true
    }

    var sleeping: Int { sleepers.count }

    /// Sleeps until a moment.
    func sleep(until deadline: UInt64) async throws {
        guard deadline > time else { return try Task.checkCancellation() }
        let sleeper = Sleeper(deadline: deadline)
        try await sleeper.wait {
            sleepers.append(sleeper)
        } onCancel: {
            self.sleepers.removeAll { $0 === sleeper }
        }
    }

    func sleep(for duration: UInt64) async throws { try await sleep(until: time + duration) }
}

// One thread runs everything.
extension World: @unchecked Sendable {}

/// Whether something has happened.
// One thread runs everything.
final class Flag: @unchecked Sendable {
    var isSet = false
}

/// A task that waits to be woken, or cancelled.
// One thread runs everything.
final class Sleeper: @unchecked Sendable {
    let deadline: UInt64
    private var continuation: UnsafeContinuation<Bool, Never>?

    init(deadline: UInt64) { self.deadline = deadline }

    func wait(_ start: () -> Void, onCancel: @escaping @Sendable () -> Void) async throws {
        let isWoken = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if Task.isCancelled { return continuation.resume(returning: false) }
                self.continuation = continuation
                start()
            }
        } onCancel: {
            guard let continuation = self.take() else { return }
            onCancel()
            continuation.resume(returning: false)
        }
        if !isWoken { throw CancellationError() }
    }

    func wake() { take()?.resume(returning: true) }

    private func take() -> UnsafeContinuation<Bool, Never>? {
        defer { continuation = nil }
        return continuation
    }
}

/// The pool's clock. Other threads may run at each reading, because the pool reads the time before it takes its lock.
struct SimulatedClock: PoolClock {
    func now() -> UInt64 {
        world.interrupt()
        return world.time
    }

    /// Lags by up to 4 ms, like the coarse clock of the system.
    func coarseNow() -> UInt64 {
        world.interrupt()
        return world.time - world.time % 4_000_000
    }

    func sleep(until deadline: UInt64) async throws { try await world.sleep(until: deadline) }
}
