public import ServiceLifecycle

/// Something that runs until it is cancelled, as a service: a pool's housekeeping, a registry's refresher.
///
/// ```swift
/// BackgroundService("database") { await database.run() }
/// ```
public struct BackgroundService: Service {
    private let name: String
    private let body: @Sendable () async throws -> Void

    /// A service.
    /// - Parameters:
    ///   - name: For messages.
    ///   - body: Runs until its task is cancelled, which happens when the group shuts down.
    public init(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// Runs until the group shuts down.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { try await body() }
    }
}
