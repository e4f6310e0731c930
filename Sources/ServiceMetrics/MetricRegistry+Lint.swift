/// What could be better about a metric.
public struct LintFinding: Sendable, Hashable, CustomStringConvertible {
    /// The metric.
    public let metric: String
    /// What to change.
    public let advice: String

    /// One line.
    public var description: String { "\(metric): \(advice)" }
}

extension MetricRegistry {
    /// Looks for names, units and labels that Prometheus' customs advise against, and for families near their limit.
    ///
    /// None of it is an error. Call it in a test of your service.
    public func lint() -> [LintFinding] {
        var findings: [LintFinding] = []
        for entry in all {
            let definition = entry.definition
            for advice in Self.advice(definition) {
                findings.append(LintFinding(metric: definition.name, advice: advice))
            }
            if case .family(let core) = entry.source, core.count * 10 >= core.limit * 9, !definition.labels.isEmpty {
                findings.append(
                    LintFinding(
                        metric: definition.name,
                        advice: "\(core.count) of \(core.limit) series are in use: drop a label or raise the limit"))
            }
        }
        return findings
    }

    private static func advice(_ definition: MetricDefinition) -> [String] {
        var advice: [String] = []
        let name = definition.name
        let stem = definition.kind == .counter ? String(name.dropLast("_total".count)) : name
        if definition.help.isEmpty { advice.append("say in the help text what it counts") }
        if name.contains(where: \.isUppercase) { advice.append("write the name in lower case with underscores") }
        if name.contains(":") { advice.append("leave colons to recording rules") }
        let parts = stem.split(separator: "_").map(String.init)
        for part in parts {
            if let base = units[part], part != base { advice.append("use \(base) rather than \(part)") }
        }
        for kind in ["counter", "gauge", "histogram", "summary"] where parts.contains(kind) {
            advice.append("leave the kind, \(kind), out of the name")
        }
        if definition.kind != .histogram, ["_count", "_sum"].contains(where: name.hasSuffix) {
            advice.append("leave the endings _count and _sum to histograms")
        }
        for label in definition.labels where definition.kind != .stateSet {
            if parts.contains(label) { advice.append("leave the label \(label) out of the name") }
            if label.contains(where: \.isUppercase) { advice.append("write the label \(label) in lower case") }
            if ["id", "user", "user_id", "email", "path", "url", "ip", "trace_id", "request_id"].contains(label) {
                advice.append("the label \(label) takes too many values")
            }
        }
        if definition.kind == .histogram, definition.bounds.count < 2 { advice.append("give it more than one bucket") }
        return advice
    }

    private static let units: [String: String] = [
        "milliseconds": "seconds", "ms": "seconds", "microseconds": "seconds", "nanoseconds": "seconds",
        "minutes": "seconds", "hours": "seconds", "days": "seconds", "kilobytes": "bytes", "megabytes": "bytes",
        "kb": "bytes", "mb": "bytes", "bits": "bytes", "percent": "ratio", "percentage": "ratio",
        "fahrenheit": "celsius", "kilometers": "meters",
    ]
}
