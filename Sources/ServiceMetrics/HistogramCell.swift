#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import Synchronization

/// A part of a histogram that one thread at a time writes: a lock, a compensated sum, the counts of the buckets.
struct HistogramCell {
    /// Lock at 0, sum at 8, its compensation at 16, counts from 24.
    let base: UnsafeMutableRawPointer

    static func stride(buckets: Int) -> Int { (24 + buckets * 8 + 127) & ~127 }

    /// Cells in a row, all zero.
    static func make(_ count: Int, buckets: Int) -> UnsafeMutableRawPointer {
        let bytes = count * stride(buckets: buckets)
        let base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 128)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        return base
    }

    private var lock: UnsafeMutablePointer<Atomic<UInt64>> { base.assumingMemoryBound(to: Atomic<UInt64>.self) }
    private var sum: UnsafeMutablePointer<Double> { (base + 8).assumingMemoryBound(to: Double.self) }
    private var lost: UnsafeMutablePointer<Double> { (base + 16).assumingMemoryBound(to: Double.self) }
    private var counts: UnsafeMutablePointer<UInt64> { (base + 24).assumingMemoryBound(to: UInt64.self) }

    @inline(__always)
    func tryLock() -> Bool { lock.pointee.exchange(1, ordering: .acquiring) == 0 }

    @inline(__always)
    func unlock() { lock.pointee.store(0, ordering: .releasing) }

    /// Counts an observation, under the lock. What rounding loses is kept beside the sum (Knuth's TwoSum).
    @inline(__always)
    func add(_ value: Double, bucket: Int, times: UInt64 = 1) {
        counts[bucket] &+= times
        let before = sum.pointee
        let after = before + value
        let taken = after - before
        lost.pointee += (before - (after - taken)) + (value - taken)
        sum.pointee = after
    }

    /// Adds what the cell holds to a total, under its own lock.
    func collect(into total: UnsafeMutablePointer<UInt64>, buckets: Int, sum: inout CompensatedSum) {
        while !tryLock() { sched_yield() }
        for index in 0..<buckets { total[index] &+= counts[index] }
        sum.add(self.sum.pointee)
        if lost.pointee.isFinite { sum.add(lost.pointee) }
        unlock()
    }
}

/// A sum whose error does not grow with the number of terms (Neumaier 1974).
struct CompensatedSum {
    private var sum = 0.0
    private var lost = 0.0

    mutating func add(_ value: Double) {
        let after = sum + value
        lost += abs(sum) >= abs(value) ? (sum - after) + value : (value - after) + sum
        sum = after
    }

    /// The sum; infinite once it left the range of a double.
    var value: Double { lost.isFinite ? sum + lost : sum }
}
