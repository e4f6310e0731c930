#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
public import Synchronization

/// A figure that only grows. A step is one atomic add; a counter that several threads use gets a cell for each.
///
/// ```swift
/// let visits = try registry.counter("visits_total", help: "Visits.")
/// visits.increment()
/// ```
public final class Counter: MetricSeries, @unchecked Sendable {
    @usableFromInline let whole = Atomic<Int64>(0)
    private let fraction = Atomic<UInt64>(0)
    @usableFromInline let cells = Atomic<UnsafeMutableRawPointer?>(nil)
    /// The thread last seen, and how often another one came.
    private let visitor = Atomic<UInt>(0)
    private let changes = Atomic<Int>(0)
    private let exemplar = ExemplarSlots(count: 1)
    private let line: RenderedLine

    override init(_ identity: SeriesIdentity) {
        line = RenderedLine(prefix: identity.prefix)
        super.init(identity)
    }

    deinit {
        cells.load(ordering: .acquiring)?.deallocate()
        line.free()
    }

    /// Adds one.
    @inlinable
    public func increment() { add(1) }

    /// Adds a whole number; a negative one is not counted but shows in `metrics_updates_rejected_total`.
    public func increment(by amount: Int) {
        guard amount >= 0 else { return rejected.count() }
        if amount > 1 << 40 { addFraction(Double(amount)) } else { add(Int64(amount)) }
    }

    /// Adds a fraction; a negative, infinite or NaN one is not counted but shows in `metrics_updates_rejected_total`.
    public func increment(by amount: Double) {
        guard amount >= 0, amount.isFinite else { return rejected.count() }
        if amount <= 0x1p40, amount == amount.rounded(.towardZero) { add(Int64(amount)) } else { addFraction(amount) }
    }

    /// Adds one and leaves an exemplar, which OpenMetrics shows beside the figure.
    public func increment(by amount: Int = 1, exemplar: Exemplar) {
        increment(by: amount)
        if !self.exemplar.set(exemplar, value: Double(amount), at: 0) { rejected.count() }
    }

    /// Begins again at zero, as after a restart; for adapters whose interface asks for it.
    public func reset() {
        if let base = cells.load(ordering: .acquiring) {
            for index in 0..<ThreadSlot.cells {
                CounterCells(base: base).whole(index).pointee.store(0, ordering: .relaxed)
                CounterCells(base: base).fraction(index).pointee.store(0, ordering: .relaxed)
            }
        }
        whole.store(0, ordering: .relaxed)
        fraction.store(0, ordering: .relaxed)
    }

    /// The figure.
    public var value: Double {
        guard let cells = cells.load(ordering: .acquiring) else {
            return Double(whole.load(ordering: .relaxed)) + fraction.double
        }
        return Double(total(CounterCells(base: cells))) + fractions(CounterCells(base: cells))
    }

    // MARK: Adding

    /// What a caller's loop holds: a look for cells, an atomic add, a comparison.
    @inlinable @inline(__always)
    func add(_ amount: Int64) {
        guard cells.load(ordering: .acquiring) == nil else { return addToOwn(amount) }
        let (old, new) = whole.wrappingAdd(amount, ordering: .relaxed)
        if UInt64(bitPattern: old ^ new) > 255 { look(new) }
    }

    /// Adds to the calling thread's cell.
    @usableFromInline @inline(never)
    func addToOwn(_ amount: Int64) {
        guard let base = cells.load(ordering: .acquiring) else { return }
        let (old, new) = CounterCells(base: base).ownWhole.pointee.wrappingAdd(amount, ordering: .relaxed)
        if new > Self.most, old <= new { fold(CounterCells(base: base)) }
    }

    private func addFraction(_ amount: Double) {
        if let base = cells.load(ordering: .acquiring) {
            CounterCells(base: base).ownFraction.pointee.addDouble(amount)
        } else {
            fraction.addDouble(amount)
        }
    }

    /// Above this a cell's whole part moves into its fraction, so that it never turns negative.
    private static let most: Int64 = 1 << 61

    /// Now and then: whether more than one thread comes here, and whether the figure grows too large.
    @usableFromInline @inline(never)
    func look(_ figure: Int64) {
        if figure > Self.most {
            fraction.addDouble(Double(figure))
            whole.wrappingAdd(-figure, ordering: .relaxed)
        }
        let thread = UInt(bitPattern: ThreadSlot.current &+ 1)
        guard visitor.exchange(thread, ordering: .relaxed) != thread else { return }
        guard changes.wrappingAdd(1, ordering: .relaxed).newValue > 4 else { return }
        let made = CounterCells.make()
        if !cells.compareExchange(expected: nil, desired: made.base, ordering: .acquiringAndReleasing).exchanged {
            made.base.deallocate()
        }
    }

    @inline(never)
    private func fold(_ cells: CounterCells) {
        let moved = cells.ownWhole.pointee.exchange(0, ordering: .relaxed)
        cells.ownFraction.pointee.addDouble(Double(moved))
    }

    // MARK: Reading

    private func total(_ cells: CounterCells) -> Int64 {
        var sum = whole.load(ordering: .relaxed)
        for index in 0..<ThreadSlot.cells {
            let (next, overflow) = sum.addingReportingOverflow(cells.whole(index).pointee.load(ordering: .relaxed))
            if overflow { return Int64.max }
            sum = next
        }
        return sum
    }

    private func fractions(_ cells: CounterCells) -> Double {
        (0..<ThreadSlot.cells).reduce(fraction.double) { $0 + cells.fraction($1).pointee.double }
    }

    override func render(into sink: ByteSink, heads: FamilyHeads, openMetrics: Bool) {
        let base = cells.load(ordering: .acquiring)
        let whole = base.map { total(CounterCells(base: $0)) } ?? self.whole.load(ordering: .relaxed)
        let fraction = base.map { fractions(CounterCells(base: $0)) } ?? self.fraction.double
        if fraction == 0 { line.update(whole) } else { line.update(Double(whole) + fraction) }
        guard openMetrics else { return line.writeWhole(to: sink) }
        line.write(to: sink)
        exemplar.write(0, to: sink)
        sink.newline()
        if let created = heads.created {
            sink.head(created, labels: labelText)
            sink.double(self.created)
            sink.newline()
        }
    }

    override var activity: UInt64 { value.bitPattern }
}
