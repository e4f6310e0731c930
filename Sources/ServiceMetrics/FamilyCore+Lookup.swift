/// Lookups by one to four values in the cache, without an array: each value's bytes are taken once, hashed and compared.
extension FamilyCore {
    func find(_ first: String) -> Unmanaged<MetricSeries>? {
        first.withBytes { first in
            var hash = LabelHash(seed: seed)
            hash.add(first)
            return cachedSeries(hash.state) { index, bytes in index == 0 ? same(bytes, first) : bytes.isEmpty }
        }
    }

    func find(_ first: String, _ second: String) -> Unmanaged<MetricSeries>? {
        first.withBytes { first in
            second.withBytes { second in
                var hash = LabelHash(seed: seed)
                hash.add(first)
                hash.add(second)
                return cachedSeries(hash.state) { index, bytes in
                    switch index {
                    case 0: same(bytes, first)
                    case 1: same(bytes, second)
                    default: bytes.isEmpty
                    }
                }
            }
        }
    }

    func find(_ first: String, _ second: String, _ third: String) -> Unmanaged<MetricSeries>? {
        first.withBytes { first in
            second.withBytes { second in
                third.withBytes { third in
                    var hash = LabelHash(seed: seed)
                    hash.add(first)
                    hash.add(second)
                    hash.add(third)
                    return cachedSeries(hash.state) { index, bytes in
                        switch index {
                        case 0: same(bytes, first)
                        case 1: same(bytes, second)
                        case 2: same(bytes, third)
                        default: bytes.isEmpty
                        }
                    }
                }
            }
        }
    }

    func find(_ first: String, _ second: String, _ third: String, _ fourth: String) -> Unmanaged<MetricSeries>? {
        first.withBytes { first in
            second.withBytes { second in
                third.withBytes { third in
                    fourth.withBytes { fourth in
                        var hash = LabelHash(seed: seed)
                        hash.add(first)
                        hash.add(second)
                        hash.add(third)
                        hash.add(fourth)
                        return cachedSeries(hash.state) { index, bytes in
                            switch index {
                            case 0: same(bytes, first)
                            case 1: same(bytes, second)
                            case 2: same(bytes, third)
                            default: same(bytes, fourth)
                            }
                        }
                    }
                }
            }
        }
    }
}

extension FamilyCore {
    func series(_ first: String) -> MetricSeries { find(first)?.takeUnretainedValue() ?? series([first]) }

    func series(_ first: String, _ second: String) -> MetricSeries {
        find(first, second)?.takeUnretainedValue() ?? series([first, second])
    }

    func series(_ first: String, _ second: String, _ third: String) -> MetricSeries {
        find(first, second, third)?.takeUnretainedValue() ?? series([first, second, third])
    }

    func series(_ first: String, _ second: String, _ third: String, _ fourth: String) -> MetricSeries {
        find(first, second, third, fourth)?.takeUnretainedValue() ?? series([first, second, third, fourth])
    }
}

extension String {
    /// The bytes, where they lie in a row, as those of Swift's own strings do.
    @inline(__always)
    fileprivate func withBytes(
        _ body: (UnsafeBufferPointer<UInt8>) -> Unmanaged<MetricSeries>?
    ) -> Unmanaged<MetricSeries>? {
        utf8.withContiguousStorageIfAvailable(body) ?? nil
    }
}

/// Compares short texts eight bytes at a time, the last ones overlapping.
@inline(__always)
private func same(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    let count = left.count
    guard count == right.count else { return false }
    guard let left = UnsafeRawPointer(left.baseAddress), let right = UnsafeRawPointer(right.baseAddress) else {
        return count == 0
    }
    if count >= 8 {
        var place = 0
        while place &+ 8 < count {
            if left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                != right.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            {
                return false
            }
            place &+= 8
        }
        return left.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            == right.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    }
    if count >= 4 {
        return left.loadUnaligned(as: UInt32.self) == right.loadUnaligned(as: UInt32.self)
            && left.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
                == right.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
    }
    var place = 0
    while place < count {
        if left.load(fromByteOffset: place, as: UInt8.self) != right.load(fromByteOffset: place, as: UInt8.self) {
            return false
        }
        place &+= 1
    }
    return true
}
