#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import Synchronization

/// The cells of a counter that several threads share: one of 128 bytes for each, so that no two write one cache line.
struct CounterCells {
    /// Written only through atomics.
    let base: UnsafeMutableRawPointer
    static let stride = 128

    init(base: UnsafeMutableRawPointer) { self.base = base }

    /// New cells, all zero.
    static func make() -> CounterCells {
        let bytes = (ThreadSlot.cells + 1) * stride
        let base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: stride)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        // The head holds what finding a thread's cell takes.
        base.storeBytes(of: ThreadSlot.key, as: pthread_key_t.self)
        base.storeBytes(of: ThreadSlot.cells - 1, toByteOffset: 8, as: Int.self)
        return CounterCells(base: base)
    }

    /// The whole part of the calling thread's cell.
    @inline(__always)
    var ownWhole: UnsafeMutablePointer<Atomic<Int64>> { whole(own) }

    /// The fraction of the calling thread's cell, a double's bits.
    var ownFraction: UnsafeMutablePointer<Atomic<UInt64>> { fraction(own) }

    @inline(__always)
    private var own: Int {
        ThreadSlot.current(base.load(as: pthread_key_t.self)) & base.load(fromByteOffset: 8, as: Int.self)
    }

    func whole(_ index: Int) -> UnsafeMutablePointer<Atomic<Int64>> {
        (base + ((index &+ 1) &* Self.stride)).assumingMemoryBound(to: Atomic<Int64>.self)
    }

    func fraction(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        (base + ((index &+ 1) &* Self.stride &+ 8)).assumingMemoryBound(to: Atomic<UInt64>.self)
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
