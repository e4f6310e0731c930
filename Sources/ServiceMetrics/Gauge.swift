import Synchronization

/// A figure that rises and falls.
public final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    init() {}

    /// Sets the figure.
    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    /// Adds to the figure, 1 by default.
    public func increment(by amount: Double = 1) { bits.addDouble(amount) }

    /// Takes from the figure, 1 by default.
    public func decrement(by amount: Double = 1) { bits.addDouble(-amount) }

    /// The figure.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}
