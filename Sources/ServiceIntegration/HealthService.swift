public import HealthChecks
public import ServiceLifecycle

/// A health registry in a service group: looks again and again until the group shuts down.
public struct HealthService: Service {
    private let registry: HealthRegistry

    /// A service around a registry.
    public init(_ registry: HealthRegistry) { self.registry = registry }

    /// Runs until the group shuts down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await registry.run() }
    }
}
