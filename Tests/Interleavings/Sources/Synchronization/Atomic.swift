import Interleaving

/// Stands in for the standard library's module of this name: the same atomics, each operation of which the explorer
/// decides about.
public struct Atomic<Value: AtomicRepresentable>: ~Copyable {
    private let cell: AtomicCell

    public init(_ initial: Value) { cell = AtomicCell(initial.bits) }

    public func load(ordering: AtomicLoadOrdering, caller: StaticString = #function) -> Value {
        Value(bits: cell.load(weakening.effective(ordering.effect, caller, .load), caller))
    }

    public func store(_ value: Value, ordering: AtomicStoreOrdering, caller: StaticString = #function) {
        cell.store(value.bits, weakening.effective(ordering.effect, caller, .store), caller)
    }

    public func exchange(
        _ value: Value, ordering: AtomicUpdateOrdering, caller: StaticString = #function
    ) -> Value {
        Value(bits: cell.exchange(value.bits, weakening.effective(ordering.effect, caller, .exchange), caller))
    }

    public func compareExchange(
        expected: Value, desired: Value, ordering: AtomicUpdateOrdering, caller: StaticString = #function
    ) -> (exchanged: Bool, original: Value) {
        let (exchanged, original) = cell.compareExchange(
            expected.bits, desired.bits, ordering.effect, failing: ordering.effect, isWeak: false, caller)
        return (exchanged, Value(bits: original))
    }

    public func weakCompareExchange(
        expected: Value, desired: Value, successOrdering: AtomicUpdateOrdering, failureOrdering: AtomicLoadOrdering,
        caller: StaticString = #function
    ) -> (exchanged: Bool, original: Value) {
        let (exchanged, original) = cell.compareExchange(
            expected.bits, desired.bits, weakening.effective(successOrdering.effect, caller, .compareExchange),
            failing: weakening.effective(failureOrdering.effect, caller, .failure), isWeak: true, caller)
        return (exchanged, Value(bits: original))
    }
}

public struct AtomicLoadOrdering: Sendable {
    fileprivate let effect: Ordering
    public static let relaxed = AtomicLoadOrdering(effect: [])
    public static let acquiring = AtomicLoadOrdering(effect: .acquires)
}

public struct AtomicStoreOrdering: Sendable {
    fileprivate let effect: Ordering
    public static let relaxed = AtomicStoreOrdering(effect: [])
    public static let releasing = AtomicStoreOrdering(effect: .releases)
}

public struct AtomicUpdateOrdering: Sendable {
    fileprivate let effect: Ordering
    public static let relaxed = AtomicUpdateOrdering(effect: [])
    public static let acquiring = AtomicUpdateOrdering(effect: .acquires)
    public static let releasing = AtomicUpdateOrdering(effect: .releases)
    public static let acquiringAndReleasing = AtomicUpdateOrdering(effect: [.acquires, .releases])
}

/// What an atomic holds.
public protocol AtomicRepresentable {
    init(bits: UInt64)
    var bits: UInt64 { get }
}

extension UInt64: AtomicRepresentable {
    public init(bits: UInt64) { self = bits }
    public var bits: UInt64 { self }
}

extension UInt: AtomicRepresentable {
    public init(bits: UInt64) { self = UInt(bits) }
    public var bits: UInt64 { UInt64(self) }
}

extension Int: AtomicRepresentable {
    public init(bits: UInt64) { self = Int(truncatingIfNeeded: bits) }
    public var bits: UInt64 { UInt64(truncatingIfNeeded: self) }
}

extension Bool: AtomicRepresentable {
    public init(bits: UInt64) { self = bits != 0 }
    public var bits: UInt64 { self ? 1 : 0 }
}
