extension MetricRegistry {
    /// The figure of a metric without labels, as a scrape would show it; `nil` where there is none. For alerts and pages.
    public func value(of name: String) -> Double? {
        guard let entry = entry(name) else { return nil }
        switch entry.source {
        case .family(let core):
            return switch core.all.first {
            case let counter as Counter: counter.value
            case let gauge as Gauge: gauge.value
            default: nil
            }
        case .read(let read): return read()
        case .readSeries: return nil
        }
    }

    /// The sum over the series of a counter or gauge, those alone whose labels have the values given; `nil` where there
    /// is no such metric.
    public func total(of name: String, where wanted: [String: String] = [:]) -> Double? {
        guard let entry = entry(name) else { return nil }
        let labels = entry.definition.labels
        func counts(_ values: [String]) -> Bool {
            wanted.allSatisfy { label, value in
                labels.firstIndex(of: label).map { $0 < values.count && values[$0] == value } ?? false
            }
        }
        switch entry.source {
        case .family(let core):
            guard entry.definition.kind != .histogram else { return nil }
            return core.all.reduce(0) { sum, series in
                guard counts(series.labelValues) else { return sum }
                return switch series {
                case let counter as Counter: sum + counter.value
                case let gauge as Gauge: sum + gauge.value
                default: sum
                }
            }
        case .read(let read): return wanted.isEmpty ? read() : nil
        case .readSeries(let read): return read().reduce(0) { counts($1.values) ? $0 + $1.value : $0 }
        }
    }

    /// The observations of a histogram by bucket, all its series together; `nil` where there is no such histogram.
    ///
    /// The difference of two such readings, given to ``Buckets/quantile(_:counts:)``, is a quantile of what came between.
    public func observations(of name: String) -> (buckets: Buckets, counts: [UInt64])? {
        guard let entry = entry(name), case .family(let core) = entry.source else { return nil }
        var merged: (buckets: Buckets, counts: [UInt64])?
        for case let histogram as Histogram in core.all {
            let counts = histogram.counts
            guard let so = merged else {
                merged = (histogram.buckets, counts)
                continue
            }
            merged = (so.buckets, zip(so.counts, counts).map { $0 &+ $1 })
        }
        return merged
    }

    /// The observations of a histogram by the value of one of its labels, series that differ in others together; `nil`
    /// where there is no such histogram or label.
    public func observations(of name: String, by label: String) -> (buckets: Buckets, counts: [String: [UInt64]])? {
        guard let entry = entry(name), case .family(let core) = entry.source,
            let place = entry.definition.labels.firstIndex(of: label)
        else { return nil }
        var buckets: Buckets?
        var counts: [String: [UInt64]] = [:]
        for case let histogram as Histogram in core.all where place < histogram.labelValues.count {
            let own = histogram.counts
            buckets = histogram.buckets
            counts[histogram.labelValues[place], default: Array(repeating: 0, count: own.count)].add(own)
        }
        return buckets.map { ($0, counts) }
    }

    /// The sums of a counter or gauge by the value of one of its labels; empty where there is no such metric or label.
    public func totals(of name: String, by label: String) -> [String: Double] {
        guard let entry = entry(name), let place = entry.definition.labels.firstIndex(of: label) else { return [:] }
        var totals: [String: Double] = [:]
        switch entry.source {
        case .family(let core):
            for series in core.all where place < series.labelValues.count {
                switch series {
                case let counter as Counter: totals[counter.labelValues[place], default: 0] += counter.value
                case let gauge as Gauge: totals[gauge.labelValues[place], default: 0] += gauge.value
                default: break
                }
            }
        case .readSeries(let read):
            for (values, value) in read() where place < values.count { totals[values[place], default: 0] += value }
        case .read: break
        }
        return totals
    }

    /// What is registered here, in order.
    public var metrics: [MetricDescription] {
        all.map {
            MetricDescription(
                name: $0.definition.name, help: $0.definition.help, kind: $0.definition.kind, unit: $0.definition.unit,
                labels: constantLabels.map(\.name) + $0.definition.labels, bounds: $0.definition.bounds)
        }
    }
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
