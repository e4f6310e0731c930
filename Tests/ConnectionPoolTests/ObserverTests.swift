import ConnectionPool
import ConnectionPoolTestKit
import Dispatch
import Testing

/// Observers that do not return: the pool goes on without them.
@Suite struct ObserverTests {
    /// Blocks its thread at the first event until it is let go.
    final class Blocking: PoolObserver {
        let seen = Tally()
        private let turnstile = DispatchSemaphore(value: 0)

        func pool(did event: PoolEvent) {
            seen.add()
            turnstile.wait()
            turnstile.signal()
        }

        func letGo() { turnstile.signal() }
    }

    @Test(.timeLimit(.minutes(1))) func `an observer that blocks costs events, and no connection`() async throws {
        let observer = Blocking()
        let backend = ScriptedBackend()
        let pool = try Pool(
            backend: backend, configuration: PoolConfiguration(size: 2, maxOverflow: 0), observer: observer)
        // Each makes a connection and closes it: two events.
        for _ in 0..<2_000 { try await pool.acquire().discard() }
        try await eventually("the observer is told") { observer.seen.value == 1 }
        let statistics = pool.statistics
        #expect(statistics.leases == 2_000 && statistics.created >= 1_999)
        #expect(statistics.lostEvents > 2_000)
        observer.letGo()
        try await eventually("the others are told") { observer.seen.value + Int(pool.statistics.lostEvents) >= 4_000 }
        await pool.shutdown()
        #expect(observer.seen.value + Int(pool.statistics.lostEvents) == 4_000)
        #expect(backend.open == 0)
    }

    @Test func `shutdown waits for the observer, within its bound`() async throws {
        let observer = Blocking()
        let clock = ManualClock()
        let pool = try Pool(backend: ScriptedBackend(clock: clock), observer: observer, clock: clock)
        try await pool.acquire().release()
        try await eventually("the observer is told") { observer.seen.value == 1 }
        let shutdown = Task { await pool.shutdown() }
        try await eventually("all is closed") { pool.statistics.closed == 1 }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
        await shutdown.value
        #expect(observer.seen.value == 1)
        observer.letGo()
    }

    @Test func `an observer is told everything in order before shutdown returns`() async throws {
        for _ in 0..<50 {
            let bench = try Bench(PoolConfiguration(size: 4, maxOverflow: 0))
            try await bench.pool.warmUp()
            await bench.pool.shutdown()
            let events = bench.events.all.map { if case .connected = $0 { "connected" } else { "closed" } }
            #expect(events == Array(repeating: "connected", count: 4) + Array(repeating: "closed", count: 4))
        }
    }
}
