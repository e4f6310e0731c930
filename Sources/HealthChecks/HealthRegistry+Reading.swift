extension HealthRegistry {
    /// What the checks say, those of some kinds or with one of some tags, or all. Reads only; looks at nothing.
    public func report(kinds: Set<HealthCheck.Kind>? = nil, tags: Set<String>? = nil) -> HealthReport {
        let now = now()
        let (entries, isDraining) = state.withLock { state in
            (state.order.compactMap { state.entries[$0] }, state.isDraining)
        }
        var whole = HealthStatus.healthy
        var checks: [HealthReport.Check] = []
        checks.reserveCapacity(entries.count)
        for entry in entries {
            let check = entry.check
            guard kinds?.contains(check.kind) ?? true, tags.map({ !$0.isDisjoint(with: check.tags) }) ?? true else {
                continue
            }
            let status = entry.status(at: now)
            whole = max(whole, share(of: status, check))
            checks.append(
                HealthReport.Check(
                    name: check.name, kind: check.kind, criticality: check.criticality, status: status,
                    result: entry.state.last, age: entry.state.checked.map { now - $0 }, duration: entry.state.duration)
            )
        }
        return HealthReport(status: whole, isDraining: isDraining, checks: checks)
    }

    /// Like ``report(kinds:tags:)``, after looking again at what is older than an age: for those who run no background
    /// refresh. However many ask at once, each check is looked at once. Returns within the slowest check's timeout.
    public func report(noOlderThan age: Duration, kinds: Set<HealthCheck.Kind>? = nil) async -> HealthReport {
        let now = now()
        let stale = state.withLock { state in
            state.order.filter { name in
                guard let entry = state.entries[name], kinds?.contains(entry.check.kind) ?? true else { return false }
                return entry.state.checked.map { now - $0 > age } ?? true
            }
        }
        await look(at: stale)
        return report(kinds: kinds)
    }

    /// Whether the service can serve: it has nothing critical that fails, and it is not draining.
    public var isReady: Bool {
        let (entries, isDraining) = state.withLock { ($0.entries, $0.isDraining) }
        guard !isDraining else { return false }
        let now = now()
        return entries.values.allSatisfy {
            $0.check.kind != .ready || share(of: $0.status(at: now), $0.check) != .unhealthy
        }
    }

    /// The status code of a readiness answer: 200, 503, or while draining the one given (HAProxy wants 404).
    public func readinessCode(whileDraining draining: Int = 503) -> Int {
        isDraining ? draining : isReady ? 200 : 503
    }

    /// Whether the process works. A live check that nobody looked at yet, or not for long, does not fail it.
    public var isLive: Bool { report(kinds: [.live]).status != .unhealthy }

    private func share(of status: HealthStatus, _ check: HealthCheck) -> HealthStatus {
        switch (check.criticality, status) {
        case (.informational, _), (_, .healthy): .healthy
        case (.critical, .unhealthy): .unhealthy
        case (.critical, .unknown): check.kind == .live ? .degraded : .unhealthy
        default: .degraded
        }
    }
}
