/// Which names the formats allow, and which names belong to a metric.
enum MetricName {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`, at most 200 bytes.
    static func isMetric(_ name: String) -> Bool { name.utf8.count <= 200 && isName(name, colon: true) }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`, not one that the format keeps for itself.
    static func isLabel(_ name: String) -> Bool {
        isName(name, colon: false) && !name.hasPrefix("__") && name != "le" && name != "quantile"
    }

    /// All names that a metric takes, in either format: no two metrics may share one.
    static func taken(by name: String, kind: MetricKind) -> [String] {
        switch kind {
        case .counter:
            let family = String(name.dropLast("_total".count))
            return [name, family, family + "_created"]
        case .gauge, .stateSet: return [name]
        case .histogram: return [name] + ["_bucket", "_sum", "_count", "_created"].map { name + $0 }
        case .info: return [name, String(name.dropLast("_info".count))]
        }
    }

    /// What OpenMetrics calls the family.
    static func openMetrics(_ name: String, kind: MetricKind) -> String {
        switch kind {
        case .counter: String(name.dropLast("_total".count))
        case .info: String(name.dropLast("_info".count))
        default: name
        }
    }

    private static func isName(_ name: String, colon: Bool) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x5F: true
            case UInt8(ascii: ":"): colon
            default: false
            }
        }
    }
}

/// The kinds of metrics.
public enum MetricKind: String, Sendable, Hashable, CaseIterable {
    case counter, gauge, histogram, info
    case stateSet = "stateset"
}
