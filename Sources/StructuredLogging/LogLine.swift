import Logging

/// A line of JSON under construction.
struct LogLine {
    /// Bytes of one text that are shown; what is longer is cut, so that one record cannot push out all others.
    static let textLimit = 32 * 1024
    /// How deep metadata may nest.
    static let depthLimit = 16

    private let redaction: LogRedaction
    var bytes: [UInt8] = []

    init(redaction: LogRedaction) {
        self.redaction = redaction
        bytes.reserveCapacity(512)
    }

    /// `{"ts":"2025-06-01T12:00:00.000000Z`, without the closing quote.
    mutating func open(seconds: Int64, microseconds: Int64) {
        raw("{\"ts\":\"")
        let (days, rest) = (seconds / 86_400, seconds % 86_400)
        let date = civil(days)
        pair(date.year / 100)
        pair(date.year % 100, then: "-")
        pair(date.month, then: "-")
        pair(date.day, then: "T")
        pair(rest / 3600, then: ":")
        pair(rest / 60 % 60, then: ":")
        pair(rest % 60, then: ".")
        pair(microseconds / 10_000)
        pair(microseconds / 100 % 100)
        pair(microseconds % 100, then: "Z")
    }

    /// The whole line.
    mutating func close() -> [UInt8] {
        raw("}\n")
        return bytes
    }

    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func field(_ key: String, _ value: Logger.Metadata.Value, depth: Int = 0) {
        quote(key)
        bytes.append(UInt8(ascii: ":"))
        if redaction.hides(key) { raw("\"[redacted]\"") } else { append(value, depth: depth) }
    }

    private mutating func append(_ value: Logger.Metadata.Value, depth: Int) {
        guard depth < Self.depthLimit else { return raw("\"[too deep]\"") }
        switch value {
        case .string(let text): quote(text)
        case .stringConvertible(let value): append(value)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(value, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let values):
            bytes.append(UInt8(ascii: "{"))
            for (index, pair) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                field(pair.key, pair.value, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "}"))
        @unknown default: quote("\(value)")
        }
    }

    /// Numbers and truth values stay what they are.
    private mutating func append(_ value: any CustomStringConvertible) {
        switch value {
        case let number as Int: append(number)
        case let flag as Bool: flag ? raw("true") : raw("false")
        case let number as Double:
            if number.isFinite { bytes.append(contentsOf: number.description.utf8) } else { quote(number.description) }
        case let number as Float where number.isFinite: bytes.append(contentsOf: number.description.utf8)
        case let number as any BinaryInteger: bytes.append(contentsOf: "\(number)".utf8)
        default: quote(value.description)
        }
    }

    private mutating func append(_ number: Int) {
        var rest = number.magnitude
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// A JSON string. Runs of plain bytes are copied whole.
    mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.withContiguousStorageIfAvailable({ escape($0) }) == nil {
            Array(text.utf8).withUnsafeBufferPointer { escape($0) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        var end = text.count
        if end > Self.textLimit {
            end = Self.textLimit
            while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        }
        var plain = 0
        var index = 0
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
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plain..<index]))
            append(escaped: code)
            index += length
            plain = index
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plain..<end]))
        if end < text.count { raw("…") }
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
        case 0x22: raw("\\\"")
        case 0x5C: raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        default:
            raw("\\u")
            for shift in [12, 8, 4, 0] as [UInt16] {
                let digit = UInt8(code >> shift & 0xF)
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    /// Two digits, and what follows them.
    private mutating func pair(_ number: Int64, then next: Unicode.Scalar? = nil) {
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
        if let next { bytes.append(UInt8(truncatingIfNeeded: next.value)) }
    }
}

/// The date of a day since 1970. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}
