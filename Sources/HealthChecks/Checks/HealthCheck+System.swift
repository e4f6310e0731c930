#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension HealthCheck {
    /// Free space of the file system that holds a path: degraded below a tenth, unhealthy below a fiftieth by default.
    public static func diskSpace(
        path: String = "/", degradedBelow: Double = 0.1, unhealthyBelow: Double = 0.02,
        criticality: Criticality = .critical
    ) -> HealthCheck {
        HealthCheck(name: "disk_space", criticality: criticality, interval: .seconds(10), tags: ["system"]) {
            var figures = statvfs()
            guard statvfs(path, &figures) == 0, figures.f_blocks > 0 else {
                return .unhealthy("the file system of \(path) cannot be read")
            }
            let free = Double(figures.f_bavail) / Double(figures.f_blocks)
            let status: HealthStatus = free < unhealthyBelow ? .unhealthy : free < degradedBelow ? .degraded : .healthy
            return HealthResult(
                status,
                details: [
                    .init("free_bytes", Double(figures.f_bavail) * Double(figures.f_frsize)), .init("free_ratio", free),
                ])
        }
    }

    /// A share of something limited: degraded above one bound, unhealthy above another. Nothing is said without a limit.
    public static func share(
        name: String, kind: Kind = .ready, criticality: Criticality = .optional, degradedAbove: Double = 0.8,
        unhealthyAbove: Double = 0.95, _ read: @escaping @Sendable () -> (used: Double, limit: Double)?
    ) -> HealthCheck {
        HealthCheck(name: name, kind: kind, criticality: criticality, tags: ["system"]) {
            guard let (used, limit) = read(), limit > 0 else { return .healthy }
            let share = used / limit
            let status: HealthStatus =
                share > unhealthyAbove ? .unhealthy : share > degradedAbove ? .degraded : .healthy
            return HealthResult(status, details: [.init("used", used), .init("limit", limit), .init("ratio", share)])
        }
    }
}
