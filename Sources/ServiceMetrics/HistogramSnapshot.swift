/// What a histogram held at a moment.
public struct HistogramSnapshot: Sendable, Hashable {
    /// The upper bounds.
    public let buckets: Buckets
    /// The counts of the buckets, not cumulative, the last for everything above.
    public let counts: [UInt64]
    /// The sum of all observations.
    public let sum: Double

    /// What a histogram held that is kept elsewhere.
    /// - Parameters:
    ///   - buckets: The upper bounds.
    ///   - counts: The counts of the buckets, not cumulative, one more than there are bounds.
    ///   - sum: The sum of all observations.
    public init(buckets: Buckets, counts: [UInt64], sum: Double) {
        self.buckets = buckets
        self.counts = counts
        self.sum = sum
    }

    /// How many observations there were.
    public var count: UInt64 { counts.reduce(0, &+) }

    /// The mean; `nil` when there is none.
    public var mean: Double? { count == 0 ? nil : sum / Double(count) }

    /// Estimates a quantile, 0…1, as Prometheus' `histogram_quantile` does.
    public func quantile(_ quantile: Double) -> Double? { buckets.quantile(quantile, counts: counts) }

    /// What came since an earlier moment of the same histogram.
    public func since(_ earlier: HistogramSnapshot) -> HistogramSnapshot {
        guard earlier.counts.count == counts.count else { return self }
        return HistogramSnapshot(
            buckets: buckets, counts: zip(counts, earlier.counts).map { $0 >= $1 ? $0 - $1 : 0 }, sum: sum - earlier.sum
        )
    }
}
