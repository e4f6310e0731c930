extension HealthRegistry {
    /// What the checks say, those of some kinds or with one of some tags, or all. Reads only; looks at nothing.
    ///
    /// Without kinds and tags its cost does not grow with the number of checks.
    public func report(kinds: Set<HealthCheck.Kind>? = nil, tags: Set<String>? = nil) -> HealthReport {
        let now = now()
        let (snapshot, isDraining) = state.withLock { ($0.snapshot, $0.isDraining) }
        guard kinds != nil || tags != nil else {
            return HealthReport(
                status: snapshot.status(of: nil, at: now), isDraining: isDraining, time: wall(), at: now,
                lines: snapshot.lines)
        }
        let lines = snapshot.lines.filter { line in
            kinds?.contains(line.kind) ?? true && tags.map { !$0.isDisjoint(with: line.tags) } ?? true
        }
        return HealthReport(
            status: lines.reduce(.healthy) { max($0, $1.share(at: now)) }, isDraining: isDraining, time: wall(),
            at: now, lines: lines)
    }

    /// Like ``report(kinds:tags:)``, after looking again at what is older than an age: for those who run no background
    /// refresh. However many ask at once, each check is looked at once. Returns within the slowest check's timeout.
    public func report(noOlderThan age: Duration, kinds: Set<HealthCheck.Kind>? = nil) async -> HealthReport {
        let oldest = now() - age
        let stale = state.withLock { state in
            state.order.filter { name in
                guard let entry = state.entries[name], kinds?.contains(entry.check.kind) ?? true else { return false }
                return entry.state.checked.map { $0 < oldest } ?? true
            }
        }
        await look(at: stale, unlessSince: oldest)
        return report(kinds: kinds)
    }

    /// Whether the service can serve: it has nothing critical that fails, and it is not draining.
    public var isReady: Bool {
        let now = now()
        return state.withLock { !$0.isDraining && $0.snapshot.status(of: .ready, at: now) != .unhealthy }
    }

    /// The status code of a readiness answer: 200, 503, or while draining the one given (HAProxy wants 404).
    public func readinessCode(whileDraining draining: Int = 503) -> Int {
        isDraining ? draining : isReady ? 200 : 503
    }

    /// Whether the process works. A live check that nobody looked at yet, or not for long, does not fail it.
    public var isLive: Bool {
        let now = now()
        return state.withLock { $0.snapshot.status(of: .live, at: now) != .unhealthy }
    }
}
