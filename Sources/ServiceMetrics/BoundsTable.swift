/// The bounds of a histogram family, laid out for the search and rendered once.
// Written only in `init`.
final class BoundsTable: @unchecked Sendable {
    let values: [Double]
    let count: Int
    /// What an observation takes.
    let search: BoundsSearch
    /// `le="0.5"} `, the last for everything above.
    let texts: [[UInt8]]

    init(_ buckets: Buckets) {
        values = Self.finite(buckets)
        count = values.count
        let chunks = (values.count + 3) / 4
        let base = UnsafeMutablePointer<SIMD4<Double>>.allocate(capacity: max(1, chunks))
        for chunk in 0..<chunks {
            var four = SIMD4<Double>(repeating: .infinity)
            for lane in 0..<4 where chunk * 4 + lane < values.count { four[lane] = values[chunk * 4 + lane] }
            base[chunk] = four
        }
        search = BoundsSearch(
            base: base, chunks: chunks, least: (values.first ?? 0) < 0 ? -.greatestFiniteMagnitude : 0)
        texts = (values + [.infinity]).map { bound in
            let sink = ByteSink(capacity: 64)
            sink.append("le=\"")
            sink.double(bound)
            sink.append("\"} ")
            return Array(sink.bytes)
        }
    }

    deinit { search.base.deallocate() }

    /// The bounds without `+Inf`, which is always there.
    static func finite(_ buckets: Buckets) -> [Double] {
        buckets.bounds.last == .infinity ? buckets.bounds.dropLast() : buckets.bounds
    }
}

/// Finds buckets. Copied into each histogram, so that an observation follows one pointer less.
// Read only; its memory belongs to the table, which the histogram holds.
struct BoundsSearch: @unchecked Sendable {
    /// Four bounds at a time, filled up with infinities, which no value exceeds.
    let base: UnsafeMutablePointer<SIMD4<Double>>
    let chunks: Int
    /// The least value that is counted.
    let least: Double

    /// Whether values below zero are counted.
    var takesNegative: Bool { least < 0 }

    /// Whether a value is counted.
    @inline(__always)
    func takes(_ value: Double) -> Bool {
        value >= least && value < .infinity
    }

    /// The first bucket whose bound is not below a value. Few bounds are counted without a branch, many are halved.
    @inline(__always)
    func bucket(of value: Double) -> Int {
        let four = SIMD4(repeating: value)
        var place = 0
        if chunks > 8 {
            // Halve down to the chunk whose last bound is not below the value.
            var high = chunks &- 1
            while place < high {
                let middle = (place &+ high) >> 1
                if value > base[middle][3] { place = middle &+ 1 } else { high = middle }
            }
            return place &* 4 &+ above(four, base[place])
        }
        var index = 0
        while place < chunks {
            index &+= above(four, base[place])
            place &+= 1
        }
        return index
    }

    @inline(__always)
    private func above(_ value: SIMD4<Double>, _ bounds: SIMD4<Double>) -> Int {
        Int(truncatingIfNeeded: SIMD4<Int64>(repeating: 0).replacing(with: 1, where: value .> bounds).wrappedSum())
    }
}
