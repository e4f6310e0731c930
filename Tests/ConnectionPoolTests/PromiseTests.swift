import ConnectionPoolTestKit
import Testing

@testable import ConnectionPool

/// Sentences of the guide, each in the situation that once made it false.
@Suite struct PromiseTests {
    @Test func `attempts that fail together make one pause`() async throws {
        let bench = try Bench(PoolConfiguration(size: 20, maxOverflow: 0, backoffBase: .milliseconds(100)))
        let gate = Gate()
        bench.backend.connects = (0..<20).map { _ in .hang(gate) }
        let waiters = (0..<20).map { _ in Task { try await bench.pool.withConnection { _ in } } }
        await gate.waitForArrivals(20)
        bench.backend.otherConnects = .fail(ScriptedFailure("refused"))
        // A connection that is refused at once, before the others.
        for waiter in waiters.prefix(1) { waiter.cancel() }
        gate.open()
        try await eventually("all ended") { bench.pool.statistics.connecting == 0 }
        let pauses = try await bench.told().compactMap { event -> Duration? in
            if case .connectFailed(_, let pause) = event { pause } else { nil }
        }
        #expect(pauses.allSatisfy { $0 <= .milliseconds(200) })
        for waiter in waiters { _ = try? await waiter.value }
        await bench.shutDownAndCheck()
    }

    @Test func `a recovery counts what was under way together once`() {
        var recovery = Recovery(base: 100, cap: 1_000_000)
        for attempt in 0..<20 as Range<UInt64> {
            #expect(recovery.failed(began: attempt, now: 1000 + attempt, jitter: 1) <= 100)
        }
        #expect(recovery.failures == 1)
        #expect(recovery.failed(began: 2000, now: 3000, jitter: 1) == 200)
    }

    @Test func `warmUp makes the connections whose places are being vacated`() async throws {
        let bench = try Bench(PoolConfiguration(size: 4, maxOverflow: 0))
        try await bench.pool.warmUp()
        let gate = Gate()
        bench.backend.closes = (0..<4).map { _ in .hang(gate) }
        bench.pool.evictAll()
        await gate.waitForArrivals(4)
        let warming = Task { try await bench.pool.warmUp() }
        gate.open()
        try await warming.value
        #expect(bench.pool.statistics.idle == 4)
        try bench.pool.resize(size: 1, maxOverflow: 0)
        try bench.pool.resize(size: 4, maxOverflow: 0)
        try await bench.pool.warmUp()
        #expect(bench.pool.statistics.idle == 4)
        await bench.shutDownAndCheck()
    }

