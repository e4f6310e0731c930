import HealthChecks
import Synchronization
import Testing

/// Opens once; whoever waits goes on.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func open() { continuation.finish() }
    func wait() async { for await _ in stream {} }
}

struct Secret: Error, CustomStringConvertible { var description: String { "password=hunter2" } }

@Suite("Registry", .timeLimit(.minutes(1)))
struct RegistryTests {
    @Test("10,000 concurrent probes run one check")
    func singleFlight() async {
        let health = HealthRegistry()
        let looks = Mutex(0)
        let gate = Gate()
        health.add(
            HealthCheck(name: "one", timeout: .seconds(30)) {
                looks.withLock { $0 += 1 }
                await gate.wait()
                return .healthy
            })
        await withTaskGroup(of: HealthStatus.self) { group in
            for _ in 0..<10_000 { group.addTask { await health.report(noOlderThan: .seconds(60)).status } }
            gate.open()
            for await status in group { #expect(status == .healthy) }
        }
        #expect(looks.withLock { $0 } == 1)
    }

    @Test("a hanging check fails at its timeout, delays nobody and is not looked at twice")
    func hanging() async {
        let health = HealthRegistry()
        let looks = Mutex(0)
        let gate = Gate()
        health.add(
            HealthCheck(name: "hangs", timeout: .milliseconds(20), failuresToFail: 3) {
                looks.withLock { $0 += 1 }
                await gate.wait()
                return .healthy
            })
        health.add(HealthCheck(name: "well") { .healthy })
        await health.refresh()
        #expect(health.report().checks.map(\.status) == [.unhealthy, .healthy])
        for _ in 0..<100 { await health.refresh() }
        #expect(looks.withLock { $0 } == 1)
        #expect(!health.isReady)
        gate.open()
        while !health.isReady { await health.refresh() }
        #expect(looks.withLock { $0 } == 2)
    }

    @Test("a check that hangs after it was well counts a failure each interval, though it is looked at once")
    func hangsLater() async {
        let health = HealthRegistry()
        let hangs = Mutex(false)
        let gate = Gate()
        health.add(
            HealthCheck(name: "later", timeout: .milliseconds(10), failuresToFail: 3) {
                if hangs.withLock({ $0 }) { await gate.wait() }
                return .healthy
            })
        await health.refresh()
        hangs.withLock { $0 = true }
        await health.refresh()
        #expect(health.isReady)
        await health.refresh()
        #expect(health.isReady)
        await health.refresh()
        #expect(!health.isReady)
        gate.open()
    }

    @Test("a check that throws is unhealthy, and says the error's text only when asked to", arguments: [false, true])
    func throwing(shows: Bool) async {
        let health = HealthRegistry(showsErrors: shows)
        health.add(HealthCheck(name: "throws") { throw Secret() })
        await health.refresh()
        let message = health.report().checks[0].result?.message ?? ""
        #expect(message == (shows ? "password=hunter2" : "the check threw Secret"))
        let bare = String(decoding: health.report().json(version: "1", detail: .checks), as: UTF8.self)
        #expect(!bare.contains("threw") && !bare.contains("hunter2"))
    }

    @Test("a result too old is unknown: it fails readiness when critical, never liveness")
    func expiry() async {
        let start = ContinuousClock.now
        let later = Mutex(Duration.zero)
        let health = HealthRegistry(now: { start + later.withLock { $0 } })
        health.add(HealthCheck(name: "critical", maxAge: .seconds(30)) { .healthy })
        health.add(HealthCheck(name: "alive", kind: .live, maxAge: .seconds(30)) { .healthy })
        #expect(!health.isReady && health.isLive)
        await health.refresh()
        later.withLock { $0 = .seconds(30) }
        #expect(health.isReady)
        #expect(health.report().checks[0].age == .seconds(30))
        later.withLock { $0 = .seconds(31) }
        #expect(!health.isReady && health.isLive)
        #expect(health.report().checks[0].status == .unknown)
        health.add(HealthCheck(name: "critical", criticality: .optional) { .healthy })
        #expect(health.isReady)
    }

    @Test("criticality decides what a failure means for the whole", arguments: HealthCheck.Criticality.allCases)
    func criticality(_ criticality: HealthCheck.Criticality) async {
        let health = HealthRegistry()
        health.add(HealthCheck(name: "fails", criticality: criticality) { .unhealthy("no") })
        await health.refresh()
        let expected: [HealthCheck.Criticality: HealthStatus] = [
            .critical: .unhealthy, .optional: .degraded, .informational: .healthy,
        ]
        #expect(health.report().status == expected[criticality])
        #expect(health.report().httpStatus == (criticality == .critical ? 503 : 200))
    }

    @Test("started only when told so and when every startup check was well once")
    func startup() async {
        let health = HealthRegistry()
        let isWell = Mutex(false)
        health.add(
            HealthCheck(name: "migrated", kind: .startup) { isWell.withLock { $0 } ? .healthy : .unhealthy("no") })
        health.started()
        await health.refresh()
        #expect(!health.isStarted)
        isWell.withLock { $0 = true }
        await health.refresh()
        #expect(health.isStarted)
        isWell.withLock { $0 = false }
        await health.refresh()
        #expect(health.isStarted)
    }

    @Test("draining is not ready, whatever the checks say, with 503 or the code a balancer wants")
    func draining() async {
        let health = HealthRegistry()
        #expect(health.isReady && health.readinessCode(whileDraining: 404) == 200)
        health.drain()
        #expect(!health.isReady && health.isLive && health.isDraining)
        #expect(health.readinessCode() == 503 && health.readinessCode(whileDraining: 404) == 404)
    }

    @Test("hooks are told of every change and every look; the history keeps the last 32")
    func hooks() async {
        let health = HealthRegistry()
        let count = Mutex(0)
        let changes = Mutex([HealthTransition]())
        let looks = Mutex([HealthLook]())
        health.add(
            HealthCheck(name: "flaps") {
                count.withLock {
                    $0 += 1; return $0
                } % 2 == 0 ? .healthy : .unhealthy("odd")
            })
        health.onTransition { change in changes.withLock { $0.append(change) } }
        health.onLook { look in looks.withLock { $0.append(look) } }
        for _ in 0..<50 { await health.refresh() }
        #expect(changes.withLock { $0.count } == 50 && looks.withLock { $0.count } == 50)
        #expect(looks.withLock { $0.last?.transitions } == 50)
        #expect(health.history(of: "flaps") == changes.withLock { Array($0.suffix(32)) })
        #expect(health.history(of: "nobody").isEmpty)
    }

    @Test("a report holds the kinds and tags asked for; a removed check is gone")
    func selection() async {
        let health = HealthRegistry()
        health.add(HealthCheck(name: "a", tags: ["system"]) { .healthy })
        health.add(HealthCheck(name: "b", kind: .live, tags: ["remote", "slow"]) { .healthy })
        #expect(health.report(tags: ["slow"]).checks.map(\.name) == ["b"])
        #expect(health.report(kinds: [.ready]).checks.map(\.name) == ["a"])
        #expect(health.report().checks.map(\.name) == ["a", "b"])
        health.remove("a")
        #expect(health.report().checks.map(\.name) == ["b"])
    }

    @Test("the answer of a replaced check no longer counts")
    func replaced() async {
        let health = HealthRegistry()
        let gate = Gate()
        health.add(
            HealthCheck(name: "x", timeout: .seconds(30)) {
                await gate.wait(); return .unhealthy("old")
            })
        async let old: Void = health.refresh()
        health.add(HealthCheck(name: "x") { .healthy })
        await health.refresh()
        gate.open()
        await old
        #expect(health.report().status == .healthy)
    }

    @Test("a recorded result counts as a look, without one")
    func recorded() async {
        let health = HealthRegistry()
        let looks = Mutex(0)
        health.add(
            HealthCheck(name: "heartbeat", failuresToFail: 2) {
                looks.withLock { $0 += 1 }
                return .healthy
            })
        health.record(.healthy, for: "heartbeat")
        health.record(.unhealthy("late"), for: "heartbeat")
        #expect(health.isReady)
        health.record(.unhealthy("late"), for: "heartbeat")
        #expect(!health.isReady && looks.withLock { $0 } == 0)
        health.record(.unhealthy("nobody"), for: "nobody")
        #expect(health.report().checks.count == 1)
    }

    @Test("a slow check that answers in its time is well, and its duration is told")
    func slow() async throws {
        let health = HealthRegistry()
        health.add(
            HealthCheck(name: "slow", timeout: .seconds(30)) {
                try await Task.sleep(for: .milliseconds(30))
                return .healthy
            })
        await health.refresh()
        let check = try #require(health.report().checks.first)
        #expect(check.status == .healthy && check.duration >= .milliseconds(30))
    }

    @Test("fifty hanging checks delay no answer")
    func manyHanging() async {
        let health = HealthRegistry()
        let gate = Gate()
        for index in 0..<50 {
            health.add(
                HealthCheck(name: "hangs \(index)", timeout: .seconds(30)) {
                    await gate.wait()
                    return .healthy
                })
        }
        let task = Task { await health.refresh() }
        let slowest = (0..<1000).map { _ in
            let start = ContinuousClock.now
            _ = (health.report().status, health.isReady)
            return ContinuousClock.now - start
        }.sorted()[990]
        #expect(slowest < .milliseconds(5))
        gate.open()
        await task.value
        #expect(health.isReady)
    }

    @Test("the background refresh looks at each check when it is due and ends when cancelled")
    func background() async {
        let health = HealthRegistry()
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        health.add(
            HealthCheck(name: "often", interval: .milliseconds(1)) {
                continuation.yield(); return .healthy
            })
        let task = Task { await health.run() }
        var seen = 0
        for await _ in stream {
            seen += 1
            if seen == 5 { break }
        }
        task.cancel()
        await task.value
        #expect(seen == 5 && health.isReady)
    }
}
