#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension HealthCheck {
    /// Whether the wall clock was set: it is held against the monotonic clock, which nobody sets. A step breaks leases,
    /// tokens and timestamps that other machines compare with their own.
    /// - Parameters:
    ///   - tolerance: How far the two may move apart between two looks.
    ///   - hold: How long a step is told.
    ///   - wall: The wall clock.
    ///   - monotonic: The clock that only runs forward.
    public static func clockStep(
        name: String = "clock", criticality: Criticality = .optional, tolerance: Duration = .seconds(1),
        hold: Duration = .seconds(60), wall: @escaping @Sendable () -> Date = { Date() },
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) -> HealthCheck {
        let origin = monotonic()
        let state = HealthLock(ClockSteps(tolerance: tolerance.inSeconds, hold: hold.inSeconds))
        return HealthCheck(name: name, criticality: criticality, tags: ["system"]) {
            let elapsed = (monotonic() - origin).inSeconds
            let now = wall().timeIntervalSince1970
            return state.withLock { $0.look(wall: now, elapsed: elapsed) }
        }
    }

    /// How long a certificate is still good.
    /// - Parameters:
    ///   - warnBefore: Degraded when less is left; 21 days by default, which leaves time to renew by hand.
    ///   - failBefore: Unhealthy when less is left; none by default: an expired certificate is unhealthy.
    ///   - now: The time.
    ///   - notAfter: The end of the certificate's validity.
    public static func certificateExpiry(
        name: String = "tls_certificate", criticality: Criticality = .optional,
        warnBefore: Duration = .seconds(21 * 86_400), failBefore: Duration = .zero,
        now: @escaping @Sendable () -> Date = { Date() }, notAfter: @escaping @Sendable () async throws -> Date
    ) -> HealthCheck {
        HealthCheck(
            name: name, criticality: criticality, timeout: .seconds(5), interval: .seconds(60), maxAge: .seconds(600),
            tags: ["tls"]
        ) {
            let left = try await notAfter().timeIntervalSince(now())
            let status: HealthStatus =
                left <= failBefore.inSeconds ? .unhealthy : left < warnBefore.inSeconds ? .degraded : .healthy
            let message = left <= 0 ? "the certificate has expired" : "the certificate ends soon; renew it"
            return HealthResult(
                status, status == .healthy ? nil : message, details: [.init("days_left", (left / 864).rounded() / 100)])
        }
    }
}

/// The difference of the two clocks, and when it last jumped.
struct ClockSteps: Sendable {
    let tolerance: Double
    let hold: Double
    private var offset: Double?
    private var step: (at: Double, by: Double)?

    init(tolerance: Double, hold: Double) {
        self.tolerance = tolerance
        self.hold = hold
    }

    mutating func look(wall: Double, elapsed: Double) -> HealthResult {
        let next = wall - elapsed
        if let offset, abs(next - offset) > tolerance { step = (elapsed, next - offset) }
        offset = next
        guard let step, elapsed - step.at < hold else { return .healthy }
        let by = (step.by * 1000).rounded() / 1000
        return HealthResult(
            .degraded, "the clock was set \(by < 0 ? "back" : "forward"); look at the time service",
            details: [.init("step_seconds", by)])
    }
}
