import ConnectionPoolTestKit
import Testing

@testable import ConnectionPool

@Suite(.timeLimit(.minutes(1))) struct LifeTests {
    @Test func `a connection that reached its age is replaced at the next lease`() async throws {
        let bench = try Bench(PoolConfiguration(size: 2, maxLifetime: .seconds(60)))
        _ = try await bench.pool.withConnection { $0.number }
        bench.clock.advance(by: .seconds(53))
        #expect(try await bench.pool.withConnection { $0.number } == 1)
        bench.clock.advance(by: .seconds(8))
        #expect(try await bench.pool.withConnection { $0.number } == 2)
        try await eventually("it is closed") { bench.events.closings == [.maxLifetime] }
        await bench.shutDownAndCheck()
    }

    @Test func `connections beyond the size are closed at their return`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 2))
        let first = try await bench.pool.acquire()
        let second = try await bench.pool.acquire()
        let third = try await bench.pool.acquire()
        #expect(bench.pool.statistics.overflow == 2)
        #expect(bench.pool.statistics.utilisation == 1)
        third.release()
        second.release()
        try await eventually("two are closed") { bench.events.closings == [.overflow, .overflow] }
        first.release()
        #expect(bench.pool.statistics.idle == 1)
        await bench.shutDownAndCheck()
    }

    @Test func `a lease held too long is reported with its place, and its return as well`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, leakThreshold: .seconds(60)))
        let house = Task { await bench.pool.run() }
        let lease = try await bench.pool.acquire(file: "Ward/Rounds.swift", line: 7)
        bench.clock.advance(by: .seconds(61))
        try await eventually("it is reported") {
            // The pool may begin to keep house only now.
            bench.clock.advance(by: .milliseconds(100))
            return bench.events.all.contains { if case .suspectedLeak = $0 { true } else { false } }
        }
        #expect(bench.pool.statistics.leaks == 1)
        #expect(bench.pool.statistics.longestHeldSite == "Ward/Rounds.swift:7")
        lease.release()
        let told = try await bench.told().compactMap { event -> String? in
            switch event {
            case .suspectedLeak(let held, let site): "held \(held >= .seconds(61)) \(site)"
            case .leakReturned(let held, let site): "back \(held >= .seconds(61)) \(site)"
            default: nil
            }
        }
        #expect(told == ["held true Ward/Rounds.swift:7", "back true Ward/Rounds.swift:7"])
        house.cancel()
        await house.value
        await bench.shutDownAndCheck()
    }

    @Test func `while suspended nothing is lent, and afterwards those that waited are served in order`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1))
        try await bench.pool.warmUp()
        bench.pool.suspend()
        if let lease = bench.pool.tryAcquire() {
            lease.release()
            Issue.record("a suspended pool lent")
        }
        let user = Task { try await bench.pool.withConnection { $0.number } }
        try await eventually("it waits") { bench.pool.statistics.waiting == 1 }
        bench.pool.resume()
        #expect(try await user.value == 1)
        await bench.shutDownAndCheck()
    }

    @Test func `the more urgent is served first, and a second of waiting is worth a step`() {
        var queue = WaiterQueue<String>()
        let second: UInt64 = 1_000_000_000
        _ = queue.append("early", priority: 0, arrived: 10 * second, deadline: .max)
        _ = queue.append("urgent", priority: 2, arrived: 11 * second, deadline: .max)
        _ = queue.append("less urgent, too late", priority: 2, arrived: 13 * second, deadline: .max)
        let gone = queue.append("gone", priority: 9, arrived: 11 * second, deadline: .max)
        #expect(queue.remove(gone) == "gone")
        #expect(queue.remove(gone) == nil)
        #expect(queue.popFirst()?.waiter == "urgent")
        #expect(queue.popFirst()?.waiter == "early")
        #expect(queue.popFirst()?.waiter == "less urgent, too late")
        #expect(queue.isEmpty)
    }

    @Test func `after a failure connections are made one, two, four at a time`() {
        var recovery = Recovery(base: 100, cap: 1_000)
        #expect(recovery.allowance(underWay: 0, now: 0) == .max)
        #expect(recovery.failed(began: 0, now: 1, jitter: 1) == 100)
        #expect(recovery.failed(began: 100, now: 100, jitter: 0.5) == 100)
        #expect(recovery.failed(began: 200, now: 200, jitter: 1) == 400)
        // Those that were under way then count no more than once.
        for _ in 0..<50 { #expect(recovery.failed(began: 200, now: 201, jitter: 1) == 399) }
        for step in 0..<50 as Range<UInt64> {
            #expect(recovery.failed(began: 300 + step, now: 300 + step, jitter: 1) <= 1_000)
        }
        #expect(recovery.allowance(underWay: 0, now: 349) == 0)
        #expect(recovery.allowance(underWay: 0, now: 10_000) == 1)
        #expect(recovery.allowance(underWay: 1, now: 10_000) == 0)
        recovery.succeeded()
        #expect(recovery.allowance(underWay: 0, now: 10_000) == 2)
        recovery.succeeded()
        #expect(recovery.allowance(underWay: 0, now: 10_000) == 4)
    }

    @Test func `a forced shutdown closes what is still lent, once`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1))
        let lease = try await bench.pool.acquire()
        let connection = lease.connection
        let ended = Tally()
        let end = Task {
            await bench.pool.shutdown(drain: .seconds(5))
            ended.add()
        }
        // Until the shutdown has begun, the pool lends.
        var refused: PoolError?
        while refused == nil {
            do { try await bench.pool.withConnection { _ in } } catch let error as PoolError { refused = error }
        }
        #expect(refused?.code == .shutdown)
        while ended.value == 0 {
            bench.clock.advance(by: .seconds(5))
            await Task.yield()
        }
        await end.value
        #expect(connection.closings == 1)
        lease.release()
        await bench.shutDownAndCheck()
    }

    @Test func `with pre-ping every lease is preceded by a round trip that worked`() async throws {
        let bench = try Bench(PoolConfiguration(poolSize: 1, maxOverflow: 0))
        _ = try await bench.pool.withConnection { $0.number }
        bench.backend.validates = [.fail(ScriptedFailure("server closed the connection"))]
        #expect(try await bench.pool.withConnection { $0.number } == 2)
        #expect(try await bench.pool.withConnection { $0.number } == 2)
        #expect(bench.backend.validations == 2)
        await bench.shutDownAndCheck()
    }

    @Test func `settings out of their range are refused with their name, rule and value`() {
        let wrong: [(PoolConfiguration, String)] = [
            (PoolConfiguration(size: 0), "size must be from 1 to 1024, it is 0"),
            (PoolConfiguration(maxOverflow: -1), "maxOverflow must be from 0 to 1024, it is -1"),
            (PoolConfiguration(size: 2, minimumIdle: 3), "minimumIdle must be from 0 to size (2), it is 3"),
            (PoolConfiguration(timeout: .zero), "timeout must be above zero, it is 0.0 seconds"),
        ]
        for (configuration, message) in wrong {
            let error = #expect(throws: PoolError.self) { try configuration.validate() }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message == message)
        }
        #expect(PoolConfiguration(poolSize: 20).validation == .always)
    }

    @Test func `echo tells each lease and each return`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, echo: true))
        try await bench.pool.withConnection { _ in }
        try await bench.pool.withConnection { _ in }
        let echoed = try await bench.told().compactMap { event -> String? in
            switch event {
            case .acquired: "acquired"
            case .released: "released"
            default: nil
            }
        }
        #expect(echoed == ["acquired", "released", "acquired", "released"])
        #expect(bench.pool.statistics.useTimes.count == 2)
        #expect(bench.pool.statistics.waitTimes.count == 2)
        #expect(bench.pool.statistics.createTimes.count == 1)
        await bench.shutDownAndCheck()
    }
}
