/// The bounds of a histogram family, laid out for the search and rendered once.
// Written only in `init`.
final class BoundsTable: @unchecked Sendable {
    let values: [Double]
    let count: Int
    /// Four at a time, filled up with infinities, which no value exceeds.
    private let base: UnsafeMutablePointer<SIMD4<Double>>
    private let chunks: Int
    /// `le="0.5"} `, the last for everything above.
    let texts: [[UInt8]]
    /// Whether values below zero are counted.
    let takesNegative: Bool

    init(_ buckets: Buckets) {
        // `+Inf` is always there.
        values = buckets.bounds.last == .infinity ? buckets.bounds.dropLast() : buckets.bounds
        count = values.count
        chunks = (values.count + 3) / 4
        base = .allocate(capacity: max(1, chunks))
        for chunk in 0..<chunks {
            var four = SIMD4<Double>(repeating: .infinity)
            for lane in 0..<4 where chunk * 4 + lane < values.count { four[lane] = values[chunk * 4 + lane] }
            base[chunk] = four
        }
        takesNegative = (values.first ?? 0) < 0
        texts = (values + [.infinity]).map { bound in
            let sink = ByteSink(capacity: 64)
            sink.append("le=\"")
            sink.double(bound)
            sink.append("\"} ")
            return Array(sink.bytes)
        }
    }

    deinit { base.deallocate() }

    /// Whether a value is counted.
    @inline(__always)
    func takes(_ value: Double) -> Bool {
        (value >= 0 || takesNegative && value > -.infinity) && value < .infinity
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
