#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Bytes under construction. They are freed with the value, and nobody else holds them: appending asks for room and
/// nothing more.
struct LogBuffer: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(16, capacity)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// The bytes from a place to the end, valid until the next change.
    func bytes(from start: Int = 0) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base + start, count: count - start)
    }

    /// Where to write bytes that ``advance(by:)`` will then count.
    @inline(__always)
    mutating func room(for more: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity - count < more { grow(by: more) }
        return base + count
    }

    @inline(__always)
    mutating func advance(by written: Int) { count += written }

    /// Takes back what came last.
    mutating func cut(to count: Int) { self.count = count }

    mutating func set(_ byte: UInt8, at place: Int) { base[place] = byte }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        room(for: 1).pointee = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        room(for: bytes.count).update(from: start, count: bytes.count)
        count += bytes.count
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append($0) }
    }

    /// Appends a part of what is here already.
    mutating func append(again part: Range<Int>) {
        room(for: part.count).update(from: base + part.lowerBound, count: part.count)
        count += part.count
    }

    /// Below, at or above 0 as one part comes before, is the same as or comes after another, byte by byte.
    func compare(_ one: Range<Int>, _ other: Range<Int>) -> Int {
        let order = memcmp(base + one.lowerBound, base + other.lowerBound, min(one.count, other.count))
        return order == 0 ? one.count - other.count : Int(order)
    }

    /// Two decimal digits, and what follows them.
    @inline(__always)
    mutating func append(pair number: Int64, then next: Unicode.Scalar? = nil) {
        let place = room(for: 3)
        place[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10)
        place[1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
        if let next { place[2] = UInt8(truncatingIfNeeded: next.value) }
        count += next == nil ? 2 : 3
    }

    mutating func append(_ number: Int) {
        let place = room(for: 20)
        var (rest, digits) = (number.magnitude, 0)
        repeat {
            place[digits] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            digits += 1
        } while rest > 0
        if number < 0 {
            place[digits] = UInt8(ascii: "-")
            digits += 1
        }
        let written = UnsafeMutableBufferPointer(start: place, count: digits)
        for index in 0..<digits / 2 { written.swapAt(index, digits - 1 - index) }
        count += digits
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }
}
