import ServiceMetrics

/// The 95th percentile of each series of a histogram over the last while, from readings of its counts.
struct LatencyWindow: Sendable {
    typealias Counts = [String: [UInt64]]

    let length: Duration
    private var readings: [(at: Duration, counts: Counts)] = []

    init(length: Duration) { self.length = length }

    /// Takes the counts at a time; returns the quantile of what came since the window's start.
    mutating func quantiles(_ share: Double, of counts: Counts, buckets: Buckets, at now: Duration) -> [String: Double]
    {
        readings.append((now, counts))
        // The reading just outside the window stays: the differences are taken from it.
        while readings.count > 2, now - readings[1].at >= length { readings.removeFirst() }
        let first = readings[0].counts
        guard readings.count > 1 else { return [:] }
        var quantiles: [String: Double] = [:]
        for (name, latest) in counts {
            let before = first[name] ?? []
            let fresh = latest.indices.map { $0 < before.count ? latest[$0] &- before[$0] : latest[$0] }
            if fresh.contains(where: { $0 > 0 }) { quantiles[name] = buckets.quantile(share, counts: fresh) }
        }
        return quantiles
    }
}
