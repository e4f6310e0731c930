#if canImport(Glibc)
    import Glibc  // links libm, whose exact `round` the tables are made with
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Philox4x32-10, a counter-based generator: any block of any stream at once, without what came before.
///
/// Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011.
enum Philox {
    /// Four words of a counter under a key.
    @inline(__always)
    static func block(_ counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)) -> (
        UInt32, UInt32, UInt32, UInt32
    ) {
        var (c0, c1, c2, c3) = counter
        var (k0, k1) = key
        for _ in 0..<10 {
            let p0 = UInt64(0xD251_1F53) &* UInt64(c0)
            let p1 = UInt64(0xCD9E_8D57) &* UInt64(c2)
            (c0, c1, c2, c3) = (
                UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: p1),
                UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: p0)
            )
            k0 = k0 &+ 0x9E37_79B9
            k1 = k1 &+ 0xBB67_AE85
        }
        return (c0, c1, c2, c3)
    }
}

/// The independent sources of chance in a patient's life. A draw added to one never shifts another.
enum Stream: UInt32 {
    case person, place, injury, physiology, course, care, event, history, window, triage, bleeding, death, order,
        schedule, site, unit
}

/// One stream of one patient: draws in order.
struct Draws {
    private let key: (UInt32, UInt32)
    private let index: UInt64
    private let stream: UInt32
    private var number: UInt32 = 0
    private var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    private var left = 0

    init(seed: UInt64, index: UInt64, stream: Stream) {
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        self.index = index
        self.stream = stream.rawValue
    }

    /// 32 random bits.
    @inline(__always)
    mutating func next() -> UInt32 {
        if left == 0 {
            words = Philox.block(
                (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), number, stream), key: key)
            number &+= 1
            left = 4
        }
        left -= 1
        switch left {
        case 3: return words.0
        case 2: return words.1
        case 1: return words.2
        default: return words.3
        }
    }

    /// Goes to a block of four words: what follows does not depend on how many draws came before.
    @inline(__always)
    mutating func jump(to block: UInt32) {
        number = block
        left = 0
    }

    /// A whole number from 0 up to but not including a bound, by multiplication and shift.
    @inline(__always)
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: (UInt64(next()) &* UInt64(bound)) >> 32)
    }

    /// A whole number within a range.
    @inline(__always)
    mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// True so many times in 65,536.
    @inline(__always)
    mutating func chance(_ share: Share) -> Bool { (next() >> 16) < share.of65536 }

    /// A place in a table of weights.
    @inline(__always)
    mutating func pick(_ weights: Weights) -> Int { weights.place(next()) }
}

/// A probability as a whole number of 65,536ths, so that no platform's arithmetic can change it.
struct Share: Sendable, Hashable {
    let of65536: UInt32

    init(_ value: Double) { of65536 = UInt32(min(65_536, max(0, (value * 65_536).rounded()))) }
}

/// Weights that a draw is spread over: an integer alias table (Walker 1974, Vose 1991), one draw and one look a pick.
struct Weights: Sendable {
    /// For each place how much of 2^16 is its own, and whose the rest is.
    private let cells: [Cell]

    private struct Cell { var limit, other: UInt32 }

    init(_ weights: [Double]) {
        let total = weights.reduce(0, +)
        let count = weights.count
        // Whole numbers that add up to count × 2^16: what rounding leaves goes to the largest.
        var parts = weights.map { Int(($0 / max(total, .leastNonzeroMagnitude) * Double(count) * 65_536).rounded()) }
        let rest = count * 65_536 - parts.reduce(0, +)
        if let largest = parts.indices.max(by: { parts[$0] < parts[$1] }) { parts[largest] += rest }
        var limits = [UInt32](repeating: 65_536, count: count)
        var others = Array(0..<count)
        var small = parts.indices.filter { parts[$0] < 65_536 }
        var large = parts.indices.filter { parts[$0] > 65_536 }
        while let poor = small.popLast(), let rich = large.last {
            limits[poor] = UInt32(max(0, parts[poor]))
            others[poor] = rich
            parts[rich] -= 65_536 - parts[poor]
            if parts[rich] <= 65_536 {
                large.removeLast()
                if parts[rich] < 65_536 { small.append(rich) }
            }
        }
        cells = zip(limits, others).map { Cell(limit: $0, other: UInt32($1)) }
    }

    var count: Int { cells.count }

    @inline(__always)
    func place(_ draw: UInt32) -> Int {
        let scaled = UInt64(draw) &* UInt64(cells.count)
        let place = Int(truncatingIfNeeded: scaled >> 32)
        let fraction = UInt32(truncatingIfNeeded: scaled) >> 16
        let cell = cells[place]
        return fraction < cell.limit ? place : Int(cell.other)
    }
}
