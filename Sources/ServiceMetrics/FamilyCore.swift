/// The names of a family's lines, rendered once.
struct FamilyHeads: Sendable {
    let bucket: [UInt8]
    let sum: [UInt8]
    let count: [UInt8]
    /// `nil` unless `_created` was asked for.
    let created: [UInt8]?

    init(_ definition: MetricDefinition, created: Bool) {
        bucket = Array("\(definition.name)_bucket{".utf8)
        sum = Array("\(definition.name)_sum".utf8)
        count = Array("\(definition.name)_count".utf8)
        let family = MetricName.openMetrics(definition.name, kind: definition.kind)
        self.created = created && definition.kind != .gauge ? Array("\(family)_created".utf8) : nil
    }
}

/// Limits of a family.
struct FamilyLimits: Sendable {
    var series = 10_000
    /// Series nobody used for so long and nobody holds go away, seconds.
    var idle: Double?
    var created = false
}

/// The series of a metric. Truth is a dictionary behind a lock; a lock-free cache stands before it until a series is
/// removed for the first time.
// `series` and `index` are behind the lock; the cache is published with release order and lives as long as the family.
final class FamilyCore: @unchecked Sendable {
    let definition: MetricDefinition
    let heads: FamilyHeads
    let rejected = RejectedUpdates()
    private let limits: FamilyLimits
    private let constants: [(name: String, value: String)]
    private let now: @Sendable () -> Double
    private let make: @Sendable (SeriesIdentity) -> MetricSeries

    private struct State {
        var series: [MetricSeries] = []
        var index: [[String]: Int] = [:]
        var dropped: Int64 = 0
    }
    private let state = MetricLock(State())
    private let cache: SeriesCache?
    let seed = UInt64.random(in: .min ... .max)
    private let root: UnsafeMutablePointer<SeriesCache.Root>?
    /// Held while lines are rendered.
    private let rendering = MetricLock(false)

    init(
        _ definition: MetricDefinition, limits: FamilyLimits, constants: [(name: String, value: String)],
        now: @escaping @Sendable () -> Double, make: @escaping @Sendable (SeriesIdentity) -> MetricSeries
    ) {
        self.definition = definition
        self.limits = limits
        self.constants = constants
        self.now = now
        self.make = make
        heads = FamilyHeads(definition, created: limits.created)
        let caches = limits.idle == nil && (1...4).contains(definition.labels.count)
        cache = caches ? SeriesCache() : nil
        root = cache?.root
    }

    // MARK: Looking up

    /// The series with these values, from the cache; alive as long as the family is.
    @inline(__always)
    func cachedSeries(_ hash: UInt64, matches: (Int, UnsafeBufferPointer<UInt8>) -> Bool) -> Unmanaged<MetricSeries>? {
        guard let root else { return nil }
        return SeriesCache.find(root, hash, matches: matches)
    }

    /// The series with these values, made when it is not there; the overflow series above the limit.
    @inline(never)
    func series(_ given: [String]) -> MetricSeries {
        let count = definition.labels.count
        let values = (0..<count).map { $0 < given.count ? EscapedText.writable(given[$0]) : "" }
        return state.withLock { state in
            if let index = state.index[values] { return state.series[index] }
            if state.index.count >= limits.series, count > 0 {
                state.dropped += 1
                let overflow = definition.labels.map { _ in "overflow" }
                if let index = state.index[overflow] { return state.series[index] }
                return add(overflow, to: &state)
            }
            let series = add(values, to: &state)
            cache?.insert(series, hash: LabelHash.of(values, seed: seed))
            return series
        }
    }

    private func add(_ values: [String], to state: inout State) -> MetricSeries {
        let pairs = constants + zip(definition.labels, values).map { (name: $0, value: $1) }
        let series = make(
            SeriesIdentity(
                name: definition.name, values: values, labelText: EscapedText.labels(pairs), created: now(),
                rejected: rejected))
        state.index[values] = state.series.count
        state.series.append(series)
        return series
    }

    /// All series, in the order they were made.
    var all: [MetricSeries] { state.withLock { $0.series } }

    /// How often values were beyond the limit.
    var dropped: Int64 { state.withLock { $0.dropped } }

    var count: Int { state.withLock { $0.series.count } }
    var limit: Int { limits.series }

    // MARK: Removing

    /// Removes a series. Whoever holds it may go on using it; nobody will see.
    func remove(_ values: [String]) -> Bool {
        // From here on lookups take the lock: a removed series must not be found in the cache.
        state.withLock { state in
            guard let index = state.index[values] else { return false }
            cache?.close()
            state.series.remove(at: index)
            reindex(&state)
            return true
        }
    }

    /// Removes series that nobody used since a while and nobody holds.
    func expire() {
        guard let idle = limits.idle, !definition.labels.isEmpty else { return }
        let now = now()
        // Deallocated outside the lock.
        _ = state.withLock { state -> [MetricSeries] in
            var gone: [MetricSeries] = []
            var kept: [MetricSeries] = []
            kept.reserveCapacity(state.series.count)
            for index in state.series.indices {
                let activity = state.series[index].activity
                if activity != state.series[index].seen || now < state.series[index].changed {
                    state.series[index].seen = activity
                    state.series[index].changed = now
                }
                let isIdle = now - state.series[index].changed >= idle
                // Nobody can come to hold one meanwhile: lookups take the same lock.
                if isIdle, isKnownUniquelyReferenced(&state.series[index]) {
                    gone.append(state.series[index])
                } else {
                    kept.append(state.series[index])
                }
            }
            guard !gone.isEmpty else { return [] }
            state.series = kept
            reindex(&state)
            return gone
        }
    }

    private func reindex(_ state: inout State) {
        state.index.removeAll(keepingCapacity: true)
        for (place, series) in state.series.enumerated() { state.index[series.labelValues] = place }
    }

    // MARK: Rendering

    /// Writes all lines; returns whether there were any.
    func render(into sink: ByteSink, openMetrics: Bool) {
        expire()
        let series = all
        rendering.withLock { _ in
            series.withUnsafeBufferPointer { all in
                for place in all.indices {
                    Unmanaged.passUnretained(all[place])._withUnsafeGuaranteedRef {
                        $0.render(into: sink, heads: heads, openMetrics: openMetrics)
                    }
                }
            }
        }
    }
}
