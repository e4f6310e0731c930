/// The metrics of a process: registers them, and writes them out.
///
/// ```swift
/// let registry = MetricRegistry(constantLabels: ["service": "patients"])
/// let requests = try registry.counter("api_requests_total", help: "Requests.", labels: "method", "status")
/// requests.with("GET", "200").increment()
/// ```
public final class MetricRegistry: Sendable {
    struct Definition: Sendable {
        let name: String
        let help: String
        let kind: Kind
        let labels: [String]
        let source: Source

        enum Kind: String, Sendable { case counter, gauge, histogram }
        enum Source: Sendable {
            case counters(CounterFamily)
            case gauges(GaugeFamily)
            case histograms(HistogramFamily)
            case read(@Sendable () -> Double?)
            case readSeries(@Sendable () -> [(values: [String], value: Double)])
        }
    }

    let constantLabels: [(name: String, value: String)]
    private let seriesLimit: Int
    private let definitions = MetricLock<(byName: [String: Definition], order: [String])>((byName: [:], order: []))

    /// A registry.
    /// - Parameters:
    ///   - constantLabels: Stand on every series.
    ///   - seriesLimit: The most series a family may have; further ones share one.
    public init(constantLabels: KeyValuePairs<String, String> = [:], seriesLimit: Int = 10_000) {
        self.constantLabels = constantLabels.map { (name: $0, value: $1) }
        self.seriesLimit = seriesLimit
    }

    /// A counter without labels.
    public func counter(_ name: String, help: String) throws(MetricError) -> Counter {
        try counterFamily(name, help: help, labels: []).child([])
    }

    /// Counters told apart by labels.
    public func counter(_ name: String, help: String, labels: String...) throws(MetricError) -> CounterFamily {
        try counterFamily(name, help: help, labels: labels)
    }

    /// A gauge without labels.
    public func gauge(_ name: String, help: String) throws(MetricError) -> Gauge {
        try gaugeFamily(name, help: help, labels: []).child([])
    }

    /// Gauges told apart by labels.
    public func gauge(_ name: String, help: String, labels: String...) throws(MetricError) -> GaugeFamily {
        try gaugeFamily(name, help: help, labels: labels)
    }

    /// A gauge that is read when it is scraped; `nil` leaves it out.
    public func gauge(_ name: String, help: String, read: @escaping @Sendable () -> Double?) throws(MetricError) {
        try add(Definition(name: name, help: help, kind: .gauge, labels: [], source: .read(read)))
    }

    /// Gauges that are read when they are scraped.
    public func gauge(
        _ name: String, help: String, labels: [String],
        read: @escaping @Sendable () -> [(values: [String], value: Double)]
    ) throws(MetricError) {
        try add(Definition(name: name, help: help, kind: .gauge, labels: labels, source: .readSeries(read)))
    }

    /// A counter that is read when it is scraped.
    public func counter(_ name: String, help: String, read: @escaping @Sendable () -> Double?) throws(MetricError) {
        try add(Definition(name: name, help: help, kind: .counter, labels: [], source: .read(read)))
    }

    /// A histogram without labels.
    public func histogram(_ name: String, help: String, buckets: Buckets = .latency) throws(MetricError) -> Histogram {
        try histogramFamily(name, help: help, labels: [], buckets: buckets).child([])
    }

    /// Histograms told apart by labels.
    public func histogram(
        _ name: String, help: String, labels: String..., buckets: Buckets = .latency
    ) throws(MetricError) -> HistogramFamily {
        try histogramFamily(name, help: help, labels: labels, buckets: buckets)
    }

    // MARK: Registering

    private func counterFamily(_ name: String, help: String, labels: [String]) throws(MetricError) -> CounterFamily {
        let family = CounterFamily(labels: labels, limit: seriesLimit) { Counter() }
        let found = try add(
            Definition(name: name, help: help, kind: .counter, labels: labels, source: .counters(family)))
        if case .counters(let existing) = found.source { return existing }
        throw conflict(name)
    }

    private func gaugeFamily(_ name: String, help: String, labels: [String]) throws(MetricError) -> GaugeFamily {
        let family = GaugeFamily(labels: labels, limit: seriesLimit) { Gauge() }
        let found = try add(Definition(name: name, help: help, kind: .gauge, labels: labels, source: .gauges(family)))
        if case .gauges(let existing) = found.source { return existing }
        throw conflict(name)
    }

    private func histogramFamily(
        _ name: String, help: String, labels: [String], buckets: Buckets
    ) throws(MetricError) -> HistogramFamily {
        let bounds = buckets.bounds
        guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }), bounds.allSatisfy(\.isFinite) else {
            throw MetricError(.invalidBuckets, "\(name): the bounds of buckets must be finite and rising")
        }
        let family = HistogramFamily(labels: labels, limit: seriesLimit) { Histogram(buckets) }
        let found = try add(
            Definition(name: name, help: help, kind: .histogram, labels: labels, source: .histograms(family)))
        if case .histograms(let existing) = found.source { return existing }
        throw conflict(name)
    }

    private func conflict(_ name: String) -> MetricError {
        MetricError(.conflict, "\(name) is registered already, as something else")
    }

    /// Adds a definition, or returns the one that is there already when it is the same.
    @discardableResult
    private func add(_ definition: Definition) throws(MetricError) -> Definition {
        let name = definition.name
        guard isValid(name, colon: true) else {
            throw MetricError(.invalidName, "“\(name)” is no name: letters, digits, _ and : only, no digit first")
        }
        if definition.kind == .counter, !name.hasSuffix("_total") {
            throw MetricError(.invalidName, "\(name): the name of a counter ends with _total")
        }
        for label in definition.labels + constantLabels.map(\.name) {
            guard isValid(label, colon: false), !label.hasPrefix("__"), label != "le", label != "quantile" else {
                throw MetricError(.invalidLabel, "\(name): “\(label)” cannot be a label")
            }
        }
        guard Set(definition.labels).count == definition.labels.count else {
            throw MetricError(.invalidLabel, "\(name): a label stands twice")
        }
        let existing: Definition? = definitions.withLock { state in
            if let existing = state.byName[name] { return existing }
            state.byName[name] = definition
            state.order.append(name)
            return nil
        }
        guard let existing else { return definition }
        guard existing.kind == definition.kind, existing.labels == definition.labels else { throw conflict(name) }
        return existing
    }

    var all: [Definition] { definitions.withLock { state in state.order.compactMap { state.byName[$0] } } }
}

private func isValid(_ name: String, colon: Bool) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"): colon
        default: false
        }
    }
}
