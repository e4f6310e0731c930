import ConnectionPool
import ConnectionPoolTestKit
import Testing

@Suite struct SuspensionTests {
    private func isSuspended(_ bench: Bench) async throws {
        try await eventually("it is suspended") { bench.pool.statistics.isSuspended }
    }

    @Test func `a suspended pool is quiet when all has come back`() async throws {
        let bench = try Bench(PoolConfiguration(size: 3, maxOverflow: 0))
        try await bench.pool.warmUp()
        let lease = try await bench.pool.acquire()
        let ended = Tally()
        let task = Task {
            defer { ended.add() }
            return await bench.pool.suspend(drain: .seconds(60))
        }
        try await isSuspended(bench)
        let waiter = Task { try await bench.pool.withConnection { $0.number } }
        try await eventually("a caller waits") { bench.pool.statistics.waiting == 1 }
        #expect(ended.value == 0)
        lease.release()
        #expect(await task.value)
        #expect(bench.pool.statistics.inUse == 0 && bench.pool.statistics.waiting == 1)
        bench.pool.evictAll()
        try await eventually("they are closed") { bench.backend.open == 0 }
        bench.pool.resume()
        #expect(try await waiter.value > 3)
        await bench.shutDownAndCheck()
    }

    @Test func `one that is quiet already is so at once, one that is not when the limit passes is not`() async throws {
        let bench = try Bench(PoolConfiguration(size: 2, maxOverflow: 0))
        #expect(await bench.pool.suspend(drain: .zero))
        bench.pool.resume()
        let lease = try await bench.pool.acquire()
        #expect(await bench.pool.suspend(drain: .zero) == false)
        let ended = Tally()
        let task = Task {
            defer { ended.add() }
            return await bench.pool.suspend(drain: .seconds(5))
        }
        try await eventually("the limit passes") {
            bench.clock.advance(by: .milliseconds(100))
            return ended.value == 1
        }
        #expect(await task.value == false)
        #expect(bench.pool.statistics.isSuspended)
        lease.release()
        bench.pool.resume()
        await bench.shutDownAndCheck()
    }

    @Test(arguments: ["cancel", "resume", "shutdown"])
    func `the wait ends with its task, with resume and with shutdown`(
        way: String
    ) async throws {
        let bench = try Bench(PoolConfiguration(size: 2, maxOverflow: 0))
        let lease = try await bench.pool.acquire()
        let task = Task { await bench.pool.suspend(drain: .seconds(60)) }
        try await isSuspended(bench)
        var closing: Task<Void, Never>?
        switch way {
        case "cancel": task.cancel()
        case "resume": bench.pool.resume()
        default: closing = Task { await bench.pool.shutdown() }
        }
        #expect(await task.value == false)
        lease.release()
        await closing?.value
        await bench.shutDownAndCheck()
    }

    @Test func `what is being made, checked or reset is waited for`() async throws {
        let bench = try Bench(PoolConfiguration(size: 2, maxOverflow: 0))
        let gate = Gate()
        bench.backend.resets = [.hang(gate)]
        try await bench.pool.withConnection { $0.returnState = .needsReset }
        await gate.waitForArrivals(1)
        let ended = Tally()
        let task = Task {
            defer { ended.add() }
            return await bench.pool.suspend(drain: .seconds(60))
        }
        try await isSuspended(bench)
        #expect(ended.value == 0)
        gate.open()
        #expect(await task.value)
        bench.pool.resume()
        await bench.shutDownAndCheck()
    }
}
