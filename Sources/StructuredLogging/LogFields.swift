import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A field that stands in a line's bytes: `,"key":value`.
struct LogField {
    /// The key's rank, then its first seven bytes: most fields are put in order by this alone.
    let order: UInt64
    let start: Int
    let keyEnd: Int
    let end: Int
}

/// The metadata of one record: the first to name a key wins. Ids come first, the rest by name, byte by byte.
///
/// Each field is written where it comes, and only its place is put in order: neither keys nor values are kept.
struct LogFields: ~Copyable {
    private let places: UnsafeMutableBufferPointer<LogField>
    private var count = 0

    /// - Parameter places: Room for as many as will be added.
    init(_ places: UnsafeMutableBufferPointer<LogField>) { self.places = places }

    mutating func add(_ metadata: Logger.Metadata, to line: inout LogLine) {
        for (key, value) in metadata {
            key.withBytes { add($0, value, to: &line) }
        }
    }

    private mutating func add(
        _ key: UnsafeBufferPointer<UInt8>, _ value: Logger.Metadata.Value, to line: inout LogLine
    ) {
        guard count < places.count, let order = Self.order(of: key) else { return }
        let start = line.bytes.count
        let keyEnd = line.field(key, value)
        let field = LogField(order: order, start: start, keyEnd: keyEnd, end: line.bytes.count)
        // A record has few fields: each is put where it belongs.
        var place = count
        while place > 0 {
            let other = places[place - 1]
            if other.order < order { break }
            if other.order == order {
                let difference = line.bytes.compare(other.start..<other.keyEnd, start..<keyEnd)
                if difference == 0 { return line.bytes.cut(to: start) }
                if difference < 0 { break }
            }
            place -= 1
        }
        var last = count
        while last > place {
            places[last] = places[last - 1]
            last -= 1
        }
        places[place] = field
        count += 1
    }

    /// Writes the fields again, in their order.
    func append(to line: inout LogLine) {
        for index in 0..<count { line.bytes.append(again: places[index].start..<places[index].end) }
    }

    /// `nil` for the keys that are the record's own.
    private static func order(of key: UnsafeBufferPointer<UInt8>) -> UInt64? {
        var order: UInt64 = 0
        for index in 0..<min(7, key.count) { order |= UInt64(key[index]) << UInt64(48 - index * 8) }
        let rank: UInt64
        switch key.count {
        case 2 where key.spells("ts"), 3 where key.spells("msg"), 5 where key.spells("level"),
            6 where key.spells("logger"):
            return nil
        case 6 where key.spells("job_id"): rank = 3
        case 7 where key.spells("span_id"): rank = 2
        case 8 where key.spells("trace_id"): rank = 1
        case 10 where key.spells("request_id"): rank = 0
        default: rank = 4
        }
        return rank << 56 | order
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these are the bytes of a text of the same length.
    @inline(__always)
    fileprivate func spells(_ text: StaticString) -> Bool {
        baseAddress.map { memcmp($0, text.utf8Start, count) == 0 } ?? true
    }
}
