extension MetricRegistry {
    /// The figure of a metric without labels, as a scrape would show it; `nil` where there is none. For alerts and pages.
    public func value(of name: String) -> Double? {
        guard let definition = definition(of: name) else { return nil }
        switch definition.source {
        case .counters(let family): return family.series.first?.1.value
        case .gauges(let family): return family.series.first?.1.value
        case .read(let read): return read()
        default: return nil
        }
    }

    /// The sum over the series of a counter or gauge, those alone whose labels have the values given; `nil` where there
    /// is no such metric.
    public func total(of name: String, where wanted: [String: String] = [:]) -> Double? {
        guard let definition = definition(of: name) else { return nil }
        func counts(_ values: [String]) -> Bool {
            wanted.allSatisfy { label, value in
                definition.labels.firstIndex(of: label).map { $0 < values.count && values[$0] == value } ?? false
            }
        }
        switch definition.source {
        case .counters(let family): return family.series.reduce(0) { counts($1.0) ? $0 + $1.1.value : $0 }
        case .gauges(let family): return family.series.reduce(0) { counts($1.0) ? $0 + $1.1.value : $0 }
        case .read(let read): return wanted.isEmpty ? read() : nil
        case .readSeries(let read): return read().reduce(0) { counts($1.values) ? $0 + $1.value : $0 }
        case .histograms: return nil
        }
    }

    /// The observations of a histogram by bucket, all its series together; `nil` where there is no such histogram.
    ///
    /// The difference of two such readings, given to ``Buckets/quantile(_:counts:)``, is a quantile of what came between.
    public func observations(of name: String) -> (buckets: Buckets, counts: [UInt64])? {
        guard let definition = definition(of: name), case .histograms(let family) = definition.source else { return nil }
        var merged: (buckets: Buckets, counts: [UInt64])?
        for (_, histogram) in family.series {
            let counts = histogram.counts
            guard let so = merged else {
                merged = (histogram.buckets, counts)
                continue
            }
            merged = (so.buckets, zip(so.counts, counts).map { $0 &+ $1 })
        }
        return merged
    }

    private func definition(of name: String) -> Definition? { all.first { $0.name == name } }
}
