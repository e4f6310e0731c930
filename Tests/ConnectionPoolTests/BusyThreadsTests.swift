import ConnectionPoolTestKit
import Foundation
import Testing
import VitalsSupport

@testable import ConnectionPool

/// What the pool does by itself depends on no thread of Swift's, and on nothing of the caller that comes first.
@Suite(.serialized, .timeLimit(.minutes(1))) struct BusyThreadsTests {
    /// Runs a body in a task on a thread of its own, while all of Swift's threads are busy.
    private func whileThreadsAreBusy<Result: Sendable>(
        for duration: Duration, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let busy = Gauge()
        let count = 2 * ProcessInfo.processInfo.activeProcessorCount
        let end = ContinuousClock.now + duration
        let hogs = (0..<count).map { _ in
            Task.detached {
                busy.add()
                while ContinuousClock.now < end {}
            }
        }
        let thread = ControlThread(name: "own")
        defer { thread.stop() }
        let result = Task(executorPreference: thread) {
            while busy.value < count / 2 { usleep(100) }
            return try await body()
        }
        for hog in hogs { await hog.value }
        return try await result.value
    }

    @Test func `a caller is refused at its timeout, and a drain ends in its time`() async throws {
        let pool = try Pool(backend: ScriptedBackend(), configuration: PoolConfiguration(size: 1, maxOverflow: 0))
        let lease = try await pool.acquire()
        let (waited, drained) = try await whileThreadsAreBusy(for: .seconds(2)) {
            let clock = ContinuousClock()
            let waited = await clock.measure {
                _ = try? await pool.withConnection(timeout: .milliseconds(100)) { _ in }
            }
            let drained = await clock.measure { _ = await pool.suspend(drain: .milliseconds(100)) }
            return (waited, drained)
        }
        #expect(waited >= .milliseconds(100) && waited < .seconds(1))
        #expect(drained >= .milliseconds(100) && drained < .seconds(1))
        #expect(pool.statistics.timeouts == 1)
        lease.release()
        await pool.shutdown()
    }

    @TaskLocal private static var request: Held?

    /// A value that tells when it is let go.
    private final class Held: Sendable {
        let end: @Sendable () -> Void
        init(_ end: @escaping @Sendable () -> Void) { self.end = end }
        deinit { end() }
    }

    private final class Line: Sendable {}

    private struct Curious: ConnectionBackend {
        let gate: Gate
        let seen: Gauge

        func connect() async throws -> Line {
            if BusyThreadsTests.request != nil || Task.currentPriority == .background { seen.add() }
            try await gate.pass()
            return Line()
        }
        func validate(_ connection: Line) async throws {}
        func reset(_ connection: Line) async throws {}
        func close(_ connection: Line) async {}
    }

    @Test func `a call of the backend has neither the values nor the priority of the caller that comes first`()
        async throws
    {
        let backend = Curious(gate: Gate(), seen: Gauge())
        let pool = try Pool(backend: backend, configuration: PoolConfiguration(size: 1, maxOverflow: 0))
        let letGo = Gauge()
        await Task(priority: .background) {
            await Self.$request.withValue(Held { letGo.add() }) {
                _ = try? await pool.withConnection(timeout: .milliseconds(50)) { _ in }
            }
        }.value
        // The attempt and the timers go on, and hold nothing of the caller that has gone.
        try await eventually("its values are let go") { letGo.value == 1 }
        #expect(pool.statistics.connecting == 1)
        backend.gate.open()
        try await pool.withConnection { _ in }
        #expect(backend.seen.value == 0)
        await pool.shutdown()
    }
}

/// Counts.
private final class Gauge: Sendable {
    private let count = PoolLock(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
