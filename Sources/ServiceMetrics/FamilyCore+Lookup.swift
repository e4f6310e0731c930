/// Lookups by one to four values, without an array.
extension FamilyCore {
    func series(_ first: String) -> MetricSeries {
        var hash = LabelHash()
        hash.add(first)
        return cachedSeries(
            hash.state,
            matches: { index, bytes in index == 0 ? bytes.holds(first) : bytes.isEmpty }) ?? series([first])
    }

    func series(_ first: String, _ second: String) -> MetricSeries {
        var hash = LabelHash()
        hash.add(first)
        hash.add(second)
        return cachedSeries(
            hash.state,
            matches: { index, bytes in
                switch index {
                case 0: bytes.holds(first)
                case 1: bytes.holds(second)
                default: bytes.isEmpty
                }
            }) ?? series([first, second])
    }

    func series(_ first: String, _ second: String, _ third: String) -> MetricSeries {
        var hash = LabelHash()
        hash.add(first)
        hash.add(second)
        hash.add(third)
        return cachedSeries(
            hash.state,
            matches: { index, bytes in
                switch index {
                case 0: bytes.holds(first)
                case 1: bytes.holds(second)
                case 2: bytes.holds(third)
                default: bytes.isEmpty
                }
            }) ?? series([first, second, third])
    }

    func series(_ first: String, _ second: String, _ third: String, _ fourth: String) -> MetricSeries {
        var hash = LabelHash()
        hash.add(first)
        hash.add(second)
        hash.add(third)
        hash.add(fourth)
        return cachedSeries(
            hash.state,
            matches: { index, bytes in
                switch index {
                case 0: bytes.holds(first)
                case 1: bytes.holds(second)
                case 2: bytes.holds(third)
                default: bytes.holds(fourth)
                }
            }) ?? series([first, second, third, fourth])
    }
}

extension LabelHash {
    @inline(__always)
    mutating func add(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ add($0) }) == nil {
            var copy = text
            copy.withUTF8 { add($0) }
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether a text has just these bytes.
    @inline(__always)
    fileprivate func holds(_ text: String) -> Bool {
        guard text.utf8.count == count else { return false }
        guard let start = baseAddress else { return true }
        return text.utf8.withContiguousStorageIfAvailable { other in
            guard let base = other.baseAddress else { return true }
            return sameBytes(UnsafeRawPointer(base), UnsafeRawPointer(start), count)
        } ?? elementsEqual(text.utf8)
    }
}

/// Compares short texts eight bytes at a time, the last ones overlapping.
@inline(__always)
private func sameBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
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
