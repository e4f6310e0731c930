import HealthChecks
import Logging
import ServiceIntegration
import ServiceLifecycle
import Synchronization
import Testing

/// What happened, in order.
private final class Journal: Sendable {
    private let lines = Mutex([String]())
    func note(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// Runs until it is asked to stop, then takes a while.
private struct Part: Service {
    let name: String
    let journal: Journal
    var lingers: Duration = .zero

    func run() async throws {
        try? await gracefulShutdown()
        do {
            try await Task.sleep(for: lingers)
            journal.note("\(name) stopped")
        } catch {
            journal.note("\(name) cancelled")
            throw error
        }
    }
}

/// Asks its group to stop.
private struct Trigger: Service {
    func run() async throws {}
}

@Suite("Shutdown", .timeLimit(.minutes(1)))
struct ShutdownTests {
    /// A group that is asked to stop once all its services run.
    private func stopped(_ services: [any Service]) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0, successTerminationBehavior: .ignore) }
                    + [.init(service: Trigger(), successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: Logger(label: "test")))
        try await group.run()
    }

    @Test("the drain gate says not ready first; everything else stops after its grace, the last first")
    func order() async throws {
        let journal = Journal()
        let health = HealthRegistry()
        struct Watch: Service {
            let health: HealthRegistry
            let journal: Journal
            func run() async throws {
                try? await gracefulShutdown()
                journal.note(
                    health.isDraining && !health.isReady ? "server stops while draining" : "server stops ready")
            }
        }
        #expect(health.isReady)
        let start = ContinuousClock.now
        try await stopped([
            Part(name: "database", journal: journal), Part(name: "workers", journal: journal),
            Watch(health: health, journal: journal), DrainGate(health, grace: .milliseconds(50)),
        ])
        #expect(journal.all == ["server stops while draining", "workers stopped", "database stopped"])
        #expect(ContinuousClock.now - start >= .milliseconds(50))
    }

    @Test("a service past its limit is cancelled, and those behind it still stop in good order")
    func timeBox() async throws {
        let journal = Journal()
        try await stopped([
            Part(name: "database", journal: journal),
            TimeBoxedService(
                Part(name: "server", journal: journal, lingers: .seconds(3600)), limit: .milliseconds(30)),
        ])
        #expect(journal.all == ["server cancelled", "database stopped"])
    }

    @Test("a service that stops within its limit is not cancelled")
    func withinLimit() async throws {
        let journal = Journal()
        try await stopped([
            TimeBoxedService(
                Part(name: "server", journal: journal, lingers: .milliseconds(20)), limit: .seconds(3600))
        ])
        #expect(journal.all == ["server stopped"])
    }

    @Test("what a time-boxed service throws by itself ends the group")
    func throwing() async {
        struct Broken: Error {}
        struct Fails: Service { func run() async throws { throw Broken() } }
        await #expect(throws: Broken.self) {
            try await runServices(
                [TimeBoxedService(Fails(), limit: .seconds(1))], budget: .seconds(30), logger: Logger(label: "test")
            ) {}
        }
    }
}
