extension MetricRegistry {
    // MARK: Counters

    /// A counter without labels.
    /// - Throws: ``MetricError``, as all that register do: a name or label the formats do not allow, or one that is taken.
    public func counter(_ name: String, help: String, unit: String? = nil) throws(MetricError) -> Counter {
        try counterFamily(name, help, unit: unit, []).child([])
    }

    /// Counters told apart by labels.
    /// - Parameters:
    ///   - name: Ends with `_total`.
    ///   - unit: Of which the figures are, `seconds` for one; the name must end with it, before `_total`.
    ///   - limit: The most series; the registry's own limit by default.
    ///   - idle: Series nobody used for so long, and nobody holds, go away. Lookups take a lock then.
    public func counter(
        _ name: String, help: String, labels: String..., unit: String? = nil, limit: Int? = nil, idle: Duration? = nil
    ) throws(MetricError) -> CounterFamily {
        try counterFamily(name, help, unit: unit, labels, limit: limit, idle: idle)
    }

    /// A counter that is read when it is scraped; `nil`, NaN or a negative figure leaves it out.
    public func counter(_ name: String, help: String, read: @escaping @Sendable () -> Double?) throws(MetricError) {
        _ = try register(MetricDefinition(name: name, help: help, kind: .counter), .read(read))
    }

    /// Counters that are read when they are scraped. Of two series with the same values the first is written.
    public func counter(
        _ name: String, help: String, labels: [String],
        read: @escaping @Sendable () -> [(values: [String], value: Double)]
    ) throws(MetricError) {
        _ = try register(MetricDefinition(name: name, help: help, kind: .counter, labels: labels), .readSeries(read))
    }

    // MARK: Gauges

    /// A gauge without labels.
    public func gauge(_ name: String, help: String, unit: String? = nil) throws(MetricError) -> Gauge {
        try gaugeFamily(name, help, unit: unit, []).child([])
    }

    /// Gauges told apart by labels.
    public func gauge(
        _ name: String, help: String, labels: String..., unit: String? = nil, limit: Int? = nil, idle: Duration? = nil
    ) throws(MetricError) -> GaugeFamily {
        try gaugeFamily(name, help, unit: unit, labels, limit: limit, idle: idle)
    }

    /// A gauge that is read when it is scraped; `nil` leaves it out.
    public func gauge(_ name: String, help: String, read: @escaping @Sendable () -> Double?) throws(MetricError) {
        _ = try register(MetricDefinition(name: name, help: help, kind: .gauge), .read(read))
    }

    /// Gauges that are read when they are scraped. Of two series with the same values the first is written.
    public func gauge(
        _ name: String, help: String, labels: [String],
        read: @escaping @Sendable () -> [(values: [String], value: Double)]
    ) throws(MetricError) {
        _ = try register(MetricDefinition(name: name, help: help, kind: .gauge, labels: labels), .readSeries(read))
    }

    // MARK: Histograms

    /// A histogram without labels.
    public func histogram(
        _ name: String, help: String, buckets: Buckets = .latency, unit: String? = nil
    ) throws(MetricError) -> Histogram {
        try histogramFamily(name, help, unit: unit, [], buckets).child([])
    }

    /// Histograms told apart by labels.
    /// - Parameter buckets: Rising upper bounds, at most 500.
    public func histogram(
        _ name: String, help: String, labels: String..., buckets: Buckets = .latency, unit: String? = nil,
        limit: Int? = nil, idle: Duration? = nil
    ) throws(MetricError) -> HistogramFamily {
        try histogramFamily(name, help, unit: unit, labels, buckets, limit: limit, idle: idle)
    }

    /// Histograms that are kept elsewhere and read when they are scraped. Of two series with the same values the first is
    /// written; one with other buckets than these is left out.
    /// - Parameter buckets: Rising upper bounds, at most 500.
    public func histogram(
        _ name: String, help: String, labels: [String], buckets: Buckets, unit: String? = nil,
        read: @escaping @Sendable () -> [(values: [String], value: HistogramSnapshot)]
    ) throws(MetricError) {
        if let fault = buckets.fault { throw MetricError(.invalidBuckets, "\(name): \(fault)") }
        let table = BoundsTable(buckets)
        let definition = MetricDefinition(
            name: name, help: help, kind: .histogram, unit: unit, labels: labels, bounds: table.values)
        _ = try register(definition, .readHistograms(table, read))
    }

    // MARK: Info and states

    /// What does not change: a version, a commit. Written as labels beside the figure 1.
    /// - Parameter name: Ends with `_info`.
    public func info(_ name: String, help: String, _ facts: KeyValuePairs<String, String>) throws(MetricError) {
        let definition = MetricDefinition(name: name, help: help, kind: .info, labels: facts.map(\.key))
        let values = facts.map(\.value)
        _ = try register(definition, .readSeries { [(values: values, value: 1)] })
    }

