/// The upper bounds of a histogram's buckets, rising; the bucket for everything above is added by itself.
public struct Buckets: Sendable, Hashable {
    /// The bounds.
    public let bounds: [Double]

    /// Bounds, checked when the histogram is registered.
    public init(_ bounds: [Double]) { self.bounds = bounds }

    /// 0.5 ms to 60 s, with an edge at exactly 1 s.
    public static let latency = Buckets([
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ])

    /// So many bounds from a first one, each so many times the last.
    public static func exponential(from first: Double, factor: Double, count: Int) -> Buckets {
        var bound = first
        return Buckets(
            (0..<max(0, count)).map { _ in
                defer { bound *= factor }; return bound
            })
    }

    /// So many bounds from a first one, each so much above the last.
    public static func linear(from first: Double, step: Double, count: Int) -> Buckets {
        Buckets((0..<max(0, count)).map { first + step * Double($0) })
    }

    /// Estimates a quantile from counts a bucket, not cumulative, the last for everything above.
    ///
    /// As Prometheus' `histogram_quantile`: linear within a bucket, the first from 0 up, and the last bound where the
    /// rank lies above it.
    /// - Parameter quantile: 0…1; anything beyond is brought in.
    /// - Returns: `nil` when nothing was observed.
    public func quantile(_ quantile: Double, counts: [UInt64]) -> Double? {
        let total = counts.reduce(0, &+)
        guard total > 0, counts.count == bounds.count + 1, !quantile.isNaN else { return nil }
        let rank = min(1, max(0, quantile)) * Double(total)
        var below = 0.0
        for (index, count) in counts.enumerated() where count > 0 {
            if below + Double(count) >= rank {
                guard index < bounds.count else { return bounds.last }
                let upper = bounds[index]
                if index == 0, upper <= 0 { return upper }
                let lower = index == 0 ? 0 : bounds[index - 1]
                return lower + (upper - lower) * (rank - below) / Double(count)
            }
            below += Double(count)
        }
        return bounds.last
    }

    /// What is wrong with the bounds; `nil` where nothing is.
    var fault: String? {
        if bounds.contains(where: \.isNaN) { return "a bound is NaN" }
        if bounds.dropLast().contains(where: \.isInfinite) || bounds.last == -.infinity { return "a bound is infinite" }
        if !zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) { return "the bounds do not rise" }
        return bounds.count > 500 ? "there are more than 500 bounds" : nil
    }
}
