/// How often something took how long.
public struct DurationHistogram: Sendable, Hashable {
    /// The upper bounds of the buckets in seconds; one more bucket takes what is longer.
    public static let bounds: [Double] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// How many fell into each bucket, and not into one before it. As many as ``bounds``, and one.
    public internal(set) var counts = Array(repeating: UInt64(0), count: Self.bucketCount)
    /// All of them together, in nanoseconds.
    var nanoseconds: UInt64 = 0

    static let bucketCount = 14
    private static let limits: [UInt64] = bounds.map { UInt64($0 * 1e9) }

    /// Nothing recorded.
    public init() {}

    /// How many were recorded.
    public var count: UInt64 { counts.reduce(0, &+) }

    /// All of them together.
    public var sum: Duration { Duration(nanosecondCount: nanoseconds) }

    /// The mean; zero when nothing was recorded.
    public var mean: Duration { count == 0 ? .zero : Duration(nanosecondCount: nanoseconds / count) }

    /// An upper bound of a quantile: the bound of the bucket that contains it, in seconds; infinite in the last one.
    /// `nil` when nothing was recorded.
    public func quantile(_ share: Double) -> Double? {
        let total = count
        guard total > 0 else { return nil }
        let rank = max(1, (Double(total) * min(max(share, 0), 1)).rounded(.up))
        var below: UInt64 = 0
        for (bucket, count) in counts.enumerated() {
            below += count
            if Double(below) >= rank { return bucket < Self.bounds.count ? Self.bounds[bucket] : .infinity }
        }
        return .infinity
    }

    /// The bucket of a duration.
    static func bucket(_ nanoseconds: UInt64) -> Int {
        if nanoseconds <= 1_000_000 { return 0 }
        var bucket = 1
        while bucket < limits.count, nanoseconds > limits[bucket] { bucket += 1 }
        return bucket
    }

    /// Takes back what was recorded.
    mutating func remove(_ nanoseconds: UInt64) {
        counts[Self.bucket(nanoseconds)] &-= 1
        self.nanoseconds &-= nanoseconds
    }

    mutating func record(_ nanoseconds: UInt64) {
        counts[Self.bucket(nanoseconds)] &+= 1
        self.nanoseconds &+= nanoseconds
    }
}
