import ConnectionPool
import HealthChecks
import Logging
import SQLDatabase
import SQLiteBackend
import ServiceIntegration
import ServiceLifecycle
import TestServers
import Testing

@Suite("Services") struct ServiceTests {
    /// Waits for a condition.
    private func wait(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "the condition did not come to hold")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func `a group that shuts down drains first and closes the database last`() async throws {
        try await withSQLite { database in
            let health = HealthRegistry()
            health.add(.pool("database", database.writer, interval: .milliseconds(20)))
            let order = Guarded<[String]>([])
            let server = BackgroundService("server") {
                // Ends with its last request, which needs the database.
                let (requests, held) = AsyncStream<Void>.makeStream()
                for await _ in requests {}
                withExtendedLifetime(held) {}
                let draining = health.isDraining
                let rows = try await Task { try await database.read { try await $0.query("SELECT 1") } }.value
                order.with { $0 += [draining ? "drained" : "not drained", "served \(rows.count)"] }
            }
            let group = ServiceGroup(
                configuration: .init(
                    services: [
                        .init(service: DatabaseService(database)), .init(service: HealthService(health)),
                        .init(service: server), .init(service: DrainGate(health, grace: .milliseconds(50))),
                    ], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
            let running = Task { try await group.run() }
            try await wait { health.report().status == .healthy }
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(order.with { $0 } == ["drained", "served 1"])
            let error = await #expect(throws: PoolError.self) { try await database.read { _ in } }
            #expect(error?.code == .shutdown)
        }
    }

    @Test func `a service whose body fails ends the group with that error`() async throws {
        struct Failure: Error {}
        try await withSQLite { database in
            let group = ServiceGroup(
                configuration: .init(
                    services: [
                        .init(service: DatabaseService(database)),
                        .init(service: BackgroundService("broken") { throw Failure() }),
                    ], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
            await #expect(throws: Failure.self) { try await group.run() }
        }
    }
}