    /// Which of a few states something is in: each is a series, 1 or 0.
    /// - Parameter states: 1…64 different ones.
    public func stateSet(_ name: String, help: String, states: [String]) throws(MetricError) -> StateSet {
        guard (1...64).contains(states.count), Set(states).count == states.count else {
            throw MetricError(.invalidStates, "\(name): a state set has 1…64 different states")
        }
        guard MetricName.isLabel(name) else {
            throw MetricError(.invalidName, "\(name): the name of a state set is a label too, so without a colon")
        }
        let set = StateSet(states)
        let definition = MetricDefinition(name: name, help: help, kind: .stateSet, labels: [name])
        _ = try register(definition, .readSeries { set.series })
        return set
    }

    // MARK: Families of any labels

    /// Counters told apart by labels given as an array.
    public func counterFamily(
        _ name: String, _ help: String, unit: String? = nil, _ labels: [String], limit: Int? = nil,
        idle: Duration? = nil
    ) throws(MetricError) -> CounterFamily {
        let definition = MetricDefinition(name: name, help: help, kind: .counter, unit: unit, labels: labels)
        return MetricFamily(try family(definition, limit, idle) { Counter($0) })
    }

    /// Gauges told apart by labels given as an array.
    public func gaugeFamily(
        _ name: String, _ help: String, unit: String? = nil, _ labels: [String], limit: Int? = nil,
        idle: Duration? = nil
    ) throws(MetricError) -> GaugeFamily {
        let definition = MetricDefinition(name: name, help: help, kind: .gauge, unit: unit, labels: labels)
        let watched = idle != nil
        return MetricFamily(try family(definition, limit, idle) { Gauge($0, watched: watched) })
    }

    /// Histograms told apart by labels given as an array.
    public func histogramFamily(
        _ name: String, _ help: String, unit: String? = nil, _ labels: [String], _ buckets: Buckets,
        limit: Int? = nil, idle: Duration? = nil
    ) throws(MetricError) -> HistogramFamily {
        if let fault = buckets.fault { throw MetricError(.invalidBuckets, "\(name): \(fault)") }
        let table = BoundsTable(buckets)
        let definition = MetricDefinition(
            name: name, help: help, kind: .histogram, unit: unit, labels: labels, bounds: table.values)
        return MetricFamily(try family(definition, limit, idle) { Histogram($0, table: table) })
    }

    private func family(
        _ definition: MetricDefinition, _ limit: Int?, _ idle: Duration?,
        make: @escaping @Sendable (SeriesIdentity) -> MetricSeries
    ) throws(MetricError) -> FamilyCore {
        let limits = FamilyLimits(
            series: max(1, limit ?? seriesLimit), idle: idle?.inSeconds, created: createdTimestamps)
        let made = FamilyCore(definition, limits: limits, constants: constantLabels, now: now, make: make)
        let found = try register(definition, .family(made))
        if case .family(let core) = found.source { return core }
        throw MetricError(.conflict, "\(definition.name) is registered already, and is read by a closure")
    }

    // MARK: Checking

    private func register(_ definition: MetricDefinition, _ source: Entry.Source) throws(MetricError) -> Entry {
        do {
            try check(definition)
            return try add(Entry(definition: definition, source: source))
        } catch {
            registrationErrors.count()
            throw error
        }
    }

    private func check(_ definition: MetricDefinition) throws(MetricError) {
        let name = definition.name
        guard MetricName.isMetric(name) else {
            throw MetricError(
                .invalidName,
                "“\(name)” is no name for a metric: letters, digits, _ and : only, no digit first, at most 200")
        }
        if name.hasPrefix("metrics_"), Self.ownNames.contains(name) {
            throw MetricError(.invalidName, "\(name) is a metric of the registry itself")
        }
        try checkSuffix(definition)
        var seen: Set<String> = []
        for label in constantLabels.map(\.name) + definition.labels {
            let isState = definition.kind == .stateSet && label == name
            guard MetricName.isLabel(label) || isState else {
                throw MetricError(
                    .invalidLabel,
                    "\(name): “\(label)” cannot be a label: letters, digits and _ only, no digit or __ first, "
                        + "not le or quantile")
            }
            guard seen.insert(label).inserted else {
                throw MetricError(.invalidLabel, "\(name): the label \(label) stands twice")
            }
        }
    }

    private func checkSuffix(_ definition: MetricDefinition) throws(MetricError) {
        let name = definition.name
        let own: String? =
            switch definition.kind {
            case .counter: "_total"
            case .info: "_info"
            default: nil
            }
        if let own, !name.hasSuffix(own) || name == own {
            throw MetricError(.invalidName, "\(name): the name of this kind of metric ends with \(own)")
        }
        let stem = own.map { String(name.dropLast($0.count)) } ?? name
        for reserved in ["_total", "_bucket", "_info"] where stem.hasSuffix(reserved) {
            throw MetricError(.invalidName, "\(name): \(reserved) means something else to a scraper")
        }
        if let unit = definition.unit, !MetricName.isLabel(unit) || !stem.hasSuffix("_\(unit)") {
            throw MetricError(.invalidName, "\(name): the name must end with its unit, _\(unit)\(own ?? "")")
        }
    }

    /// What the registry writes about itself.
    static let ownNames = [
        "metrics_series_dropped_total", "metrics_updates_rejected_total", "metrics_registration_errors_total",
    ]
}
