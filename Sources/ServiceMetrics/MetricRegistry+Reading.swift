extension MetricRegistry {
    /// The figure of a metric without labels, as a scrape would show it; `nil` where there is none. For alerts and pages.
    public func value(of name: String) -> Double? { figures(of: name)?.first { $0.values.isEmpty }?.value }

    /// The sum over the series of a counter or gauge, those alone whose labels have the values given; `nil` where there
    /// is no such metric. Registries merged into this one count too, as they do in a scrape.
    public func total(of name: String, where wanted: [String: String] = [:]) -> Double? {
        figures(of: name)?.reduce(0) { sum, series in
            wanted.allSatisfy { series.value(of: $0) == $1 } ? sum + series.value : sum
        }
    }

    /// The sums of a counter or gauge by the value of one of its labels; empty where there is no such metric or label.
    public func totals(of name: String, by label: String) -> [String: Double] {
        (figures(of: name) ?? []).reduce(into: [:]) { totals, series in
            if let value = series.value(of: label) { totals[value, default: 0] += series.value }
        }
    }

    /// The observations of a histogram by bucket, all its series together; `nil` where there is no such histogram.
    ///
    /// The difference of two such readings, given to ``Buckets/quantile(_:counts:)``, is a quantile of what came between.
    public func observations(of name: String) -> (buckets: Buckets, counts: [UInt64])? {
        let all = histograms(of: name)
        guard let first = all.first?.value else { return nil }
        return (first.buckets, all.reduce(into: first.buckets.noCounts) { $0.add($1.value.counts) })
    }

    /// The observations of a histogram by the value of one of its labels, series that differ in others together; `nil`
    /// where there is no such histogram or label.
    public func observations(of name: String, by label: String) -> (buckets: Buckets, counts: [String: [UInt64]])? {
        let all = histograms(of: name)
        guard let buckets = all.first?.value.buckets else { return nil }
        let counts = all.reduce(into: [String: [UInt64]]()) { counts, series in
            guard let value = series.value(of: label) else { return }
            counts[value, default: buckets.noCounts].add(series.value.counts)
        }
        return counts.isEmpty ? nil : (buckets, counts)
    }

    /// What is registered here, in order.
    public var metrics: [MetricDescription] {
        all.map {
            MetricDescription(
                name: $0.definition.name, help: $0.definition.help, kind: $0.definition.kind, unit: $0.definition.unit,
                labels: constantLabels.map(\.name) + $0.definition.labels, bounds: $0.definition.bounds)
        }
    }

    // MARK: Series of a name

    /// The entries of a name, as a scrape joins them: the registry's own first, others where they are of its kind.
    private func entries(_ name: String) -> [Entry] {
        let all = ([self] + merged).compactMap { $0.entry(name) }
        return all.filter { $0.definition.kind == all[0].definition.kind }
    }

    /// The series of a counter, a gauge or what is read; `nil` where there is no such metric.
    private func figures(of name: String) -> [ReadSeries<Double>]? {
        let entries = entries(name)
        guard let first = entries.first, first.definition.kind != .histogram else { return nil }
        return entries.flatMap { entry -> [ReadSeries<Double>] in
            let labels = entry.definition.labels
            switch entry.source {
            case .family(let core):
                return core.all.compactMap { series in
                    let value: Double
                    switch series {
                    case let counter as Counter: value = counter.value
                    case let gauge as Gauge: value = gauge.value
                    default: return nil
                    }
                    return ReadSeries(labels: labels, values: series.labelValues, value: value)
                }
            case .read(let read): return read().map { [ReadSeries(labels: [], values: [], value: $0)] } ?? []
            case .readSeries(let read):
                return read().map { ReadSeries(labels: labels, values: $0.values, value: $0.value) }
            case .readHistograms: return []
            }
        }
    }

    private func histograms(of name: String) -> [ReadSeries<HistogramSnapshot>] {
        entries(name).flatMap { entry -> [ReadSeries<HistogramSnapshot>] in
            let labels = entry.definition.labels
            switch entry.source {
            case .family(let core):
                return core.all.compactMap { series in
                    (series as? Histogram).map {
                        ReadSeries(labels: labels, values: series.labelValues, value: $0.snapshot)
                    }
                }
            case .readHistograms(_, let read):
                return read().map { ReadSeries(labels: labels, values: $0.values, value: $0.value) }
            case .read, .readSeries: return []
            }
        }
    }
}

/// One series and what it shows.
private struct ReadSeries<Value> {
    let labels: [String]
    let values: [String]
    let value: Value

    func value(of label: String) -> String? {
        labels.firstIndex(of: label).flatMap { $0 < values.count ? values[$0] : nil }
    }
}

extension Buckets {
    fileprivate var noCounts: [UInt64] { Array(repeating: 0, count: bounds.count + 1) }
}

/// A metric as it was registered.
public struct MetricDescription: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The help text.
    public let help: String
    /// The kind.
    public let kind: MetricKind
    /// The unit, where one was given.
    public let unit: String?
    /// The names of the labels, the registry's own first.
    public let labels: [String]
    /// A histogram's upper bounds.
    public let bounds: [Double]
}

extension [UInt64] {
    fileprivate mutating func add(_ other: [UInt64]) {
        for index in indices where index < other.count { self[index] &+= other[index] }
    }
}
