import ConnectionPool
import ConnectionPoolTestKit
import Synchronization
import Testing

/// Code that is not the pool's, and which the pool calls, may call the pool: it never runs while the lock is held.
@Suite struct ForeignCodeTests {
    /// A clock that reads the pool's statistics whenever it is read or a sleep on it is cancelled.
    private final class CuriousClock: PoolClock {
        let time = ManualClock()
        let pool = Mutex<Pool<ScriptedBackend>?>(nil)
        let isLooking = Atomic(false)

        /// Itself reads the clock, once.
        func look() {
            guard isLooking.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
            else { return }
            _ = pool.withLock { $0 }?.statistics
            isLooking.store(false, ordering: .releasing)
        }

        func now() -> UInt64 {
            look()
            return time.now()
        }

        func sleep(until deadline: UInt64) async throws {
            try await withTaskCancellationHandler {
                try await time.sleep(until: deadline)
            } onCancel: {
                look()
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a clock may use the pool`() async throws {
        let clock = CuriousClock()
        let backend = ScriptedBackend(clock: clock.time)
        let configuration = PoolConfiguration(size: 1, maxOverflow: 0, timeout: .seconds(10))
        let pool = try Pool(backend: backend, configuration: configuration, clock: clock)
        clock.pool.withLock { $0 = pool }
        defer { clock.pool.withLock { $0 = nil } }
        let waiter = try await pool.withConnection { _ in
            // An error with a snapshot is made while others wait.
            let waiter = Task { try await pool.acquire().release() }
            try await eventually("one waits") { pool.statistics.waiting == 1 }
            // An earlier deadline moves the timer, which cancels its sleep.
            let hurried = Task { try await pool.acquire(timeout: .seconds(1)).release() }
            try await eventually("two wait") { pool.statistics.waiting == 2 }
            await #expect(throws: PoolError.self) { try await pool.acquire().release() }
            clock.time.advance(by: .seconds(2))
            await #expect(throws: PoolError.self) { try await hurried.value }
            return waiter
        }
        try await waiter.value
        await pool.shutdown()
        #expect(backend.open == 0)
    }

    /// A backend whose calls read the pool's statistics when they are cancelled.
    private final class CuriousBackend: ConnectionBackend {
        final class Connection: Sendable {}

        let pool = Mutex<Pool<CuriousBackend>?>(nil)
        let gate = Gate()
        let looks = Tally()

        func connect() async throws -> Connection {
            try await withTaskCancellationHandler {
                try await gate.pass()
            } onCancel: {
                _ = pool.withLock { $0 }?.statistics
                looks.add()
            }
            return Connection()
        }

        func validate(_ connection: Connection) async throws {}
        func close(_ connection: Connection) async {}
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `a call of the backend may use the pool when it is cancelled`(isAbandoned: Bool) async throws {
        let backend = CuriousBackend()
        let clock = ManualClock()
        let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: 1), clock: clock)
        backend.pool.withLock { $0 = pool }
        defer { backend.pool.withLock { $0 = nil } }
        let waiter = Task { try await pool.acquire().release() }
        await backend.gate.waitForArrivals(1)
        if isAbandoned {
            try await eventually("it is given up") {
                clock.advance(by: .seconds(1))
                return pool.statistics.abandonedCalls > 0
            }
        }
        let shutdown = Task { await pool.shutdown(drain: .zero) }
        try await eventually("it is cancelled") { backend.looks.value > 0 }
        await #expect(throws: PoolError.self) { try await waiter.value }
        backend.gate.open()
        await shutdown.value
        #expect(pool.statistics.stuckCalls == 0)
    }
}
