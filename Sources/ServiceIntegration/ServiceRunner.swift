import Foundation
public import Logging
public import ServiceLifecycle
import Synchronization
import UnixSignals

/// Runs services in the order given until SIGTERM ends them, in reverse order, within one budget.
///
/// Order: `[database, job workers, health refresher, TimeBoxed(HTTP server), DrainGate]`.
///
/// | signal | what happens |
/// |---|---|
/// | SIGTERM | each service is asked to stop, the last first; what still runs at three quarters of the budget is cancelled |
/// | a second SIGTERM | nothing more |
/// | SIGINT | everything is cancelled at once, without a drain |
///
/// A service group itself would trap when tasks do not end after their cancellation; here the caller decides.
/// - Parameters:
///   - services: In the order of their start. One that ends by itself ends nothing else; one that throws ends all.
///   - budget: From the signal to the end of the process.
///   - overrun: Called from a thread of its own when services still run at the end of the budget.
/// - Throws: What a service threw, except the cancellation of a shutdown.
public func runServices(
    _ services: [any Service], budget: Duration, logger: Logger, overrun: @escaping @Sendable () -> Void
) async throws {
    let isStopping = StopFlag()
    let notice = ShutdownNotice { isGraceful in
        if isGraceful { isStopping.set() }
        DispatchQueue.global().asyncAfter(deadline: .now() + budget / .seconds(1)) {
            if !isStopping.isOver { overrun() }
        }
    }
    var configuration = ServiceGroupConfiguration(
        services: (services + [notice]).map {
            .init(service: $0, successTerminationBehavior: .ignore)
        },
        gracefulShutdownSignals: [.sigterm], cancellationSignals: [.sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = budget * 3 / 4
    defer { isStopping.end() }
    do {
        try await ServiceGroup(configuration: configuration).run()
    } catch  where isStopping.isSet || error is CancellationError {
        logger.notice("services were cancelled", metadata: ["error_type": "\(type(of: error))"])
    }
}

/// Stands last, so that it hears of a shutdown first, and of a cancellation as well.
private struct ShutdownNotice: Service {
    let heard: @Sendable (_ isGraceful: Bool) -> Void

    func run() async throws {
        do {
            try await gracefulShutdown()
            heard(true)
        } catch {
            heard(false)
        }
    }
}

private final class StopFlag: Sendable {
    private let stops = Atomic<Bool>(false)
    private let ended = Atomic<Bool>(false)
    var isSet: Bool { stops.load(ordering: .acquiring) }
    var isOver: Bool { ended.load(ordering: .acquiring) }
    func set() { stops.store(true, ordering: .releasing) }
    func end() { ended.store(true, ordering: .releasing) }
}
