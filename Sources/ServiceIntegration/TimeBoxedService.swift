public import ServiceLifecycle

/// A service that has so long to stop, and is cancelled then, so that the services behind it still stop in good order: a
/// slow download must not cost the job workers their time.
///
/// ```swift
/// [database, workers, health, TimeBoxedService(server, limit: .seconds(15)), DrainGate(health)]
/// ```
public struct TimeBoxedService: Service {
    private let service: any Service
    private let limit: Duration

    /// A service with a limit.
    /// - Parameters:
    ///   - service: Runs as it would without.
    ///   - limit: From the moment it is asked to stop.
    public init(_ service: any Service, limit: Duration) {
        self.service = service
        self.limit = limit
    }

    /// Runs the service. What it throws after its time was over is the cancellation's doing, and is not thrown on.
    public func run() async throws {
        enum Event { case ended, timeIsOver, cancelled }
        try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask {
                try await service.run()
                return .ended
            }
            group.addTask {
                do {
                    try await gracefulShutdown()
                    try await Task.sleep(for: limit)
                    return .timeIsOver
                } catch {
                    return .cancelled
                }
            }
            while let event = try await group.next() {
                if event == .cancelled { continue }
                group.cancelAll()
                if event == .timeIsOver { while await group.nextResult() != nil {} }
                return
            }
        }
    }
}
