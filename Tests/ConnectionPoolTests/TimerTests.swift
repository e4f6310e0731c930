import ConnectionPool
import ConnectionPoolTestKit
import Testing

/// The pool's timer fires when there is something to do, and sleeps otherwise.
@Suite struct TimerTests {
    private final class CountingClock: PoolClock {
        let time = ManualClock()
        let sleeps = Tally()

        func now() -> UInt64 { time.now() }

        func sleep(until deadline: UInt64) async throws {
            sleeps.add()
            try await time.sleep(until: deadline)
        }
    }

    /// The sleeps that begin while the time stands still.
    private func sleeps(_ clock: CountingClock) async -> Int {
        let before = clock.sleeps.value
        for _ in 0..<2_000 { await Task.yield() }
        return clock.sleeps.value - before
    }

    @Test func `the pause after a failure sets no timer once it is over`() async throws {
        let clock = CountingClock()
        let backend = ScriptedBackend(clock: clock.time)
        let gate = Gate()
        backend.connects = [.fail(ScriptedFailure())]
        backend.otherConnects = .stick(gate)
        let pool = try Pool(
            backend: backend, configuration: PoolConfiguration(size: 1, maxOverflow: 0), clock: clock)
        let waiter = Task { try await pool.acquire().release() }
        try await eventually("the next attempt hangs") {
            clock.time.advance(by: .milliseconds(10))
            return backend.attempts == 2
        }
        #expect(await sleeps(clock) < 20)
        gate.open()
        try await waiter.value
        await pool.shutdown()
        #expect(backend.open == 0)
    }

    @Test func `a line that stands while the pool is suspended sets no timer, and is no overload afterwards`()
        async throws
    {
        let clock = CountingClock()
        let backend = ScriptedBackend(clock: clock.time)
        let configuration = PoolConfiguration(size: 1, maxOverflow: 0, overload: .shed)
        let pool = try Pool(backend: backend, configuration: configuration, clock: clock)
        let lease = try await pool.acquire()
        let waiters = (0..<3).map { _ in Task { try await pool.acquire().release() } }
        try await eventually("they wait") { pool.statistics.waiting == 3 }
        pool.suspend()
        for _ in 0..<10 {
            clock.time.advance(by: .milliseconds(50))
            #expect(await sleeps(clock) < 20)
        }
        pool.resume()
        // The line is looked at when another caller comes.
        let last = Task { try await pool.acquire().release() }
        try await eventually("all wait") { pool.statistics.waiting == 4 }
        #expect(await sleeps(clock) < 20)
        lease.release()
        for waiter in waiters + [last] { try await waiter.value }
        #expect(pool.statistics.shed == 0)
        await pool.shutdown()
        #expect(backend.open == 0)
    }
}
