import Synchronization

/// A figure that rises and falls.
///
/// ```swift
/// let open = try registry.gauge("files_open", help: "Open files.")
/// open.set(12)
/// try await open.track { try await copy() }   // one more while it runs
/// ```
public final class Gauge: MetricSeries, @unchecked Sendable {
    private let bits = Atomic<UInt64>(0)
    private let updates = Atomic<UInt64>(0)
    private let watched: Bool
    private let line: RenderedLine

    init(_ identity: SeriesIdentity, watched: Bool) {
        line = RenderedLine(prefix: identity.prefix)
        self.watched = watched
        super.init(identity)
    }

    deinit { line.free() }

    /// Sets the figure.
    public func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
        if watched { updates.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Adds to the figure, 1 by default.
    public func increment(by amount: Double = 1) {
        bits.addDouble(amount)
        if watched { updates.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Takes from the figure, 1 by default.
    public func decrement(by amount: Double = 1) { increment(by: -amount) }

    /// One more while a closure runs, however it ends.
    public func track<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        increment()
        defer { decrement() }
        return try body()
    }

    /// One more while an asynchronous closure runs, however it ends.
    public func track<Result: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        increment()
        defer { decrement() }
        return try await body()
    }

    /// The figure.
    public var value: Double { bits.double }

    override func render(into sink: ByteSink, heads: FamilyHeads, openMetrics: Bool) {
        line.update(value)
        line.writeWhole(to: sink)
    }

    override var activity: UInt64 { updates.load(ordering: .relaxed) }
}
