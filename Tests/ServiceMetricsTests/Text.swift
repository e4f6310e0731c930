import ServiceMetrics

extension MetricRegistry {
    /// The lines of a scrape.
    func lines(_ format: ExpositionFormat = .prometheusText) -> [String] {
        text(format).split(separator: "\n").map(String.init)
    }
}
