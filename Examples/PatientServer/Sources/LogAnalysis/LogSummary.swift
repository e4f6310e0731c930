/// What a log comes to: lines by level, requests by endpoint.
public struct LogSummary: Sendable {
    /// One endpoint's requests.
    public struct Endpoint: Sendable {
        /// How many.
        public var requests = 0
        /// How many of them were answered with 500 or above.
        public var failures = 0
        var durations: [Double] = []

        /// A percentile of the durations, in milliseconds; 0 when there are none.
        public func percentile(_ percent: Double) -> Double {
            guard !durations.isEmpty else { return 0 }
            let sorted = durations.sorted()
            return sorted[min(sorted.count - 1, Int(Double(sorted.count) * percent / 100))]
        }
    }

    /// Lines read.
    public private(set) var lines = 0
    /// Lines that are no JSON record.
    public private(set) var unreadable = 0
    /// Lines by level.
    public private(set) var levels: [String: Int] = [:]
    /// Requests by the route's template.
    public private(set) var endpoints: [String: Endpoint] = [:]

    /// Nothing yet.
    public init() {}

    /// Counts a line.
    public mutating func add(line: some Sequence<UInt8>) {
        lines += 1
        guard let record = LogRecord(line: line) else {
            unreadable += 1
            return
        }
        levels[record.level, default: 0] += 1
        guard let endpoint = record.endpoint, let status = record.status else { return }
        endpoints[endpoint, default: Endpoint()].requests += 1
        if status >= 500 { endpoints[endpoint]?.failures += 1 }
        if let duration = record.duration { endpoints[endpoint]?.durations.append(duration) }
    }
}
