#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What all checks say together, at one moment.
public struct HealthReport: Sendable {
    /// The whole: the worst that the checks' criticality allows.
    public let status: HealthStatus
    /// Whether the service asks to be left alone because it is about to stop.
    public let isDraining: Bool
    /// When it was made, by the wall clock.
    public let time: Date
    let at: ContinuousClock.Instant
    let lines: [HealthLine]

    /// The checks, in the order in which they were added.
    public var checks: [Check] { lines.map { Check($0, at: at) } }

    /// One check's part.
    public struct Check: Sendable {
        /// Its name.
        public let name: String
        /// What it speaks for.
        public let kind: HealthCheck.Kind
        /// What its failure means.
        public let criticality: HealthCheck.Criticality
        /// How well it is.
        public let status: HealthStatus
        /// What it found last.
        public let result: HealthResult?
        /// How old that is; `nil` before the first look.
        public let age: Duration?
        /// How long the look took.
        public let duration: Duration

        init(_ line: HealthLine, at: ContinuousClock.Instant) {
            name = line.name
            kind = line.kind
            criticality = line.criticality
            status = line.status(at: at)
            result = line.result
            age = line.checked.map { at - $0 }
            duration = line.duration
        }
    }

    /// The status code of an answer: 503 when unhealthy, 200 otherwise.
    public var httpStatus: Int { status == .unhealthy ? 503 : 200 }
}

/// A check as a snapshot holds it: what it found and until when that counts.
struct HealthLine: Sendable {
    let name: String
    let kind: HealthCheck.Kind
    let criticality: HealthCheck.Criticality
    let tags: Set<String>
    let recorded: HealthStatus
    let result: HealthResult?
    let checked: ContinuousClock.Instant?
    let expires: ContinuousClock.Instant?
    let duration: Duration

    init(_ entry: HealthEntry) {
        name = entry.check.name
        kind = entry.check.kind
        criticality = entry.check.criticality
        tags = entry.check.tags
        recorded = entry.state.status
        result = entry.state.last
        checked = entry.state.checked
        expires = entry.state.checked.map { $0 + entry.check.maxAge }
        duration = entry.state.duration
    }

    /// What counts at a time: nothing that is too old.
    func status(at now: ContinuousClock.Instant) -> HealthStatus {
        guard let expires, now <= expires else { return .unknown }
        return recorded
    }

    /// What this means for the whole.
    func share(at now: ContinuousClock.Instant) -> HealthStatus {
        switch (criticality, status(at: now)) {
        case (.informational, _), (_, .healthy): .healthy
        case (.critical, .unhealthy): .unhealthy
        case (.critical, .unknown): kind == .live ? .degraded : .unhealthy
        default: .degraded
        }
    }
}

/// All checks, made anew whenever one of them changes, so that reading costs the same for one check and for a hundred.
struct HealthSnapshot: Sendable {
    var lines: [HealthLine] = []
    /// The worst of all, of the ready ones and of the live ones, while nothing has expired.
    private var all = HealthStatus.healthy
    private var ready = HealthStatus.healthy
    private var live = HealthStatus.healthy
    private var freshUntil: ContinuousClock.Instant?

    init() {}

    init(_ entries: some Sequence<HealthEntry>, at now: ContinuousClock.Instant) {
        for entry in entries {
            let line = HealthLine(entry)
            let share = line.share(at: now)
            all = max(all, share)
            if line.kind == .ready { ready = max(ready, share) }
            if line.kind == .live { live = max(live, share) }
            // What has expired stays so until it is looked at again, which makes a new snapshot.
            if let expires = line.expires, expires >= now { freshUntil = min(freshUntil ?? expires, expires) }
            lines.append(line)
        }
    }

    /// The worst of all checks, or of those of one kind.
    func status(of kind: HealthCheck.Kind?, at now: ContinuousClock.Instant) -> HealthStatus {
        if freshUntil.map({ now <= $0 }) ?? true {
            switch kind {
            case nil: return all
            case .ready: return ready
            case .live: return live
            case .startup: break
            }
        }
        return lines.reduce(.healthy) { worst, line in
            kind == nil || line.kind == kind ? max(worst, line.share(at: now)) : worst
        }
    }
}
