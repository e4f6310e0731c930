/// Time since a start; observed when it is stopped.
public struct MetricTimer: Sendable {
    let histogram: Histogram
    private let start = ContinuousClock.now

    init(histogram: Histogram) { self.histogram = histogram }

    /// Time since the start.
    public var elapsed: Duration { ContinuousClock.now - start }

    /// Observes the time since the start and returns it. Each call observes.
    @discardableResult
    public func stop() -> Duration {
        let elapsed = elapsed
        histogram.observe(elapsed)
        return elapsed
    }
}

extension Duration {
    /// Seconds, rounded once: 250 ms is exactly 0.25.
    @inline(__always)
    var inSeconds: Double {
        let all = attoseconds
        if let small = Int64(exactly: all) { return Double(small) / 1e18 }
        let (seconds, rest) = components
        return Double(seconds) + Double(rest) / 1e18
    }
}
