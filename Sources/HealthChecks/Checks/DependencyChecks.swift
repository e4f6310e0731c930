extension HealthCheck {
    /// A round trip to the database **through the application's own pool**, so that what the check finds is what a
    /// request would find, and no connection is held beside it.
    /// - Parameters:
    ///   - timeout: Short: whoever waits longer has a problem.
    ///   - failuresToFail: Two by default, so that one lost packet does not take the instance out.
    ///   - ping: One round trip.
    public static func database(
        name: String = "database", criticality: Criticality = .critical, timeout: Duration = .seconds(2),
        interval: Duration = .seconds(2), failuresToFail: Int = 2, ping: @escaping @Sendable () async throws -> Void
    ) -> HealthCheck {
        HealthCheck(
            name: name, criticality: criticality, timeout: timeout, interval: interval, failuresToFail: failuresToFail,
            tags: ["database"]
        ) {
            try await ping()
            return .healthy
        }
    }

    /// Redis, which a service does without: failing, it degrades.
    /// - Parameter ping: One `PING`.
    public static func redis(
        name: String = "redis", timeout: Duration = .seconds(1), interval: Duration = .seconds(5),
        ping: @escaping @Sendable () async throws -> Void
    ) -> HealthCheck {
        HealthCheck(
            name: name, criticality: .optional, timeout: timeout, interval: interval, failuresToFail: 2, tags: ["redis"]
        ) {
            try await ping()
            return .healthy
        }
    }

    /// The age of the oldest job that could run: workers are too few, or none are left.
    /// - Parameters:
    ///   - bounds: In seconds.
    ///   - oldest: How long the oldest ready job has waited; `nil` when none waits.
    public static func queueAge(
        name: String = "job_queue", criticality: Criticality = .optional,
        bounds: HealthBounds = HealthBounds(degradedAbove: 60, unhealthyAbove: 600),
        oldest: @escaping @Sendable () async throws -> Duration?
    ) -> HealthCheck {
        HealthCheck(name: name, criticality: criticality, tags: ["jobs"]) {
            let seconds = try await oldest()?.inSeconds ?? 0
            let status = bounds.status(of: seconds)
            return HealthResult(
                status, status == .healthy ? nil : "jobs wait long; look at the workers",
                details: [.init("oldest_seconds", seconds)])
        }
    }

    /// Whether the schema is the one this program was written for.
    /// - Parameter pending: Names of the migrations that are not applied.
    public static func pendingMigrations(
        name: String = "migrations", kind: Kind = .startup, criticality: Criticality = .critical,
        pending: @escaping @Sendable () async throws -> [String]
    ) -> HealthCheck {
        HealthCheck(
            name: name, kind: kind, criticality: criticality, timeout: .seconds(5), interval: .seconds(30),
            maxAge: .seconds(120), tags: ["database"]
        ) {
            let names = try await pending()
            guard let first = names.first else { return .healthy }
            return HealthResult(
                .unhealthy, "\(names.count) migrations are not applied, the first is \(first); apply them",
                details: [.init("pending", Double(names.count))])
        }
    }

    /// An HTTP endpoint that this service depends on. The request is made by the closure, with the client that the service
    /// has already.
    /// - Parameters:
    ///   - expected: The status codes that count as well.
    ///   - status: Makes the request and returns the status code.
    public static func httpEndpoint(
        name: String, criticality: Criticality = .optional, timeout: Duration = .seconds(2),
        interval: Duration = .seconds(10), expected: Range<Int> = 200..<400,
        status: @escaping @Sendable () async throws -> Int
    ) -> HealthCheck {
        HealthCheck(
            name: name, criticality: criticality, timeout: timeout, interval: interval, failuresToFail: 2,
            tags: ["remote"]
        ) {
            let code = try await status()
            guard expected.contains(code) else { return .unhealthy("answered \(code)") }
            return HealthResult(.healthy, details: [.init("http_status", Double(code))])
        }
    }
}
