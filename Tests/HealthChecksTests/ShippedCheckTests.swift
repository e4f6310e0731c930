import Foundation
import Synchronization
import Testing

@testable import HealthChecks

@Suite("Shipped checks", .timeLimit(.minutes(1)))
struct ShippedCheckTests {
    @Test("a clock that is set is told for a while, one that drifts within the tolerance is not")
    func clockStep() {
        var steps = ClockSteps(tolerance: 1, hold: 60)
        #expect(steps.look(wall: 1000, elapsed: 0).status == .healthy)
        #expect(steps.look(wall: 1010.9, elapsed: 10).status == .healthy)
        let forward = steps.look(wall: 1050.9, elapsed: 20)
        #expect(forward.status == .degraded && forward["step_seconds"] == 30)
        #expect(steps.look(wall: 1060.9, elapsed: 30).status == .degraded)
        #expect(steps.look(wall: 1110.9, elapsed: 80).status == .healthy)
        let back = steps.look(wall: 1100, elapsed: 90)
        #expect(back.status == .degraded && back.message?.contains("back") == true)
    }

    @Test("the real clocks of this machine run together")
    func realClocks() async {
        let health = HealthRegistry()
        health.add(.clockStep())
        await health.refresh()
        await health.refresh()
        #expect(health.report().status == .healthy)
    }

    @Test(
        "a certificate is degraded when it ends soon and unhealthy when it has ended",
        arguments: [(30.0, HealthStatus.healthy), (20, .degraded), (0, .unhealthy), (-1, .unhealthy)])
    func certificate(daysLeft: Double, expected: HealthStatus) async throws {
        let now = Date(timeIntervalSince1970: 1_750_000_000)
        let result = try await look(
            .certificateExpiry(now: { now }, notAfter: { now.addingTimeInterval(daysLeft * 86_400) }))
        #expect(result.status == expected && result["days_left"] == daysLeft)
    }

    @Test("pending migrations keep the service from having started")
    func migrations() async {
        let pending = Mutex(["3 add keys", "4 add indexes"])
        let health = HealthRegistry()
        health.add(.pendingMigrations { pending.withLock { $0 } })
        health.started()
        await health.refresh()
        #expect(!health.isStarted)
        #expect(health.report().checks[0].result?.message?.contains("3 add keys") == true)
        pending.withLock { $0 = [] }
        await health.refresh()
        #expect(health.isStarted)
    }

    @Test("a database that fails once is still well, twice is down; Redis only degrades")
    func dependencies() async {
        let health = HealthRegistry()
        let fails = Mutex(false)
        let ping: @Sendable () async throws -> Void = { if fails.withLock({ $0 }) { throw Secret() } }
        health.add(.database(ping: ping))
        health.add(.redis(ping: ping))
        await health.refresh()
        fails.withLock { $0 = true }
        await health.refresh()
        #expect(health.isReady && health.report().status == .healthy)
        await health.refresh()
        #expect(!health.isReady)
        #expect(health.report(tags: ["redis"]).status == .degraded)
        #expect(!health.report().checks.contains { $0.result?.message?.contains("hunter2") == true })
    }

    @Test("old jobs degrade, an empty queue is well")
    func queueAge() async throws {
        #expect(try await look(.queueAge { nil }).status == .healthy)
        #expect(try await look(.queueAge { .seconds(61) }).status == .degraded)
        #expect(try await look(.queueAge { .seconds(601) }).status == .unhealthy)
    }

    @Test(
        "an endpoint counts by its status code",
        arguments: [(200, HealthStatus.healthy), (302, .healthy), (503, .unhealthy)])
    func endpoint(code: Int, expected: HealthStatus) async throws {
        #expect(try await look(.httpEndpoint(name: "up") { code }).status == expected)
    }

    @Test("a blocked cooperative pool is noticed by the watchdog's own thread, told to the registry, and passes")
    func executorLag() async throws {
        let watchdog = ExecutorLagWatchdog(
            interval: .milliseconds(2), degradedAbove: .milliseconds(40), unhealthyAbove: .milliseconds(80))
        let health = HealthRegistry()
        health.add(watchdog.check())
        let (stuck, told) = AsyncStream<Void>.makeStream()
        let noticed = Mutex(false)
        health.onTransition { change in
            if change.to == .unhealthy {
                noticed.withLock { $0 = true }
                told.yield()
            }
        }
        watchdog.start(reportingTo: health)
        defer { watchdog.stop() }
        // Every thread of the pool is held, until the watchdog has told it or ten seconds are over.
        let hold: @Sendable () async -> Void = {
            let end = ContinuousClock.now + .seconds(10)
            while !noticed.withLock({ $0 }), ContinuousClock.now < end { usleep(1000) }
        }
        for _ in 0..<(ProcessInfo.processInfo.activeProcessorCount * 2) { Task.detached(operation: hold) }
        var iterator = stuck.makeAsyncIterator()
        await iterator.next()
        #expect(noticed.withLock { $0 })
        #expect(watchdog.worst > .milliseconds(40))
        while !health.isLive { await health.refresh() }
        #expect(health.report().checks[0].status != .unhealthy)
    }

    @Test("a watchdog starts once and ends when it is told to")
    func watchdogLife() async {
        weak var gone: ExecutorLagWatchdog?
        do {
            let watchdog = ExecutorLagWatchdog(interval: .milliseconds(1))
            gone = watchdog
            watchdog.start()
            watchdog.start()
            while watchdog.worst == .zero { await Task.yield() }
            #expect(watchdog.lag > .zero)
        }
        while gone != nil { await Task.yield() }
        #expect(gone == nil)
    }
}
