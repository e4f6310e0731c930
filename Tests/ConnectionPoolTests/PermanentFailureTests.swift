import ConnectionPoolTestKit
import Testing

@testable import ConnectionPool

/// Attempts that cannot succeed until somebody changes something.
@Suite(.timeLimit(.minutes(1))) struct PermanentFailureTests {
    private let refusal = ScriptedFailure("password rejected", isPermanent: true)

    private func failure(_ task: Task<Int, any Error>) async -> PoolError? {
        await #expect(throws: PoolError.self) { _ = try await task.value }
    }

    @Test func `all that wait fail at once with the cause, as do those that come before the next attempt`() async throws
    {
        let bench = try Bench(PoolConfiguration(size: 2, maxOverflow: 0, timeout: .seconds(3600)))
        let gate = Gate()
        bench.backend.connects = [.hang(gate), .hang(gate)]
        bench.backend.otherConnects = .fail(refusal)
        let users = (0..<5).map { _ in Task { try await bench.pool.withConnection { $0.number } } }
        try await eventually("all wait") { bench.pool.statistics.waiting == 5 }
        gate.open()
        for user in users { _ = try await user.value }
        bench.pool.evictAll()
        try await eventually("all closed") { bench.pool.statistics.total == 0 }
        bench.clock.advance(by: .seconds(1))

        let late = (0..<5).map { _ in Task { try await bench.pool.withConnection { $0.number } } }
        for user in late {
            let error = await failure(user)
            #expect(error?.code == .connectFailed)
            #expect((error?.underlying as? ScriptedFailure) == refusal)
        }
        #expect(bench.pool.statistics.waiting == 0)
        await bench.shutDownAndCheck()
    }

    @Test func `a pool that holds a connection lets its waiters wait for it`() async throws {
        let bench = try Bench(PoolConfiguration(size: 2, maxOverflow: 0, timeout: .seconds(3600)))
        let lease = try await bench.pool.acquire()
        bench.backend.otherConnects = .fail(refusal)
        let user = Task { try await bench.pool.withConnection { $0.number } }
        try await eventually("it failed") { bench.pool.statistics.connectFailures == 1 }
        #expect(bench.pool.statistics.waiting == 1)
        lease.release()
        #expect(try await user.value == 1)
        await bench.shutDownAndCheck()
    }

    @Test func `after the pause the next caller has it tried again, and a success ends it`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0, timeout: .seconds(3600)))
        bench.backend.connects = [.fail(refusal)]
        let first = Task { try await bench.pool.withConnection { $0.number } }
        #expect(await failure(first)?.code == .connectFailed)
        bench.clock.advance(by: .seconds(60))
        #expect(try await bench.pool.withConnection { $0.number } == 1)
        await bench.shutDownAndCheck()
    }

    /// A clock at whose reading something happens, once.
    private final class EventfulClock: PoolClock {
        let time = ManualClock()
        let event = PoolLock<(@Sendable () -> Void)?>(nil)

        func now() -> UInt64 {
            event.withLock { event in
                defer { event = nil }
                return event
            }?()
            return time.now()
        }

        func sleep(until deadline: UInt64) async throws { try await time.sleep(until: deadline) }
    }

    @Test func `the cause is the failure's although an attempt succeeds before the error is made`() throws {
        let clock = EventfulClock()
        let pool = try Pool(
            backend: ScriptedBackend(clock: clock.time), configuration: PoolConfiguration(size: 1), clock: clock)
        let waiter = Waiting(site: AcquisitionSite(file: #fileID, line: #line), in: pool.core)
        let actions = pool.core.step(now: 0) { state in
            state.lastError = self.refusal
            state.machine.actions.append(.fail(waiter, .connectFailed))
        }
        clock.event.withLock { $0 = { pool.core.state.withLock { $0.lastError = nil } } }
        pool.perform(actions)
        guard case .failed(let error) = waiter.outcome else { Issue.record("it was not refused"); return }
        #expect(((error as? PoolError)?.underlying as? ScriptedFailure) == refusal)
    }

    @Test func `a failure that passes leaves the waiters in line`() async throws {
        let bench = try Bench(PoolConfiguration(size: 1, maxOverflow: 0, timeout: .seconds(3600)))
        bench.backend.connects = [.fail(ScriptedFailure("no route"))]
        let user = Task { try await bench.pool.withConnection { $0.number } }
        try await eventually("it failed") { bench.pool.statistics.connectFailures == 1 }
        for _ in 0..<100 where bench.pool.statistics.created == 0 {
            bench.clock.advance(by: .seconds(10))
            for _ in 0..<1_000 where bench.pool.statistics.created == 0 { await Task.yield() }
        }
        #expect(try await user.value == 1)
        await bench.shutDownAndCheck()
    }
}
