#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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
            return memcmp(base, start, count) == 0
        } ?? elementsEqual(text.utf8)
    }
}
