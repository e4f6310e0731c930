/// What never changes about a metric.
struct MetricDefinition: Sendable {
    let name: String
    let help: String
    let kind: MetricKind
    var unit: String? = nil
    var labels: [String] = []
    /// Bounds of a histogram.
    var bounds: [Double] = []

    func isSame(as other: MetricDefinition) -> Bool {
        name == other.name && help == other.help && kind == other.kind && unit == other.unit && labels == other.labels
            && bounds == other.bounds
    }

    /// `# HELP`, `# TYPE` and, in OpenMetrics, `# UNIT`.
    func head(openMetrics: Bool) -> [UInt8] {
        let family = openMetrics ? MetricName.openMetrics(name, kind: kind) : name
        let type: MetricKind
        switch kind {
        case .info, .stateSet: type = openMetrics ? kind : .gauge
        default: type = kind
        }
        var bytes = Array("# HELP \(family) ".utf8)
        bytes += EscapedText.help(help, openMetrics: openMetrics)
        bytes += Array("\n# TYPE \(family) \(type.rawValue)\n".utf8)
        if openMetrics, let unit { bytes += Array("# UNIT \(family) \(unit)\n".utf8) }
        return bytes
    }
}
