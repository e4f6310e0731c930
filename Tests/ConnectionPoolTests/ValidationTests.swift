import ConnectionPoolTestKit
import TestServers
import Testing

@testable import ConnectionPool

/// What `validation` promises: whoever borrows a connection gets one that was proved to work when it says so.
@Suite(.timeLimit(.minutes(1))) struct ValidationTests {
    /// Keeps house until the body ends, with the clock moved on all the while.
    private func keepingHouse(_ bench: Bench, _ body: () async throws -> Void) async throws {
        await bench.whileTimePasses {
            let house = Task { await bench.pool.run() }
            do { try await body() } catch { Issue.record(error) }
            house.cancel()
            await house.value
        }
    }

    @Test func `always means a round trip, also while the house is kept`() async throws {
        let bench = try Bench(PoolConfiguration(size: 4, maxOverflow: 0, validation: .always))
        bench.backend.otherValidates = .slow(.milliseconds(300))
        try await bench.pool.warmUp()
        var leases: [Int: Int] = [:]
        try await keepingHouse(bench) {
            // Who is dead cannot be seen: only a round trip tells.
            bench.backend.isBlind = true
            for _ in 0..<40 {
                for connection in bench.backend.made where connection.number % 3 == 0 { connection.hangUp() }
                let lease = try await bench.pool.acquire()
                #expect(lease.connection.isOpen)
                // Each lease has a proof of its own: the making, or a round trip.
                leases[lease.connection.number, default: 0] += 1
                #expect(leases[lease.connection.number]! <= lease.connection.proofs)
                lease.release()
            }
        }
        #expect(bench.backend.validations > 30)
        await bench.shutDownAndCheck()
    }

    @Test func `always proves what was reset as well, and nothing is lent at sight`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0, validation: .always))
        try await bench.pool.withConnection { $0.returnState = .needsReset }
        let first = try await bench.pool.acquire()
        first.connection.returnState = .needsReset
        let next = Task { try await bench.pool.withConnection { $0.number } }
        try await eventually("it waits") { bench.pool.statistics.waiting == 1 }
        let before = bench.backend.validations
        first.release()
        #expect(try await next.value == 1)
        #expect(bench.backend.validations == before + 1)
        #expect(bench.pool.tryAcquire()?.connection.number == nil)
        await bench.shutDownAndCheck()
    }

    @Test func `a connection that rested makes a round trip where the backend cannot tell`() async throws {
        let bench = try Bench(PoolConfiguration(size: 3, maxOverflow: 0))
        bench.backend.isBlind = true
        try await bench.pool.warmUp()
        #expect(try await bench.pool.withConnection { $0.number } == 1)
        #expect(bench.backend.validations == 0)
        bench.clock.advance(by: .seconds(1))
        for connection in bench.backend.made.prefix(2) { connection.hangUp() }
        for _ in 0..<10 { #expect(try await bench.pool.withConnection { $0.isOpen }) }
        // The two that were dead, and the first that was not; or a new one came before it.
        #expect((2...3).contains(bench.backend.validations))
        bench.clock.advance(by: .seconds(1))
        #expect(bench.pool.tryAcquire()?.connection.number == nil)
        try await eventually("they are proved") { bench.pool.statistics.checking == 0 }
        #expect(bench.pool.tryAcquire()?.connection.isOpen == true)
        await bench.shutDownAndCheck()
    }

    @Test func `one caller has one connection checked, not all that rest`() async throws {
        let bench = try Bench(PoolConfiguration(size: 10, maxOverflow: 0))
        bench.backend.isBlind = true
        try await bench.pool.warmUp()
        bench.clock.advance(by: .seconds(1))
        try await bench.pool.withConnection { _ in }
        #expect(bench.backend.validations == 1)
        await bench.shutDownAndCheck()
    }

    @Test func `a caller that is cancelled while a connection proves itself leaves it to the next`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0))
        bench.backend.isBlind = true
        try await bench.pool.warmUp()
        for round in 0..<100 {
            bench.clock.advance(by: .seconds(1))
            let gate = Gate()
            bench.backend.validates = [.hang(gate)]
            let caller = Task { try await bench.pool.withConnection { _ in } }
            if round % 2 == 0 { await gate.waitForArrivals(1) }
            caller.cancel()
            _ = await caller.result
            gate.open()
            bench.backend.validates = []
            #expect(try await bench.pool.withConnection { $0.number } == 1)
        }
        await bench.shutDownAndCheck()
    }
}

/// The sizes hold whatever goes on.
@Suite(.timeLimit(.minutes(1))) struct ResizingTests {
    @Test func `fewer under load are fewer as the lent ones come back, and the idle minimum returns with the size`()
        async throws
    {
        let bench = try Bench(PoolConfiguration(size: 20, maxOverflow: 0, minimumIdle: 8))
        let stop = PoolLock(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    while !stop.withLock({ $0 }) {
                        try await bench.pool.withConnection { _ in await Task.yield() }
                    }
                }
            }
            try await eventually("all are lent") { bench.backend.open == 20 }
            for (size, overflow) in [(4, 0), (12, 3), (1, 1), (20, 0), (2, 5)] {
                try bench.pool.resize(size: size, maxOverflow: overflow)
                try await eventually("at most \(size + overflow)") { bench.backend.open <= size + overflow }
                for _ in 0..<1000 {
                    await Task.yield()
                    #expect(bench.backend.open <= size + overflow)
                }
            }
            stop.withLock { $0 = true }
            try await group.waitForAll()
        }
        #expect(bench.pool.configuration.minimumIdle == 2)
        try bench.pool.resize(size: 20, maxOverflow: 0)
        #expect(bench.pool.configuration.minimumIdle == 8)
        try await eventually("the minimum rests again") { bench.pool.statistics.idle >= 8 }
        await bench.shutDownAndCheck()
    }

    @Test func `connections that are checked or made clean are counted`() async throws {
        let bench = try Bench(PoolConfiguration(size: 2, maxOverflow: 0, validation: .always))
        try await bench.pool.warmUp()
        let (checks, resets) = (Gate(), Gate())
        bench.backend.validates = [.hang(checks)]
        bench.backend.resets = [.hang(resets)]
        let caller = Task { try await bench.pool.withConnection { $0.returnState = .needsReset } }
        await checks.waitForArrivals(1)
        #expect(bench.pool.statistics.checking == 1 && bench.pool.statistics.total == 2)
        checks.open()
        try await caller.value
        await resets.waitForArrivals(1)
        #expect(bench.pool.statistics.checking == 1 && bench.pool.statistics.total == 2)
        resets.open()
        await bench.shutDownAndCheck()
    }

    @Test func `a pool that is let go closes every connection once`() async throws {
        let backend = ScriptedBackend()
        do {
            let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: 5))
            try await pool.warmUp()
            try await pool.withConnection { _ in }
            #expect(backend.open == 5)
        }
        try await eventually("all are closed") { backend.open == 0 }
        #expect(backend.made.map(\.closings) == [1, 1, 1, 1, 1])
    }

    @Test func `a waiter takes an idle connection although a new one is on its way`() async throws {
        let bench = try Bench(PoolConfiguration(size: 2, maxOverflow: 0, validation: .always))
        try await bench.pool.warmUp(1)
        let gate = Gate()
        bench.backend.connects = [.stick(gate)]
        let warming = Task { try await bench.pool.warmUp() }
        await gate.waitForArrivals(1)
        #expect(try await bench.pool.withConnection { $0.number } == 1)
        try bench.pool.resize(size: 1, maxOverflow: 0)
        gate.open()
        try await warming.value
        await bench.shutDownAndCheck()
    }
}
