extension [UInt8] {
    @inline(__always)
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    mutating func append(_ text: String) { append(contentsOf: text.utf8) }

    mutating func append(_ number: Int) {
        if number < 0 {
            append(UInt8(ascii: "-"))
            append(-number)
            return
        }
        if number >= 10 { append(number / 10) }
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// A number of at least so many digits.
    mutating func append(_ number: Int, digits: Int) {
        var bound = 10
        for _ in 1..<digits {
            if number < bound { append(UInt8(ascii: "0")) }
            bound *= 10
        }
        append(number)
    }

    /// Text in quotes, escaped as JSON asks.
    mutating func appendJSONString(_ text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\r"): append("\\r")
            case UInt8(ascii: "\t"): append("\\t")
            case 0..<0x20:
                append("\\u00")
                append(byte < 16 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
                append(contentsOf: String(byte % 16, radix: 16).utf8)
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    /// Minutes after the midnight of a day, as ISO 8601 in UTC: `2025-06-01T08:15:00Z`.
    mutating func appendTime(_ base: Int, minute: Int) {
        let day = CalendarDay(number: base + minute / 1440)
        appendDay(day)
        append(UInt8(ascii: "T"))
        append(minute % 1440 / 60, digits: 2)
        append(UInt8(ascii: ":"))
        append(minute % 60, digits: 2)
        append(":00Z")
    }

    mutating func appendDay(_ day: CalendarDay) {
        append(day.year, digits: 4)
        append(UInt8(ascii: "-"))
        append(day.month, digits: 2)
        append(UInt8(ascii: "-"))
        append(day.day, digits: 2)
    }
}
