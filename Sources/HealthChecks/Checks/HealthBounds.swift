/// From where a figure is degraded and from where unhealthy.
public struct HealthBounds: Sendable, Hashable {
    /// The figure above which the check is degraded.
    public var degraded: Double
    /// The figure above which it is unhealthy.
    public var unhealthy: Double

    /// Bounds; `.infinity` for one that is never reached.
    public init(degradedAbove degraded: Double, unhealthyAbove unhealthy: Double) {
        self.degraded = degraded
        self.unhealthy = unhealthy
    }

    /// What a figure comes to. A figure that is no number is unhealthy.
    public func status(of figure: Double) -> HealthStatus {
        figure.isNaN || figure > unhealthy ? .unhealthy : figure > degraded ? .degraded : .healthy
    }
}

extension HealthCheck {
    /// A share of something limited. Healthy where there is no limit.
    /// - Parameters:
    ///   - bounds: Of used / limit, 0…1.
    ///   - read: What is used and the limit, in the same unit; `nil` where nothing limits it.
    public static func share(
        name: String, kind: Kind = .ready, criticality: Criticality = .optional,
        bounds: HealthBounds = HealthBounds(degradedAbove: 0.8, unhealthyAbove: 0.95), tags: Set<String> = ["system"],
        _ read: @escaping @Sendable () -> (used: Double, limit: Double)?
    ) -> HealthCheck {
        HealthCheck(name: name, kind: kind, criticality: criticality, tags: tags) {
            guard let (used, limit) = read(), limit > 0 else { return HealthResult(.healthy, "no limit is set") }
            return HealthResult(
                bounds.status(of: used / limit),
                details: [.init("used", used), .init("limit", limit), .init("ratio", used / limit)])
        }
    }
}

extension Duration {
    /// In seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
