extension MetricRegistry {
    /// The figure of a metric without labels, as a scrape would show it; `nil` where there is none. For alerts and pages.
    public func value(of name: String) -> Double? {
        guard let definition = all.first(where: { $0.name == name }) else { return nil }
        switch definition.source {
        case .counters(let family): return family.series.first?.1.value
        case .gauges(let family): return family.series.first?.1.value
        case .read(let read): return read()
        default: return nil
        }
    }
}
