import Synchronization

/// A figure that only grows. Whole steps are one atomic add.
public final class Counter: Sendable {
    private let whole = Atomic<Int64>(0)
    private let fraction = Atomic<UInt64>(0)

    init() {}

    /// Adds one.
    @inline(__always)
    public func increment() { whole.wrappingAdd(1, ordering: .relaxed) }

    /// Adds a whole number; a negative one is not counted.
    public func increment(by amount: Int) {
        if amount > 0 { whole.wrappingAdd(Int64(amount), ordering: .relaxed) }
    }

    /// Adds a fraction; a negative, infinite or NaN one is not counted.
    public func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fraction.addDouble(amount)
    }

    /// The figure.
    public var value: Double {
        Double(max(0, whole.load(ordering: .relaxed))) + Double(bitPattern: fraction.load(ordering: .relaxed))
    }

    var wholeValue: Int64? { fraction.load(ordering: .relaxed) == 0 ? max(0, whole.load(ordering: .relaxed)) : nil }
}

extension Atomic where Value == UInt64 {
    /// Adds to the bit pattern of a double.
    func addDouble(_ amount: Double) {
        var seen = load(ordering: .relaxed)
        while true {
            let (exchanged, original) = weakCompareExchange(
                expected: seen, desired: (Double(bitPattern: seen) + amount).bitPattern, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }
}
