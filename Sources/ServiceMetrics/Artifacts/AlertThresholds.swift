/// When to raise the alarm, as `config/monitoring.yml` says it.
///
/// ```yaml
/// alerts:
///   high_response_time: {threshold: 1000ms, duration: 5m}
/// ```
public struct AlertThresholds: Sendable, Hashable {
    /// A figure and how long it must be exceeded.
    public struct Threshold: Sendable, Hashable {
        /// Seconds, a share of 1, or a number a second.
        public var value: Double
        /// How long, as Prometheus writes it: `5m`.
        public var duration: String

        /// A threshold.
        public init(_ value: Double, for duration: String) {
            self.value = value
            self.duration = duration
        }
    }

    /// The 95th percentile of an endpoint, seconds.
    public var highResponseTime = Threshold(1, for: "5m")
    /// Connections in use, a share of the most there can be.
    public var connectionPoolExhausted = Threshold(0.9, for: "2m")
    /// Callers that a pool refuses because more come than it serves, a second.
    public var connectionPoolOverloaded = Threshold(1, for: "2m")
    /// Memory in use, a share of the limit.
    public var memoryUsageHigh = Threshold(0.8, for: "10m")
    /// The share of requests that must succeed.
    public var availability = 0.999

    /// The defaults: 1 s for 5 minutes, 90 % for 2, 1 refusal a second for 2, 80 % for 10.
    public init() {}

    /// Reads the `alerts` of a `monitoring.yml`; what is not there keeps its default.
    ///
    /// The file is a tree of `key: value` lines told by their indentation; of YAML nothing more is read.
    /// - Throws: ``MetricError`` for an alert that is not known, or a figure that is none.
    public init(monitoring text: String) throws(MetricError) {
        var path: [(indent: Int, key: String)] = []
        for raw in text.split(whereSeparator: \.isNewline) {
            let line = raw.prefix { $0 != "#" }
            let indent = line.prefix { $0 == " " }.count
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].drop { $0 == " " }
            let value = line[line.index(after: colon)...].filter { $0 != " " && $0 != "\"" && $0 != "'" }
            while let last = path.last, last.indent >= indent { path.removeLast() }
            path.append((indent, String(key)))
            guard path.count == 3, path[0].key == "alerts", !value.isEmpty else { continue }
            try set(path[1].key, path[2].key, value)
        }
    }

    private mutating func set(_ alert: String, _ key: String, _ value: String) throws(MetricError) {
        let place: WritableKeyPath<AlertThresholds, Threshold>
        switch alert {
        case "high_response_time": place = \.highResponseTime
        case "connection_pool_exhausted": place = \.connectionPoolExhausted
        case "connection_pool_overloaded": place = \.connectionPoolOverloaded
        case "memory_usage_high": place = \.memoryUsageHigh
        default: throw MetricError(.invalidAlert, "“\(alert)” is no alert")
        }
        switch key {
        case "threshold":
            guard let figure = Self.figure(value) else {
                throw MetricError(
                    .invalidAlert, "\(alert): a threshold is written like 1000ms, 2s or 90%, not “\(value)”")
            }
            self[keyPath: place].value = figure
        case "duration":
            guard let unit = value.last, "smhd".contains(unit), UInt(value.dropLast()) ?? 0 > 0 else {
                throw MetricError(.invalidAlert, "\(alert): a duration is written like 30s or 5m, not “\(value)”")
            }
            self[keyPath: place].duration = value
        default: throw MetricError(.invalidAlert, "\(alert): “\(key)” is neither threshold nor duration")
        }
    }

    private static func figure(_ text: String) -> Double? {
        for (suffix, size) in [("ms", 0.001), ("%", 0.01), ("s", 1), ("", 1)] where text.hasSuffix(suffix) {
            guard let number = Double(text.dropLast(suffix.count)), number > 0, number.isFinite else { return nil }
            return suffix == "ms" ? number / 1000 : suffix == "%" ? number / 100 : number * size
        }
        return nil
    }
}
