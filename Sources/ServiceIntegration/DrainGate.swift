public import HealthChecks
public import ServiceLifecycle

/// Stops first: says that the service is not ready, and gives load balancers a moment to see it before the server
/// behind it stops accepting.
///
/// Services stop in reverse order, so put it last: `[database, workers, health, server, DrainGate(health)]`.
public struct DrainGate: Service {
    private let health: HealthRegistry
    private let grace: Duration

    /// A gate.
    /// - Parameters:
    ///   - health: Is told that the service drains.
    ///   - grace: How long the server goes on accepting after that.
    public init(_ health: HealthRegistry, grace: Duration = .milliseconds(500)) {
        self.health = health
        self.grace = grace
    }

    /// Waits for the shutdown, then holds it up for the grace period.
    public func run() async throws {
        try? await gracefulShutdown()
        health.drain()
        try? await Task.sleep(for: grace)
    }
}
