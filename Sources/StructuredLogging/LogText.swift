/// Texts as JSON strings.
extension LogBuffer {
    /// Bytes of one text that are shown; what is longer is cut, so that one record cannot push out all others.
    static let textLimit = 32 * 1024

    /// A JSON string.
    mutating func quote(_ text: String) { text.withBytes { quote($0) } }

    /// A JSON string of UTF-8.
    mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
        let end = text.count <= Self.textLimit ? text.count : cut(text)
        let place = room(for: end + 2)
        place[0] = UInt8(ascii: "\"")
        let plain = copyPlain(text, end, to: place + 1)
        advance(by: plain + 1)
        if plain < end { escape(text, from: plain, to: end) }
        if end < text.count { append("…") }
        append(UInt8(ascii: "\""))
    }

    /// Copies the plain ASCII that a text begins with, eight bytes at once; returns how much that is.
    @inline(__always)
    private func copyPlain(
        _ text: UnsafeBufferPointer<UInt8>, _ end: Int, to place: UnsafeMutablePointer<UInt8>
    ) -> Int {
        guard let start = text.baseAddress else { return 0 }
        let (source, target) = (UnsafeRawPointer(start), UnsafeMutableRawPointer(place))
        var index = 0
        while index + 8 <= end {
            let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard Self.isPlain(word) else { break }
            target.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < end {
            let byte = start[index]
            guard byte >= 0x20, byte != 0x22, byte != 0x5C, byte < 0x7F else { break }
            place[index] = byte
            index += 1
        }
        return index
    }

    /// Whether eight bytes are printable ASCII without quote and backslash. The highest bit of a byte is set by the first
    /// subtraction that goes below zero in it; see "Determine if a word has a byte less than n" in S. E. Anderson, "Bit
    /// Twiddling Hacks".
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let found =
            word | (word &- ones &* 0x20) | ((word ^ ones &* 0x22) &- ones) | ((word ^ ones &* 0x5C) &- ones)
            | ((word ^ ones &* 0x7F) &- ones)
        return found & ones &* 0x80 == 0
    }

    /// Where a text that is too long is cut: between two characters.
    private func cut(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        var end = Self.textLimit
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }

    /// Runs of bytes that need no escape are copied whole.
    @inline(never)
    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) {
        var plain = start
        var index = start
        while index < end {
            let byte = text[index]
            // Plain ASCII and most of UTF-8.
            if byte >= 0x20, byte != 0x22, byte != 0x5C, byte < 0x7F || byte >= 0xC3 && byte != 0xE2 {
                index += 1
                continue
            }
            let (length, code) = special(text, index, end)
            guard let code else {
                index += length
                continue
            }
            append(UnsafeBufferPointer(rebasing: text[plain..<index]))
            append(escaped: code)
            index += length
            plain = index
        }
        append(UnsafeBufferPointer(rebasing: text[plain..<end]))
    }

    /// How long a character is, and its code when it must be escaped: the controls of ASCII and of Latin-1, the line and
    /// paragraph separators, and those that turn the direction of writing.
    private func special(_ text: UnsafeBufferPointer<UInt8>, _ index: Int, _ end: Int) -> (Int, UInt16?) {
        let byte = text[index]
        if byte < 0x80 { return (1, UInt16(byte)) }
        if byte == 0xC2, index + 1 < end, text[index + 1] < 0xA0 { return (2, UInt16(text[index + 1])) }
        if byte == 0xE2, index + 2 < end {
            let code = 0x2000 | UInt16(text[index + 1] & 0x3F) << 6 | UInt16(text[index + 2] & 0x3F)
            if (0x2028...0x202E).contains(code) || (0x2066...0x2069).contains(code) { return (3, code) }
        }
        return (1, nil)
    }

    private mutating func append(escaped code: UInt16) {
        switch code {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            append("\\u")
            for shift in stride(from: 12 as UInt16, through: 0, by: -4) {
                let digit = UInt8(code >> shift & 0xF)
                append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }
}

extension String {
    /// Lends its UTF-8, which a string of Swift's own is not copied for.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
    }
}
