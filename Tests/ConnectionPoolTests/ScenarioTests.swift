import ConnectionPoolTestKit
import Synchronization
import TestServers
import Testing

@testable import ConnectionPool

/// What goes wrong with pools in production, each with the outcome it must have here.
@Suite(.timeLimit(.minutes(1))) struct ScenarioTests {
    @Test func `scenario 3: a waiter cancelled while a connection is made leaves it to the next in line`() async throws
    {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0))
        let gate = Gate()
        bench.backend.connects = [.hang(gate)]
        let first = Task { try await bench.pool.withConnection { $0.number } }
        await gate.waitForArrivals(1)
        let second = Task { try await bench.pool.withConnection { $0.number } }
        try await eventually("two wait") { bench.pool.statistics.waiting == 2 }
        first.cancel()
        await #expect(throws: CancellationError.self) { _ = try await first.value }
        gate.open()
        #expect(try await second.value == 1)
        #expect(bench.backend.attempts == 1)
        await bench.shutDownAndCheck()
    }

    @Test func `scenario 6: idle connections that died are replaced at a measured pace and no user sees it`()
        async throws
    {
        let bench = try Bench(PoolConfiguration(size: 8, maxOverflow: 0))
        try await bench.pool.warmUp()
        #expect(bench.backend.attempts == 8)
        bench.backend.hangUpAll()
        bench.clock.advance(by: .seconds(2))
        let house = Task { await bench.pool.run() }
        try await eventually("the dead are closed") { bench.events.closings.count == 8 }
        let number = try await bench.pool.withConnection { $0.number }
        #expect(number == 9)
        #expect(bench.events.closings.allSatisfy { $0 == .broken })
        house.cancel()
        await house.value
        await bench.shutDownAndCheck()
    }

    @Test func `a dead connection met on the way to a borrower is passed over`() async throws {
        let bench = try Bench(PoolConfiguration(size: 3, maxOverflow: 0))
        try await bench.pool.warmUp()
        bench.backend.hangUpAll()
        bench.clock.advance(by: .seconds(1))
        let number = try await bench.pool.withConnection { $0.number }
        #expect(number == 4)
        await bench.shutDownAndCheck()
    }

    @Test func `scenario 7: a database that was long down is back within one backoff, one attempt at a time`()
        async throws
    {
        let bench = try Bench(
            PoolConfiguration(
                size: 4, maxOverflow: 0, timeout: .seconds(3600), backoffBase: .milliseconds(100),
                backoffCap: .seconds(10)))
        bench.backend.otherConnects = .fail(ScriptedFailure("connection refused"))
        let users = (0..<4).map { _ in Task { try await bench.pool.withConnection { $0.number } } }
        try await eventually("all wait") { bench.pool.statistics.waiting == 4 }
        for round in 1...40 {
            try await eventually("attempt \(round)") { bench.pool.statistics.connectFailures >= UInt64(round) }
            await bench.clock.waitForSleepers(1)
            bench.clock.advance(by: .seconds(10))
        }
        #expect(bench.backend.mostUnderWay <= 4)
        bench.backend.otherConnects = .succeed
        for _ in 0..<3 where bench.pool.statistics.created == 0 {
            bench.clock.advance(by: .seconds(10))
            for _ in 0..<1_000 where bench.pool.statistics.created == 0 { await Task.yield() }
        }
        for user in users { _ = try await user.value }
        #expect(bench.pool.statistics.waiting == 0)
        await bench.shutDownAndCheck()
    }

    @Test func `waiters that time out while the database is down are told the cause`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0, timeout: .seconds(5)))
        bench.backend.otherConnects = .fail(ScriptedFailure("password rejected"))
        let user = Task { try await bench.pool.withConnection { $0.number } }
        try await eventually("it failed") { bench.pool.statistics.connectFailures > 0 }
        await bench.clock.waitForSleepers(1)
        bench.clock.advance(by: .seconds(6))
        let error = await #expect(throws: PoolError.self) { _ = try await user.value }
        #expect(error?.code == .connectFailed)
        #expect((error?.underlying as? ScriptedFailure)?.reason == "password rejected")
        #expect(error?.snapshot?.limit == 1)
        await bench.shutDownAndCheck()
    }

    @Test func `scenario 9: after an error that condemns all connections the old generation is drained`() async throws {
        let bench = try Bench(PoolConfiguration(size: 3, maxOverflow: 0))
        try await bench.pool.warmUp()
        let old = try await bench.pool.acquire()
        let number = old.connection.number
        await #expect(throws: ScriptedFailure.self) {
            try await bench.pool.withConnection { _ in throw ScriptedFailure("evictAll") }
        }
        let fresh = try await bench.pool.withConnection { $0.number }
        #expect(fresh > 3)
        old.release()
        try await eventually("the old ones are closed") { bench.events.closings.count == 3 }
        #expect(bench.backend.made[number - 1].closings == 1)
        await bench.shutDownAndCheck()
    }

    @Test func `scenario 10: a connection that comes back dirty is reset, and discarded when that fails`() async throws
    {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0))
        try await bench.pool.withConnection { $0.returnState = .needsReset }
        #expect(try await bench.pool.withConnection { $0.number } == 1)
        #expect(bench.backend.resetCount == 1)
        bench.backend.resets = [.fail(ScriptedFailure("rollback failed"))]
        try await bench.pool.withConnection { $0.returnState = .needsReset }
        #expect(try await bench.pool.withConnection { $0.number } == 2)
        #expect(bench.backend.resetCount == 2)
        await bench.shutDownAndCheck()
    }

    @Test func `scenario 11: connections made together do not grow too old together`() {
        var machine = PoolStateMachine<Int>(rules: PoolRules(PoolConfiguration(size: 100, maxOverflow: 0)))
        let slots = machine.prepare(total: 100, now: 0)
        #expect(slots.count == 100)
        var random = SplitMix64(seed: 7)
        for slot in slots {
            machine.connected(slot, took: 0, jitter: Double(random.next() % 10_000) / 9_999, now: 0)
        }
        let ages = machine.slots.map { $0.expires / 1_000_000_000 }.sorted()
        #expect(ages.first.map { $0 >= 3240 } == true)
        #expect(ages.last.map { $0 <= 3600 } == true)
        // No ten seconds of the six minutes see more than an eighth of them go.
        for age in ages { #expect(ages.count { $0 >= age && $0 < age + 10 } <= 12) }
    }

    @Test func `scenario 12: keep-alive, idle timeout and close that coincide keep the counters exact`() async throws {
        let bench = try Bench(
            PoolConfiguration(
                size: 6, maxOverflow: 0, minimumIdle: 3, idleTimeout: .seconds(10), keepAlive: .seconds(10)))
        try await bench.pool.warmUp()
        let gate = Gate()
        bench.backend.validates = [.hang(gate), .fail(ScriptedFailure("gone"))]
        let house = Task { await bench.pool.run() }
        await bench.clock.waitForSleepers(1)
        bench.clock.advance(by: .seconds(10))
        try await bench.whileTimePasses {
            try await eventually("three were idle too long, one is gone") { bench.pool.statistics.closed >= 4 }
        }
        bench.pool.evictAll()
        gate.open()
        house.cancel()
        await house.value
        #expect(bench.pool.statistics.created == bench.pool.statistics.closed)
        await bench.shutDownAndCheck()
    }

    @Test func `scenario 13: a hundred tasks on ten connections wait no longer than twice the ideal`() async throws {
        let bench = try Bench(PoolConfiguration(size: 10, maxOverflow: 0))
        try await bench.pool.warmUp()
        let users = (0..<100).map { _ in
            Task {
                try await bench.pool.withConnection { _ in
                    try await bench.clock.sleep(until: bench.clock.now() + 200_000_000)
                }
            }
        }
        // Ten rounds of 200 ms are the ideal; whoever waits longer than that was overtaken.
        for round in 1...10 {
            try await eventually("round \(round)") {
                bench.pool.statistics.inUse == 10 && bench.pool.statistics.waiting == 100 - round * 10
                    && bench.clock.sleepers == 11
            }
            bench.clock.advance(by: .milliseconds(200))
        }
        for user in users { try await user.value }
        #expect(bench.pool.statistics.waitTimes.quantile(1).map { $0 <= 4 } == true)
        #expect(bench.pool.statistics.created == 10)
        await bench.shutDownAndCheck()
    }

    @Test func `scenario 14: a nested acquire that could never be served is a diagnosed error`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0))
        let error = await #expect(throws: PoolError.self) {
            try await bench.pool.withConnection { _ in try await bench.pool.withConnection { _ in } }
        }
        #expect(error?.code == .nestedAcquire)
        #expect(error?.message.contains("ScenarioTests.swift") == true)
        await bench.shutDownAndCheck()
    }

    @Test func `scenario 14: tasks that each hold one and want another are untangled, not hung`() async throws {
        let pool = try Pool(backend: ScriptedBackend(), configuration: PoolConfiguration(size: 4, maxOverflow: 0))
        let held = Gate()
        let diagnosed = Tally()
        let served = Tally()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    do {
                        try await pool.withConnection { _ in
                            async let arrival: Void = held.pass()
                            await held.waitForArrivals(4)
                            held.open()
                            try await arrival
                            try await pool.withConnection { _ in }
                            served.add()
                        }
                    } catch {
                        #expect((error as? PoolError)?.code == .nestedAcquire)
                        diagnosed.add()
                    }
                }
            }
        }
        #expect(diagnosed.value >= 1)
        #expect(served.value + diagnosed.value == 4)
        await pool.shutdown()
    }

    @Test func `a nested acquire that can be served is served`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 1))
        let numbers = try await bench.pool.withConnection { outer in
            try await bench.pool.withConnection { inner in [outer.number, inner.number] }
        }
        #expect(numbers == [1, 2])
        await bench.shutDownAndCheck()
    }

    @Test func `scenario 15: a shutdown straight after the start leaves no connection`() async throws {
        for _ in 0..<200 {
            let backend = ScriptedBackend()
            let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: 2, minimumIdle: 2))
            let users = (0..<4).map { _ in Task { try await pool.withConnection { _ in await Task.yield() } } }
            await pool.shutdown()
            for user in users { _ = await user.result }
            #expect(backend.open == 0)
            #expect(pool.statistics.total == 0)
        }
    }
}
