import ServiceMetrics

extension MetricRegistry {
    /// What a scrape reads.
    func text(_ format: ExpositionFormat = .prometheusText) -> String {
        var buffer: [UInt8] = []
        write(format, into: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    /// The lines of a scrape.
    func lines(_ format: ExpositionFormat = .prometheusText) -> [String] {
        text(format).split(separator: "\n").map(String.init)
    }
}
