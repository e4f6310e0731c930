#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The metrics of a process: registers them, and writes them out.
///
/// ```swift
/// let registry = MetricRegistry(constantLabels: ["service": "patients"])
/// let requests = try registry.counter("api_requests_total", help: "Requests.", labels: "method", "status")
/// requests.with("GET", "200").increment()
/// ```
public final class MetricRegistry: Sendable {
    /// A metric and where its figures come from.
    struct Entry: Sendable {
        let definition: MetricDefinition
        let source: Source
        /// `# HELP` and `# TYPE`, rendered once.
        let head: [UInt8]
        let openMetricsHead: [UInt8]

        init(definition: MetricDefinition, source: Source) {
            self.definition = definition
            self.source = source
            head = definition.head(openMetrics: false)
            openMetricsHead = definition.head(openMetrics: true)
        }

        enum Source: Sendable {
            case family(FamilyCore)
            case read(@Sendable () -> Double?)
            case readSeries(@Sendable () -> [(values: [String], value: Double)])
            case readHistograms(BoundsTable, @Sendable () -> [(values: [String], value: HistogramSnapshot)])
        }
    }

    private struct State {
        var byName: [String: Entry] = [:]
        var ordered: [Entry] = []
        /// Every name a metric takes in either format, and whose it is.
        var taken: [String: String] = [:]
        var merged: [MetricRegistry] = []
        /// What merging left out, said once.
        var leftOut: Set<String> = []
    }

    let constantLabels: [(name: String, value: String)]
    let seriesLimit: Int
    let createdTimestamps: Bool
    let now: @Sendable () -> Double
    let scrapes = ScrapeTurns()
    let registrationErrors = RejectedUpdates()
    private let state = MetricLock(State())

    /// A registry.
    /// - Parameters:
    ///   - constantLabels: Stand on every series.
    ///   - seriesLimit: The most series a family may have, unless it says otherwise; further ones share one.
    ///   - createdTimestamps: Whether OpenMetrics shows when each series began, as `_created`.
    ///   - now: Seconds since 1970.
    public init(
        constantLabels: KeyValuePairs<String, String> = [:], seriesLimit: Int = 10_000, createdTimestamps: Bool = false,
        now: @escaping @Sendable () -> Double = MetricRegistry.wallClock
    ) {
        self.constantLabels = constantLabels.map { (name: $0, value: $1) }
        self.seriesLimit = max(1, seriesLimit)
        self.createdTimestamps = createdTimestamps
        self.now = now
    }

    private init(like other: MetricRegistry) {
        constantLabels = other.constantLabels
        seriesLimit = other.seriesLimit
        createdTimestamps = other.createdTimestamps
        now = other.now
    }

    /// The system's clock: seconds since 1970.
    @Sendable
    public static func wallClock() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec / 1_000_000) / 1e3
    }

    /// Takes a metric off. Handles to it go on working; nobody will see their figures.
    /// - Returns: Whether it was there.
    @discardableResult
    public func unregister(_ name: String) -> Bool {
        state.withLock { state in
            guard state.byName.removeValue(forKey: name) != nil else { return false }
            state.ordered.removeAll { $0.definition.name == name }
            state.taken = state.taken.filter { $0.value != name }
            return true
        }
    }

    /// Writes another registry's metrics with this one's. Where both have a metric of one name and kind, its series
    /// stand together; one that does not fit, or a series that is there already, is left out and shows in
    /// `metrics_registration_errors_total`.
    public func merge(_ other: MetricRegistry) {
        guard other !== self else { return }
        state.withLock { state in
            if !state.merged.contains(where: { $0 === other }) { state.merged.append(other) }
        }
    }

    /// An empty registry with this one's constant labels, limits and clock; for ``merge(_:)``.
    public func sibling() -> MetricRegistry { MetricRegistry(like: self) }

    /// Counts a metric that an adapter could not register, in `metrics_registration_errors_total`.
    public func countRegistrationError() { registrationErrors.count() }

    // MARK: For registering and writing

    /// Counts what merging left out, each name once.
    func countLeftOut(_ name: String) {
        if state.withLock({ $0.leftOut.insert(name).inserted }) { registrationErrors.count() }
    }

    var all: [Entry] { state.withLock { $0.ordered } }

    var merged: [MetricRegistry] { state.withLock { $0.merged } }

    /// The metric of a name.
    func entry(_ name: String) -> Entry? { state.withLock { $0.byName[name] } }

    /// Adds a checked metric, or returns the one that is there already when it is the same.
    func add(_ entry: Entry) throws(MetricError) -> Entry {
        let definition = entry.definition
        let taken = MetricName.taken(by: definition.name, kind: definition.kind)
        let outcome: Result<Entry, MetricError> = state.withLock { state in
            if let existing = state.byName[definition.name] {
                guard existing.definition.isSame(as: definition) else {
                    return .failure(conflict(definition, existing.definition))
                }
                // What is read by a closure has one owner.
                if case .family = existing.source, case .family = entry.source { return .success(existing) }
                return .failure(
                    MetricError(.conflict, "\(definition.name) is registered already, and is read by a closure"))
            }
            for name in taken {
                if let owner = state.taken[name] {
                    return .failure(
                        MetricError(
                            .conflict, "\(definition.name) would write “\(name)”, which belongs to \(owner) already"))
                }
            }
            state.byName[definition.name] = entry
            state.ordered.append(entry)
            for name in taken { state.taken[name] = definition.name }
            return .success(entry)
        }
        return try outcome.get()
    }

    private func conflict(_ new: MetricDefinition, _ old: MetricDefinition) -> MetricError {
        let difference =
            if new.kind != old.kind {
                "as a \(old.kind.rawValue), not a \(new.kind.rawValue)"
            } else if new.labels != old.labels {
                "with the labels \(old.labels), not \(new.labels)"
            } else if new.help != old.help {
                "with another help text"
            } else if new.bounds != old.bounds {
                "with other buckets"
            } else {
                "with another unit"
            }
        return MetricError(.conflict, "\(new.name) is registered already, \(difference)")
    }
}
