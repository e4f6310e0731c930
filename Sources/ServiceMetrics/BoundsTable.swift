/// The bounds of a histogram family, laid out for the search and rendered once.
// Written only in `init`.
final class BoundsTable: @unchecked Sendable {
    let values: [Double]
    let count: Int
    private let base: UnsafeMutablePointer<Double>
    /// `le="0.5"} `, the last for everything above.
    let texts: [[UInt8]]
    /// Whether values below zero are counted.
    let takesNegative: Bool

    init(_ buckets: Buckets) {
        // `+Inf` is always there.
        values = buckets.bounds.last == .infinity ? buckets.bounds.dropLast() : buckets.bounds
        count = values.count
        base = .allocate(capacity: max(1, values.count))
        for (index, value) in values.enumerated() { base[index] = value }
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
        if count <= 32 {
            var index = 0
            for place in 0..<count { index &+= value > base[place] ? 1 : 0 }
            return index
        }
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) >> 1
            if value > base[middle] { low = middle &+ 1 } else { high = middle }
        }
        return low
    }
}
