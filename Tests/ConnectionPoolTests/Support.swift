import ConnectionPoolTestKit
import Testing

@testable import ConnectionPool

/// Waits until a condition holds, which other tasks bring about; fails after ten seconds.
func eventually(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ holds: () -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(10)
    while !holds() {
        guard ContinuousClock.now < end else {
            Issue.record("not within ten seconds: \(what)", sourceLocation: sourceLocation)
            throw ScriptedFailure(what)
        }
        await Task.yield()
    }
}

/// Keeps the events of a pool.
final class Events: PoolObserver {
    private let list = PoolLock<[PoolEvent]>([])

    func pool(did event: PoolEvent) { list.withLock { $0.append(event) } }

    var all: [PoolEvent] { list.withLock { $0 } }

    var closings: [PoolCloseReason] {
        all.compactMap { if case .closed(let reason) = $0 { reason } else { nil } }
    }
}

/// A pool on a scripted backend and a clock that is moved by hand.
struct Bench {
    let clock = ManualClock()
    let backend: ScriptedBackend
    let events = Events()
    let pool: Pool<ScriptedBackend>

    init(_ configuration: PoolConfiguration = PoolConfiguration()) throws {
        backend = ScriptedBackend(clock: clock)
        pool = try Pool(backend: backend, configuration: configuration, observer: events, clock: clock)
    }

    /// The pool's events, once the observer has been told all.
    func told() async throws -> [PoolEvent] {
        try await eventually("the observer is told") { pool.reporter?.isIdle ?? true }
        return events.all
    }

    /// Runs a body while the clock moves on, slowly enough for other tasks to do what is due.
    func whileTimePasses<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let time = Task {
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(50))
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        defer { time.cancel() }
        return try await body()
    }

    /// Every connection was used by one at a time and closed once, and nothing is left.
    func shutDownAndCheck(sourceLocation: SourceLocation = #_sourceLocation) async {
        await whileTimePasses { await pool.shutdown() }
        let statistics = pool.statistics
        #expect(statistics.inUse == 0, sourceLocation: sourceLocation)
        #expect(statistics.total == 0, sourceLocation: sourceLocation)
        #expect(statistics.waiting == 0, sourceLocation: sourceLocation)
        #expect(statistics.created == statistics.closed, sourceLocation: sourceLocation)
        #expect(backend.open == 0, sourceLocation: sourceLocation)
        for connection in backend.made {
            #expect(connection.closings == 1, sourceLocation: sourceLocation)
            #expect(connection.mostUsers <= 1, sourceLocation: sourceLocation)
        }
    }
}
