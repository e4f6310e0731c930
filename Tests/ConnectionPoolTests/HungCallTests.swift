import ConnectionPool
import ConnectionPoolTestKit
import Testing

/// Calls of the backend that never return, and take no notice of being cancelled: the pool goes on without them.
@Suite struct HungCallTests {
    private func configuration(
        size: Int = 10, _ change: (inout PoolConfiguration) -> Void = { _ in }
    ) -> PoolConfiguration {
        var configuration = PoolConfiguration(size: size, maxOverflow: 0, timeout: .seconds(20))
        configuration.connectTimeout = .seconds(5)
        configuration.checkTimeout = .seconds(2)
        configuration.backoffBase = .milliseconds(100)
        configuration.backoffCap = .milliseconds(100)
        change(&configuration)
        return configuration
    }

    /// Moves the clock in small steps until a condition holds.
    private func run(
        _ bench: Bench, for limit: Duration, until what: String,
        sourceLocation: SourceLocation = #_sourceLocation, _ holds: () -> Bool
    ) async throws -> Duration {
        var passed = Duration.zero
        while passed < limit {
            for _ in 0..<200 {
                if holds() { return passed }
                await Task.yield()
            }
            // The clock must not run away from tasks that a busy machine has not run yet.
            try await Task.sleep(for: .milliseconds(2))
            if holds() { return passed }
            bench.clock.advance(by: .milliseconds(50))
            passed += .milliseconds(50)
        }
        try await eventually(what, sourceLocation: sourceLocation, holds)
        return passed
    }

    @Test func `a hung validation keeps nobody waiting while others rest`() async throws {
        let bench = try Bench(configuration { $0.validation = .always })
        try await bench.pool.warmUp()
        let gate = Gate()
        bench.backend.validates = [.stick(gate)]
        let served = Tally()
        let tasks = (0..<4).map { _ in
            Task { try await bench.pool.withConnection { _ in served.add() } }
        }
        let passed = try await run(bench, for: .seconds(10), until: "all are served") { served.value == 4 }
        #expect(passed < .seconds(3))
        for task in tasks { try await task.value }
        // Its place is another's before it returns, if it ever does.
        _ = try await run(bench, for: .seconds(10), until: "it is given up") { bench.abandoned == [.validate] }
        #expect(bench.pool.statistics.stuckCalls == 1)
        #expect(bench.pool.statistics.abandonedCalls == 1)
        _ = try await run(bench, for: .seconds(10), until: "its connection is closed") {
            bench.pool.statistics.closing == 0 && bench.backend.made.count { $0.closings == 1 } == 1
        }
        try await bench.pool.warmUp()
        #expect(bench.pool.statistics.idle == 10)
        gate.open()
        try await eventually("it returns") { bench.pool.statistics.stuckCalls == 0 }
        await bench.shutDownAndCheck()
    }

    @Test func `a pool whose connect hangs comes back with the database`() async throws {
        let bench = try Bench(configuration(size: 2))
        let gate = Gate()
        bench.backend.otherConnects = .stick(gate)
        let waiter = Task { try await bench.pool.withConnection { $0.number } }
        _ = try await run(bench, for: .seconds(10), until: "it is given up") { bench.abandoned == [.connect] }
        #expect(bench.pool.statistics.stuckCalls == 1)
        #expect(bench.pool.statistics.connectFailures == 1)
        bench.backend.otherConnects = .succeed
        let passed = try await run(bench, for: .seconds(10), until: "the waiter is served") {
            bench.pool.statistics.leases == 1
        }
        // One backoff, or the next attempt that hangs as well.
        #expect(passed <= .seconds(8))
        #expect(try await waiter.value == 1)
        gate.open()
        try await eventually("what came late is closed") { bench.pool.statistics.stuckCalls == 0 }
        _ = try await bench.told()
        #expect(bench.events.closings.allSatisfy { $0 == .late })
        // The second attempt hung for less than its limit.
        try await eventually("the other returns") { bench.pool.statistics.connecting == 0 }
        let made = bench.backend.made
        #expect(made.filter { $0.closings == 1 }.count == made.count - bench.pool.statistics.total)
        await bench.pool.shutdown()
        #expect(bench.backend.open == 0)
        #expect(made.allSatisfy { $0.closings == 1 })
    }

