import ConnectionPoolTestKit
import TestServers
import Testing

@testable import ConnectionPool

/// A closure that holds a connection waits for the child tasks that it has started, and for no others.
@Suite struct NestingTests {
    private func bench(size: Int, timeout: Duration = .seconds(30)) throws -> Bench {
        try Bench(PoolConfiguration(size: size, maxOverflow: 0, timeout: timeout))
    }

    private func expectNested(_ error: PoolError?, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(error?.code == .nestedAcquire, sourceLocation: sourceLocation)
        #expect(error?.message.contains("NestingTests.swift") == true, sourceLocation: sourceLocation)
    }

    @Test func `a child task that waits for its parent's connection is refused at once`() async throws {
        let bench = try bench(size: 1)
        let pool = bench.pool
        let first = await #expect(throws: PoolError.self) {
            try await pool.withConnection { _ in
                async let number = pool.withConnection { $0.number }
                _ = try await number
            }
        }
        expectNested(first)
        let second = await #expect(throws: PoolError.self) {
            try await pool.withConnection { _ in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask {
                        try await withThrowingTaskGroup {
                            $0.addTask { 1 }
                            return try await pool.acquire().connection.number
                        }
                    }
                    return try await group.next()
                }
            }
        }
        expectNested(second)
        await bench.shutDownAndCheck()
    }

    @Test func `the connection of another pool in between hides nothing`() async throws {
        let bench = try bench(size: 1)
        let other = try self.bench(size: 1)
        let error = await #expect(throws: PoolError.self) {
            try await bench.pool.withConnection { _ in
                try await other.pool.withConnection { _ in
                    async let number = bench.pool.withConnection { $0.number }
                    _ = try await number
                }
            }
        }
        expectNested(error)
        await bench.shutDownAndCheck()
        await other.shutDownAndCheck()
    }

    @Test func `a child that was started before its parent borrowed is served afterwards`() async throws {
        let bench = try bench(size: 1)
        let pool = bench.pool
        let gate = Gate()
        async let number = {
            try await gate.pass()
            return try await pool.withConnection { $0.number }
        }()
        await gate.waitForArrivals(1)
        try await pool.withConnection { _ in
            gate.open()
            try await eventually("the child waits") { pool.statistics.waiting == 1 }
        }
        #expect(try await number == 1)
        await bench.shutDownAndCheck()
    }

    @Test func `a task of its own is served when the closure that started it has ended`() async throws {
        let bench = try bench(size: 1)
        let pool = bench.pool
        let task = try await pool.withConnection { _ in
            let task = Task { try await pool.withConnection { $0.number } }
            try await eventually("it waits") { pool.statistics.waiting == 1 }
            return task
        }
        #expect(try await task.value == 1)
        await bench.shutDownAndCheck()
    }

    @Test func `a task of its own that its starter waits for is told so when its time is over`() async throws {
        let bench = try bench(size: 1, timeout: .seconds(1))
        let pool = bench.pool
        try await pool.withConnection { _ in
            let task = Task { try await pool.withConnection { $0.number } }
            try await eventually("it waits") { pool.statistics.waiting == 1 }
            bench.clock.advance(by: .seconds(2))
            let error = await #expect(throws: PoolError.self) { try await task.value }
            #expect(error?.code == .timeout)
            #expect(error?.message.contains("NestingTests.swift") == true)
        }
        await bench.shutDownAndCheck()
    }

    @Test func `a lease that another task gives back is nobody's`() async throws {
        let bench = try bench(size: 1)
        let pool = bench.pool
        let lease = Handed(try await pool.acquire())
        let waiter = Task {
            try await eventually("the other waits") { pool.statistics.waiting == 1 }
            lease.release()
        }
        // The task that acquired it; it does not have it any more.
        #expect(try await pool.withConnection { $0.number } == 1)
        try await waiter.value
        await bench.shutDownAndCheck()
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["before", "meanwhile", "suspended"])
    func `a limit that shrinks closes the circle as well`(moment: String) async throws {
        let bench = try bench(size: 2)
        let pool = bench.pool
        let gate = Gate()
        let other = Task { try await pool.withConnection { _ in try await gate.pass() } }
        await gate.waitForArrivals(1)
        let error = await #expect(throws: PoolError.self) {
            try await pool.withConnection { _ in
                if moment == "suspended" { pool.suspend() }
                if moment != "meanwhile" { try pool.resize(size: 1, maxOverflow: 0) }
                async let nested: Void = pool.withConnection { _ in }
                if moment != "before" { try await eventually("it waits") { pool.statistics.waiting == 1 } }
                if moment == "meanwhile" { try pool.resize(size: 1, maxOverflow: 0) }
                if moment == "suspended" { pool.resume() }
                try await nested
            }
        }
        expectNested(error)
        gate.open()
        try await other.value
        try await eventually("the other is closed") { pool.statistics.total + pool.statistics.closing <= 1 }
        await bench.shutDownAndCheck()
    }

    @Test func `a wait that gives up soon is waited for`() async throws {
        let bench = try bench(size: 2, timeout: .seconds(3))
        let pool = bench.pool
        let held = Gate()
        let first = Task {
            try await pool.withConnection { _ in
                try await held.pass()
                let error = await #expect(throws: PoolError.self) {
                    try await pool.withConnection(timeout: .milliseconds(300)) { _ in }
                }
                #expect(error?.code == .timeout)
                #expect(error?.message.contains("NestingTests.swift") == true)
            }
        }
        let second = Task {
            try await pool.withConnection { _ in
                try await held.pass()
                try await eventually("the first waits") { pool.statistics.waiting == 1 }
                return try await pool.withConnection { $0.number }
            }
        }
        await held.waitForArrivals(2)
        held.open()
        try await eventually("both wait") { pool.statistics.waiting == 2 }
        bench.clock.advance(by: .milliseconds(400))
        #expect(try await second.value > 0)
        try await first.value
        await bench.shutDownAndCheck()
    }

    @Test(arguments: ["within one loan", "each within a loan of its own", "deep within each other"])
    func `many that wait cost no more than others`(_ shape: String) throws {
        func steps(nested: Bool) -> Duration {
            let size = shape == "within one loan" ? 2 : 20_001
            var machine = PoolStateMachine<Int>(rules: PoolRules(PoolConfiguration(size: size, maxOverflow: 0)))
            let clock = ContinuousClock()
            return clock.measure {
                for number in 0..<20_000 {
                    let held =
                        switch shape {
                        case "within one loan": [0]
                        case "each within a loan of its own": [number]
                        default: [number, number / 2, number / 4]
                        }
                    _ = machine.wait(
                        number, priority: 0, arrived: UInt64(number), deadline: .max, held: nested ? held : [], now: 1)
                    machine.refuseDeadlocked(now: 1)
                    machine.actions = ShortList()
                }
            }
        }
        let (plain, nested) = (steps(nested: false), steps(nested: true))
        #expect(nested < plain * 8 + .milliseconds(200), "plain \(plain), nested \(nested)")
    }

    /// Trees of tasks that borrow at random: each wait ends, by a connection or by a refusal, without the clock.
    @Test(.timeLimit(.minutes(1)), arguments: 1...200 as ClosedRange<UInt64>)
    func `random trees of tasks never stand still`(seed: UInt64) async throws {
        let bench = try bench(size: 1 + Int(seed % 3))
        let tree = Tree(pool: bench.pool)
        var random = SplitMix64(seed: seed)
        let seeds = (0..<4).map { _ in random.next() }
        await withTaskGroup(of: Void.self) { group in
            for seed in seeds { group.addTask { await tree.grow(SplitMix64(seed: seed), depth: 0) } }
        }
        let statistics = bench.pool.statistics
        #expect(statistics.timeouts == 0)
        #expect(tree.served.value > 0)
        #expect(Int(statistics.leases) == tree.served.value)
        await bench.shutDownAndCheck()
    }
}

