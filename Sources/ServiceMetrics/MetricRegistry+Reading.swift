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