    @Test func `the observer is told of connections and failures as often as the statistics count them`() async throws {
        let bench = try Bench(configuration(size: 2))
        let gate = Gate()
        bench.backend.connects = [.stick(gate), .stick(gate), .fail(ScriptedFailure("no"))]
        let waiter = Task { try await bench.pool.withConnection { $0.number } }
        _ = try await run(bench, for: .seconds(60), until: "served") { bench.pool.statistics.leases == 1 }
        _ = try await waiter.value
        gate.open()
        try await eventually("the late ones are closed") { bench.pool.statistics.stuckCalls == 0 }
        await bench.shutDownAndCheck()
        let statistics = bench.pool.statistics
        let events = bench.events.all
        #expect(events.count { if case .connectFailed = $0 { true } else { false } } == statistics.connectFailures)
        #expect(events.count { if case .connected = $0 { true } else { false } } == statistics.created)
        #expect(statistics.connectFailures >= 2 && statistics.abandonedCalls >= 1)
    }

    @Test func `a warm-up goes on with the attempt that evictAll makes anew`() async throws {
        let bench = try Bench(configuration(size: 1))
        let gate = Gate()
        bench.backend.connects = [.stick(gate)]
        let warming = Task { try await bench.pool.warmUp() }
        await gate.waitForArrivals(1)
        _ = try await run(bench, for: .seconds(2), until: "it is slow") { bench.clock.now() > 2_500_000_000 }
        bench.pool.evictAll()
        try await warming.value
        #expect(bench.pool.statistics.connectFailures == 0)
        gate.open()
        await bench.shutDownAndCheck()
    }

    @Test func `whoever waits for a connect that hangs is told so`() async throws {
        let bench = try Bench(configuration(size: 2) { $0.timeout = .seconds(8) })
        let gate = Gate()
        bench.backend.otherConnects = .stick(gate)
        let early = Task { try await bench.pool.acquire(timeout: .seconds(3)).release() }
        let late = Task { try await bench.pool.acquire().release() }
        _ = try await run(bench, for: .seconds(12), until: "both gave up") { bench.pool.statistics.timeouts == 2 }
        let first = await #expect(throws: PoolError.self) { try await early.value }
        #expect(first?.code == .timeout)
        #expect(first?.message.contains("being made") == true)
        let second = await #expect(throws: PoolError.self) { try await late.value }
        #expect(second?.code == .connectFailed)
        let cause = second?.underlying as? PoolError
        #expect(cause?.message == "the backend's connect() did not return within 5.0 seconds")
        gate.open()
        await bench.pool.shutdown()
        #expect(bench.backend.open == 0)
    }

    @Test func `evictAll makes the attempts anew that hang`() async throws {
        let bench = try Bench(configuration(size: 1))
        let gate = Gate()
        bench.backend.connects = [.stick(gate)]
        let waiter = Task { try await bench.pool.withConnection { $0.number } }
        await gate.waitForArrivals(1)
        bench.pool.evictAll()
        #expect(bench.pool.statistics.connecting == 1 && bench.backend.attempts == 1)
        _ = try await run(bench, for: .seconds(2), until: "it is slow") { bench.clock.now() > 2_500_000_000 }
        bench.pool.evictAll()
        #expect(try await waiter.value == 1)
        #expect(bench.pool.statistics.stuckCalls == 1)
        gate.open()
        try await eventually("what came late is closed") { bench.pool.statistics.stuckCalls == 0 }
        #expect(bench.backend.open == 1)
        await bench.pool.shutdown()
        #expect(bench.backend.made.allSatisfy { $0.closings == 1 })
    }

    @Test func `a warm-up ends when its task is cancelled, and when an attempt hangs`() async throws {
        let bench = try Bench(configuration(size: 2))
        let gate = Gate()
        bench.backend.otherConnects = .stick(gate)
        let first = Task { try await bench.pool.warmUp() }
        await gate.waitForArrivals(2)
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        let second = Task { try await bench.pool.warmUp() }
        _ = try await run(bench, for: .seconds(10), until: "given up") { bench.pool.statistics.stuckCalls >= 2 }
        let error = await #expect(throws: PoolError.self) { try await second.value }
        #expect(error?.code == .connectFailed)
        gate.open()
        await bench.pool.shutdown()
        #expect(bench.backend.open == 0)
    }

