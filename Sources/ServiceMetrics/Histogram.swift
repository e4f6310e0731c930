import Synchronization

/// How observations are distributed over buckets.
// The storage is written only through atomics and freed with the last reference.
public final class Histogram: @unchecked Sendable {
    /// The upper bounds.
    public let buckets: Buckets
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let total = Atomic<UInt64>(0)

    init(_ buckets: Buckets) {
        self.buckets = buckets
        cells = .allocate(capacity: buckets.bounds.count + 1)
        for index in 0...buckets.bounds.count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: buckets.bounds.count + 1)
        cells.deallocate()
    }

    /// Counts an observation, in the histogram's unit; NaN is not counted.
    public func observe(_ value: Double) {
        guard !value.isNaN else { return }
        var index = 0
        for bound in buckets.bounds where value > bound { index += 1 }
        cells[index].wrappingAdd(1, ordering: .relaxed)
        total.addDouble(value)
    }

    /// Counts a duration, in seconds.
    public func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    /// Times a closure.
    public func time<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let start = ContinuousClock.now
        defer { observe(ContinuousClock.now - start) }
        return try await body()
    }

    /// The counts of the buckets, not cumulative, the last for everything above.
    public var counts: [UInt64] { (0...buckets.bounds.count).map { cells[$0].load(ordering: .relaxed) } }

    /// The sum of all observations.
    public var sum: Double { Double(bitPattern: total.load(ordering: .relaxed)) }
}
