#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import Synchronization

/// How observations are distributed over buckets. Threads that meet at one get a cell each.
///
/// ```swift
/// let waits = try registry.histogram("wait_seconds", help: "Waits.", buckets: .latency)
/// waits.observe(0.25)
/// let answer = try await waits.time { try await ask() }
/// ```
public final class Histogram: MetricSeries, @unchecked Sendable {
    /// The upper bounds.
    public var buckets: Buckets { Buckets(table.values) }
    let table: BoundsTable
    private let search: BoundsSearch
    private let first: UnsafeMutableRawPointer
    private let more = Atomic<UnsafeMutableRawPointer?>(nil)
    private let exemplars: ExemplarSlots
    /// What finding a thread's cell takes, at hand.
    private let key = ThreadSlot.key
    private let mask = ThreadSlot.cells - 1
    private let stride: Int

    init(_ identity: SeriesIdentity, table: BoundsTable) {
        self.table = table
        search = table.search
        first = HistogramCell.make(1, buckets: table.count + 1)
        stride = HistogramCell.stride(buckets: table.count + 1)
        exemplars = ExemplarSlots(count: table.count + 1)
        super.init(identity)
    }

    deinit {
        first.deallocate()
        more.load(ordering: .acquiring)?.deallocate()
    }

    /// Counts an observation, in the histogram's unit.
    ///
    /// NaN and infinities are not counted, nor is a negative value where all bounds are positive: they would make the
    /// sum useless. They show in `metrics_updates_rejected_total`.
    public func observe(_ value: Double) {
        guard search.takes(value) else { return rejected.count() }
        let bucket = search.bucket(of: value)
        let cell = HistogramCell(base: first)
        if more.load(ordering: .acquiring) == nil, cell.tryLock() {
            cell.add(value, bucket: bucket)
            cell.unlock()
        } else {
            addElsewhere(value, bucket: bucket)
        }
    }

    /// Counts a duration, in seconds.
    public func observe(_ duration: Duration) { observe(duration.inSeconds) }

    /// Counts an observation and leaves an exemplar at its bucket, which OpenMetrics shows.
    public func observe(_ value: Double, exemplar: Exemplar) {
        observe(value)
        guard search.takes(value) else { return }
        if !exemplars.set(exemplar, value: value, at: search.bucket(of: value)) { rejected.count() }
    }

    /// Times a closure, however it ends.
    public func time<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let timer = startTimer()
        defer { timer.stop() }
        return try body()
    }

    /// Times an asynchronous closure, however it ends.
    public func time<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        let timer = startTimer()
        defer { timer.stop() }
        return try await body()
    }

    /// Starts a timer whose ``MetricTimer/stop()`` observes the time since.
    public func startTimer() -> MetricTimer { MetricTimer(histogram: self) }

    // MARK: Cells

    @inline(never)
    private func addElsewhere(_ value: Double, bucket: Int) {
        let cells = more.load(ordering: .acquiring) ?? inflate()
        var place = ThreadSlot.current(key)
        var tries = 0
        while true {
            let cell = HistogramCell(base: cells + (place & mask) &* stride)
            if cell.tryLock() {
                cell.add(value, bucket: bucket)
                return cell.unlock()
            }
            place &+= 1
            tries &+= 1
            if tries & 63 == 0 { sched_yield() }
        }
    }

    private func inflate() -> UnsafeMutableRawPointer {
        let made = HistogramCell.make(ThreadSlot.cells, buckets: table.count + 1)
        let (exchanged, there) = more.compareExchange(
            expected: nil, desired: made, ordering: .acquiringAndReleasing)
        if exchanged { return made }
        made.deallocate()
        return there ?? first
    }

    /// Fills in the counts, not cumulative; returns the sum.
    func collect(into counts: UnsafeMutablePointer<UInt64>) -> Double {
        let buckets = table.count + 1
        counts.update(repeating: 0, count: buckets)
        var sum = CompensatedSum()
        HistogramCell(base: first).collect(into: counts, buckets: buckets, sum: &sum)
        if let cells = more.load(ordering: .acquiring) {
            for index in 0..<ThreadSlot.cells {
                HistogramCell(base: cells + index * stride).collect(into: counts, buckets: buckets, sum: &sum)
            }
        }
        return sum.value
    }

    // MARK: Reading

    /// The counts of the buckets and their sum, of one moment.
    public var snapshot: HistogramSnapshot {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: table.count + 1) { scratch in
            guard let start = scratch.baseAddress else {
                return HistogramSnapshot(buckets: buckets, counts: [], sum: 0)
            }
            let sum = collect(into: start)
            return HistogramSnapshot(buckets: buckets, counts: Array(scratch), sum: sum)
        }
    }

    /// The counts of the buckets, not cumulative, the last for everything above.
    public var counts: [UInt64] { snapshot.counts }

    /// The sum of all observations.
    public var sum: Double { snapshot.sum }

    /// Estimates a quantile, 0…1, of all observations; `nil` when there is none.
    public func quantile(_ quantile: Double) -> Double? { snapshot.quantile(quantile) }

    override func render(into sink: ByteSink, heads: FamilyHeads, openMetrics: Bool) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: table.count + 1) { scratch in
            guard let counts = scratch.baseAddress else { return }
            let sum = collect(into: counts)
            var cumulative: UInt64 = 0
            for index in 0...table.count {
                cumulative &+= counts[index]
                sink.append(heads.bucket)
                if !labelText.isEmpty {
                    sink.append(labelText)
                    sink.byte(UInt8(ascii: ","))
                }
                sink.append(table.texts[index])
                sink.integer(cumulative)
                if openMetrics { exemplars.write(index, to: sink) }
                sink.newline()
            }
            // A sum that can fall is no counter, and OpenMetrics takes neither sum nor count then.
            if openMetrics, search.takesNegative { return }
            sink.head(heads.sum, labels: labelText)
            sink.double(sum)
            sink.newline()
            sink.head(heads.count, labels: labelText)
            sink.integer(cumulative)
            sink.newline()
            guard openMetrics, let created = heads.created else { return }
            sink.head(created, labels: labelText)
            sink.double(self.created)
            sink.newline()
        }
    }

    override var activity: UInt64 { counts.reduce(0, &+) }
}