    @Test func `a bucket of the waits never falls`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0, timeout: .milliseconds(200)))
        var before = bench.pool.statistics.waitTimes
        func look() {
            let now = bench.pool.statistics.waitTimes
            #expect(zip(now.counts, before.counts).allSatisfy { $0 >= $1 })
            before = now
        }
        for _ in 0..<10 { try await bench.pool.withConnection { _ in } }
        look()
        let lease = try await bench.pool.acquire()
        look()
        let waiters = (0..<5).map { _ in Task { try await bench.pool.withConnection { _ in } } }
        try await eventually("they wait") { bench.pool.statistics.waiting == 5 }
        try await eventually("they gave up") {
            bench.clock.advance(by: .milliseconds(50))
            return bench.pool.statistics.timeouts == 5
        }
        look()
        #expect(before.count == 16)
        for waiter in waiters { _ = try? await waiter.value }
        lease.release()
        await bench.shutDownAndCheck()
    }

    @Test func `whoever waits is told of what holds it up, not of a failure long past`() async throws {
        let bench = try Bench(PoolConfiguration(size: 2, maxOverflow: 0, timeout: .seconds(1)))
        bench.backend.connects = [.fail(ScriptedFailure("refused"))]
        func fail(_ prepare: () async throws -> Void) async throws -> PoolError? {
            try await prepare()
            let waiter = Task { try await bench.pool.withConnection { _ in } }
            let timeouts = bench.pool.statistics.timeouts
            try await eventually("it gave up") {
                bench.clock.advance(by: .milliseconds(100))
                return bench.pool.statistics.timeouts > timeouts
            }
            return await #expect(throws: PoolError.self) { try await waiter.value }
        }
        await #expect(throws: ScriptedFailure.self) { try await bench.pool.warmUp() }
        let suspended = try await fail { bench.pool.suspend() }
        #expect(suspended?.message.contains("suspended") == true)
        bench.pool.resume()
        bench.clock.advance(by: .seconds(1))
        let gate = Gate()
        let holder = Task { try await bench.pool.withConnection { _ in try await gate.pass() } }
        await gate.waitForArrivals(1)
        let full = try await fail { try bench.pool.resize(size: 1, maxOverflow: 0) }
        #expect(full?.code == .timeout)
        gate.open()
        try await holder.value
        await bench.shutDownAndCheck()
    }

    @Test func `who waits for an evicted connection fails at once when no other can be made`() async throws {
        let bench = try Bench(PoolConfiguration(size: 2, maxOverflow: 0, timeout: .seconds(20)))
        let lease = try await bench.pool.acquire()
        bench.pool.evictAll()
        bench.backend.otherConnects = .fail(ScriptedFailure("no such database", isPermanent: true))
        let error = await #expect(throws: PoolError.self) { try await bench.pool.withConnection { _ in } }
        #expect(error?.code == .connectFailed)
        #expect(error?.underlying is ScriptedFailure)
        lease.release()
        await bench.shutDownAndCheck()
    }

    @Test func `a connection that is dead when it is handed over is no lease`() async throws {
        let bench = try Bench(PoolConfiguration(size: 3, maxOverflow: 0, echo: true))
        try await bench.pool.warmUp()
        bench.pool.suspend()
        let callers = (0..<3).map { _ in Task { try await bench.pool.withConnection { $0.number } } }
        try await eventually("they wait") { bench.pool.statistics.waiting == 3 }
        bench.clock.advance(by: .seconds(1))
        bench.backend.hangUpAll()
        bench.pool.resume()
        for caller in callers { #expect(try await caller.value > 3) }
        #expect(bench.pool.statistics.leases == 3)
        #expect(bench.pool.statistics.useTimes.count == 3)
        #expect(bench.pool.statistics.waitTimes.count == 3)
        #expect(bench.pool.statistics.waitTimes.sum >= .seconds(3))
        let (acquired, released) = bench.events.all.reduce(into: (0, 0)) { counts, event in
            if case .acquired = event { counts.0 += 1 }
            if case .released = event { counts.1 += 1 }
        }
        #expect(acquired == 3 && released == 3)
        await bench.shutDownAndCheck()
    }

    @Test func `a connection that a shutdown closes before its caller has woken is no lease`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0))
        try await bench.pool.warmUp()
        let waiter = Waiting(site: AcquisitionSite(file: #fileID, line: #line), in: bench.pool.core)
        bench.pool.enqueue(waiter, priority: 0, arrived: 0, deadline: .max, now: bench.clock.now())
        guard case .slot(let slot, let isProved) = waiter.outcome else {
            Issue.record("it was not served")
            return
        }
        await bench.pool.shutdown(drain: .zero)
        var unproved: Int?
        #expect(bench.pool.served(slot, isProved, &unproved) == nil && unproved == nil)
        #expect(bench.pool.statistics.leases == 0)
        #expect(bench.pool.statistics.longestHeldSite == nil)
        await bench.shutDownAndCheck()
    }

    @Test func `a caller that was late to wake is no leak any more when its connection is dead`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0))
        try await bench.pool.warmUp()
        let waiter = Waiting(site: AcquisitionSite(file: "Ward/Rounds.swift", line: 7), in: bench.pool.core)
        bench.pool.enqueue(waiter, priority: 0, arrived: 0, deadline: .max, now: bench.clock.now())
        guard case .slot(let slot, let isProved) = waiter.outcome else {
            Issue.record("it was not served")
            return
        }
        bench.clock.advance(by: .seconds(61))
        let house = Task { await bench.pool.run() }
        try await eventually("it is reported") {
            bench.clock.advance(by: .milliseconds(100))
            return bench.events.all.contains { if case .suspectedLeak = $0 { true } else { false } }
        }
        bench.backend.hangUpAll()
        var unproved: Int?
        #expect(bench.pool.served(slot, isProved, &unproved) == nil && unproved == nil)
        #expect(try await bench.told().contains { if case .leakReturned = $0 { true } else { false } })
        house.cancel()
        await house.value
        await bench.shutDownAndCheck()
    }

    @Test(arguments: [Double.infinity, .nan, 1e30, -1, 0])
    func `settings of SQLAlchemy that are no times are refused or bounded`(
        value: Double
    ) {
        let configuration = PoolConfiguration(poolSize: 5, poolTimeout: value)
        let isRefused = (try? configuration.validate()) == nil
        #expect(isRefused == !(value > 0))
        _ = PoolConfiguration(poolSize: 5, poolRecycle: value)
    }
}
