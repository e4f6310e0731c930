/// Looks at everything again and again in the background; whoever asks reads the last result and its age.
///
/// ```swift
/// let health = HealthRegistry()
/// health.add(HealthCheck(name: "database") { try await database.ping(); return .healthy })
/// // a service of the group: try await health.run()
/// let report = health.report()
/// ```
public final class HealthRegistry: Sendable {
    private struct Entry {
        let check: HealthCheck
        var state: CheckState
        var isLooking = false
        var due: ContinuousClock.Instant
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var order: [String] = []
        var isDraining = false
        var isStarted = false
        var hooks: [@Sendable (String, HealthStatus, HealthStatus) -> Void] = []
    }

    private let state = HealthLock(State())

    /// A registry without checks.
    public init() {}

    /// Adds a check, or replaces the one of its name.
    public func add(_ check: HealthCheck) {
        let entry = Entry(
            check: check,
            state: CheckState(failuresToFail: check.failuresToFail, successesToPass: check.successesToPass),
            due: .now)
        state.withLock { state in
            if state.entries.updateValue(entry, forKey: check.name) == nil { state.order.append(check.name) }
        }
    }

    /// Is told of every change of a check: its name, what it was and what it is.
    public func onChange(_ hook: @escaping @Sendable (String, HealthStatus, HealthStatus) -> Void) {
        state.withLock { $0.hooks.append(hook) }
    }

    /// From now on the service is not ready.
    public func drain() { state.withLock { $0.isDraining = true } }

    /// Whether ``drain()`` was called.
    public var isDraining: Bool { state.withLock { $0.isDraining } }

    /// From now on the startup probe answers that the service has started.
    public func started() { state.withLock { $0.isStarted = true } }

    /// Whether ``started()`` was called.
    public var isStarted: Bool { state.withLock { $0.isStarted } }

    // MARK: Reading

    /// What the checks say, those of some kinds or all. Reads only; looks at nothing.
    public func report(kinds: Set<HealthCheck.Kind>? = nil) -> HealthReport {
        let now = ContinuousClock.now
        let (entries, isDraining) = state.withLock { state in
            (state.order.compactMap { state.entries[$0] }, state.isDraining)
        }
        var whole = HealthStatus.healthy
        let checks = entries.filter { kinds?.contains($0.check.kind) ?? true }.map { entry in
            let age = entry.state.checked.map { now - $0 }
            let isFresh = age.map { $0 <= entry.check.maxAge } ?? false
            let status = isFresh ? entry.state.status : .unknown
            whole = max(whole, share(of: status, entry.check.criticality))
            return HealthReport.Check(
                name: entry.check.name, kind: entry.check.kind, criticality: entry.check.criticality, status: status,
                result: entry.state.last, age: age, duration: entry.state.duration)
        }
        return HealthReport(status: whole, isDraining: isDraining, checks: checks)
    }

    /// Whether the service can serve: nothing critical fails, and it is not draining.
    public var isReady: Bool {
        let report = report(kinds: [.ready])
        return !report.isDraining && report.status != .unhealthy
    }

    /// Whether the process works.
    public var isLive: Bool { report(kinds: [.live]).status != .unhealthy }

    private func share(of status: HealthStatus, _ criticality: HealthCheck.Criticality) -> HealthStatus {
        switch (criticality, status) {
        case (.informational, _), (_, .healthy): .healthy
        case (.critical, .unhealthy), (.critical, .unknown): .unhealthy
        default: .degraded
        }
    }

    // MARK: Looking

    /// Looks at everything whenever it is due, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let next = refreshDue()
            try? await Task.sleep(until: min(next, .now + .milliseconds(500)), clock: .continuous)
        }
    }

    /// Looks at everything once and waits for all answers.
    public func refresh() async {
        let names = state.withLock { $0.order }
        await withTaskGroup(of: Void.self) { group in
            for name in names where begin(name) { group.addTask { await self.look(name) } }
        }
    }

    /// Begins what is due; returns when something is due next.
    private func refreshDue() -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        let due = state.withLock { state in state.order.filter { (state.entries[$0]?.due ?? now) <= now } }
        for name in due where begin(name) { Task { await look(name) } }
        return state.withLock { $0.entries.values.map(\.due).filter { $0 > now }.min() } ?? now + .milliseconds(500)
    }

    /// One look at a time: a check that hangs is not looked at again.
    private func begin(_ name: String) -> Bool {
        state.withLock { state in
            guard let entry = state.entries[name] else { return false }
            state.entries[name]?.due = .now + entry.check.interval
            guard !entry.isLooking else { return false }
            state.entries[name]?.isLooking = true
            return true
        }
    }

    private func look(_ name: String) async {
        guard let check = state.withLock({ $0.entries[name]?.check }) else { return }
        let start = ContinuousClock.now
        let answered = HealthLock(false)
        // The look goes on after its time is over; its late answer is not taken, and no second look begins before it ends.
        let result: HealthResult = await withCheckedContinuation { continuation in
            let timer = Task {
                try? await Task.sleep(for: check.timeout)
                if !answered.withLock({
                    let was = $0; $0 = true; return was
                }) {
                    continuation.resume(returning: .unhealthy("no answer within \(check.timeout)"))
                }
            }
            Task {
                let result: HealthResult
                do {
                    result = try await check.look()
                } catch {
                    result = .unhealthy("\(error)")
                }
                timer.cancel()
                self.state.withLock { $0.entries[name]?.isLooking = false }
                if !answered.withLock({
                    let was = $0; $0 = true; return was
                }) {
                    continuation.resume(returning: result)
                }
            }
        }
        let now = ContinuousClock.now
        let (change, hooks) = state.withLock { state in
            (state.entries[name]?.state.apply(result, took: now - start, at: now), state.hooks)
        }
        if let change { hooks.forEach { $0(name, change.from, change.to) } }
    }
}