    @Test(arguments: [PoolCall.close, .reset]) func `a hung close or reset gives its place back`(call: PoolCall)
        async throws
    {
        let bench = try Bench(configuration(size: 1))
        let gate = Gate()
        if call == .close {
            bench.backend.closes = [.stick(gate)]
            try await bench.pool.acquire().discard()
        } else {
            bench.backend.resets = [.stick(gate)]
            try await bench.pool.withConnection { $0.returnState = .needsReset }
        }
        let waiter = Task { try await bench.pool.withConnection { $0.number } }
        _ = try await run(bench, for: .seconds(5), until: "the waiter is served") { bench.pool.statistics.leases == 2 }
        #expect(try await waiter.value == 2)
        try await eventually("it is reported") { bench.abandoned == [call] }
        #expect(bench.pool.statistics.stuckCalls == 1)
        gate.open()
        try await eventually("it returns") { bench.pool.statistics.stuckCalls == 0 }
        await bench.shutDownAndCheck()
    }

    @Test func `whoever times out behind a hung close is not told to raise the size`() async throws {
        let bench = try Bench(configuration(size: 1) { $0.timeout = .seconds(1) })
        let gate = Gate()
        bench.backend.closes = [.stick(gate)]
        try await bench.pool.acquire().discard()
        let waiter = Task { try await bench.pool.acquire().release() }
        _ = try await run(bench, for: .seconds(5), until: "timed out") { bench.pool.statistics.timeouts == 1 }
        let error = await #expect(throws: PoolError.self) { try await waiter.value }
        #expect(error?.message.contains("1 closed") == true)
        gate.open()
        await bench.shutDownAndCheck()
    }

    @Test(arguments: PoolCall.allCases) func `shutdown waits for a call that hangs, within its bound`(call: PoolCall)
        async throws
    {
        let bench = try Bench(configuration(size: 1) { $0.validation = .always })
        let gate = Gate()
        switch call {
        case .connect: bench.backend.connects = [.stick(gate)]
        case .validate: bench.backend.validates = [.stick(gate)]
        case .reset: bench.backend.resets = [.stick(gate)]
        case .close: bench.backend.closes = [.stick(gate)]
        }
        if call != .connect { try await bench.pool.warmUp() }
        let user = Task {
            try await bench.pool.withConnection { connection in
                if call == .reset { connection.returnState = .needsReset }
            }
        }
        if call == .close {
            try await user.value
        } else {
            await gate.waitForArrivals(1)
        }
        let ended = Tally()
        let shutdown = Task {
            await bench.pool.shutdown(drain: .seconds(3))
            ended.add()
        }
        let passed = try await run(bench, for: .seconds(60), until: "shutdown ends") { ended.value == 1 }
        #expect(passed > .seconds(9) && passed < .seconds(25))
        _ = try? await user.value
        #expect(bench.pool.statistics.stuckCalls == 1)
        await shutdown.value
        gate.open()
        try await eventually("it returns") { bench.pool.statistics.stuckCalls == 0 }
        #expect(bench.backend.open == 0)
        #expect(bench.backend.made.allSatisfy { $0.closings == 1 })
    }

    @Test func `callers that fail over together evict each generation once`() async throws {
        let bench = try Bench(configuration(size: 8))
        try await bench.pool.warmUp()
        let gate = Gate()
        let tasks = (0..<8).map { _ in
            Task {
                try await bench.pool.withConnection { _ in
                    try await gate.pass()
                    throw ScriptedFailure("evictAll")
                }
            }
        }
        await gate.waitForArrivals(8)
        gate.open()
        for task in tasks { await #expect(throws: ScriptedFailure.self) { try await task.value } }
        try await bench.pool.warmUp()
        #expect(bench.pool.statistics.created == 16)
        await bench.shutDownAndCheck()
    }
}

extension Bench {
    /// The calls that the pool went on without.
    fileprivate var abandoned: [PoolCall] {
        events.all.compactMap { if case .abandoned(let call, _) = $0 { call } else { nil } }
    }
}
