/// Whole numbers in the proportion of weights that add up to a total: each its floor, what is left to the largest
/// remainders (Hamilton's method).
func quotas(_ weights: [Double], total: Int) -> [Int] {
    let sum = weights.reduce(0, +)
    guard sum > 0 else { return weights.indices.map { $0 == 0 ? total : 0 } }
    let exact = weights.map { $0 / sum * Double(total) }
    var counts = exact.map { Int($0.rounded(.down)) }
    let order = weights.indices.sorted {
        let (a, b) = (exact[$0] - Double(counts[$0]), exact[$1] - Double(counts[$1]))
        return a != b ? a > b : $0 < $1
    }
    for place in order.prefix(max(0, total - counts.reduce(0, +))) { counts[place] += 1 }
    return counts
}

/// Gives each of so many patients one of several kinds, each kind exactly as often as its quota says, in an order that the
/// seed shuffles. Constant time a patient, nothing stored but the quotas.
struct Allotment: Sendable {
    private let ends: [Int]
    private let shuffle: Shuffle

    init(_ quotas: [Int], seed: UInt64, order: Int) {
        var sum = 0
        ends = quotas.map { quota in
            sum += quota
            return sum
        }
        shuffle = Shuffle(count: sum, seed: seed, order: order)
    }

    /// The kind of a patient, and its place among those of the kind.
    @inline(__always)
    func kind(of slot: Int) -> (kind: Int, rank: Int) {
        let place = shuffle.place(of: slot)
        var low = 0
        var high = ends.count - 1
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] <= place { low = middle + 1 } else { high = middle }
        }
        return (low, low > 0 ? place - ends[low - 1] : place)
    }
}

/// A permutation of 0..<count by a key: an unbalanced Feistel network over the next power of two, walked until it is
/// inside again (Black and Rogaway, Ciphers with arbitrary finite domains, 2002).
struct Shuffle: Sendable {
    private let count: UInt64
    private let low: UInt64
    private let high: UInt64
    private let keys: (UInt64, UInt64, UInt64, UInt64)

    init(count: Int, seed: UInt64, order: Int) {
        self.count = UInt64(max(1, count))
        let bits = UInt64(64 - (self.count - 1).leadingZeroBitCount)
        low = bits / 2
        high = bits - bits / 2
        var draws = Draws(seed: seed, index: UInt64(order), stream: .order)
        func key() -> UInt64 { UInt64(draws.next()) << 32 | UInt64(draws.next()) }
        keys = (key(), key(), key(), key())
    }

    @inline(__always)
    func place(of slot: Int) -> Int {
        guard high > 0 else { return 0 }
        var value = UInt64(slot)
        repeat {
            var right = value & (1 << low - 1)
            var left = value >> low
            left ^= Self.mix(right ^ keys.0) >> (64 - high)
            if low > 0 { right ^= Self.mix(left ^ keys.1) >> (64 - low) }
            left ^= Self.mix(right ^ keys.2) >> (64 - high)
            if low > 0 { right ^= Self.mix(left ^ keys.3) >> (64 - low) }
            value = left << low | right
        } while value >= count
        return Int(value)
    }

    /// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
    @inline(__always)
    private static func mix(_ word: UInt64) -> UInt64 {
        var word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