/// Borrows, starts children and ends at random.
private struct Tree {
    let pool: Pool<ScriptedBackend>
    let served = Tally()
    let refused = Tally()

    func grow(_ random: SplitMix64, depth: Int) async {
        var random = random
        guard depth < 5 else { return }
        switch random.next() % 6 {
        case 0..<3:
            let next = random
            do {
                try await pool.withConnection { _ in
                    served.add()
                    await grow(next, depth: depth + 1)
                }
            } catch {
                #expect((error as? PoolError)?.code == .nestedAcquire)
                refused.add()
            }
        case 3:
            let (one, two) = (SplitMix64(seed: random.next()), SplitMix64(seed: random.next()))
            async let first: Void = grow(one, depth: depth + 1)
            await grow(two, depth: depth + 1)
            await first
        case 4:
            let seeds = (0..<3).map { _ in random.next() }
            await withTaskGroup(of: Void.self) { group in
                for seed in seeds { group.addTask { await grow(SplitMix64(seed: seed), depth: depth + 1) } }
            }
        default:
            // Nobody waits for it within a loan.
            await Task.yield()
            await grow(random, depth: depth + 1)
        }
    }
}

/// Carries a lease to another task.
private final class Handed: @unchecked Sendable {
    private var lease: Lease<ScriptedBackend>?

    init(_ lease: consuming Lease<ScriptedBackend>) { self.lease = consume lease }

    func release() { lease.take()?.release() }
}
