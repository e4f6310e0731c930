import Synchronization

/// The cells of a counter that several threads share: one of 128 bytes for each, so that no two write one cache line.
struct CounterCells {
    /// Written only through atomics.
    let base: UnsafeMutableRawPointer
    static let stride = 128

    init(base: UnsafeMutableRawPointer) { self.base = base }

    /// New cells, all zero.
    static func make() -> CounterCells {
        let bytes = ThreadSlot.cells * stride
        let base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: stride)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        for index in 0..<ThreadSlot.cells {
            (base + index * stride).bindMemory(to: Atomic<Int64>.self, capacity: 1).initialize(to: Atomic(0))
            (base + index * stride + 8).bindMemory(to: Atomic<UInt64>.self, capacity: 1).initialize(to: Atomic(0))
        }
        return CounterCells(base: base)
    }

    /// The whole part of the calling thread's cell.
    @inline(__always)
    var ownWhole: UnsafeMutablePointer<Atomic<Int64>> { whole(ThreadSlot.current & (ThreadSlot.cells &- 1)) }

    /// The fraction of the calling thread's cell, a double's bits.
    var ownFraction: UnsafeMutablePointer<Atomic<UInt64>> { fraction(ThreadSlot.current & (ThreadSlot.cells &- 1)) }

    func whole(_ index: Int) -> UnsafeMutablePointer<Atomic<Int64>> {
        (base + (index &* Self.stride)).assumingMemoryBound(to: Atomic<Int64>.self)
    }

    func fraction(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (base + (index &* Self.stride &+ 8)).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
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

    var double: Double { Double(bitPattern: load(ordering: .relaxed)) }
}
