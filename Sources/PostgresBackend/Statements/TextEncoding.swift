import SQLDatabase

/// Values as PostgreSQL reads them from text.
enum TextEncoding {
    static func append(_ value: SQLValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: break
        case .bool(let value): bytes.append(value ? UInt8(ascii: "t") : UInt8(ascii: "f"))
        case .integer(let value): append(value, to: &bytes)
        case .double(let value): bytes.append(contentsOf: "\(value)".utf8)
        case .text(let value), .decimal(let value), .other(let value, _): bytes.append(contentsOf: value.utf8)
        case .blob(let value):
            bytes.append(contentsOf: "\\x".utf8)
            for byte in value {
                bytes.append(digit(byte >> 4))
                bytes.append(digit(byte & 15))
            }
        case .uuid: if case .text(let text) = value.basic { bytes.append(contentsOf: text.utf8) }
        case .timestamp(.max), .date(.max): bytes.append(contentsOf: "infinity".utf8)
        case .timestamp(.min), .date(.min): bytes.append(contentsOf: "-infinity".utf8)
        case .timestamp(let microseconds):
            bytes.append(contentsOf: beforeChrist(CalendarText.timestamp(microseconds)).utf8)
        case .date(let days): bytes.append(contentsOf: beforeChrist(CalendarText.date(days)).utf8)
        case .array(let values):
            bytes.append(UInt8(ascii: "{"))
            let delimiter = UInt8(ascii: holdsBoxes(values) ? ";" : ",")
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(delimiter) }
                appendElement(value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// `box` is the one type whose arrays are not split at commas (`pg_type.typdelim`).
    private static func holdsBoxes(_ values: [SQLValue]) -> Bool {
        for value in values {
            switch value {
            case .null: continue
            case .array(let values) where !values.isEmpty: return holdsBoxes(values)
            case .other(_, let type): return type == 603
            default: return false
            }
        }
        return false
    }

    private static func appendElement(_ value: SQLValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(contentsOf: "NULL".utf8)
        case .text(let text), .decimal(let text), .other(let text, _):
            bytes.append(UInt8(ascii: "\""))
            for byte in text.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        case .blob:
            bytes.append(contentsOf: "\"\\".utf8)
            append(value, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        case .timestamp, .date:
            bytes.append(UInt8(ascii: "\""))
            append(value, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        default: append(value, to: &bytes)
        }
    }

    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        if value == 0 {
            bytes.append(UInt8(ascii: "0"))
            return
        }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = value.magnitude
        while rest > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        bytes[start...].reverse()
    }

    /// The calendar counts a year 0 and minus years; PostgreSQL says `0001-01-01 BC` for the year 0.
    private static func beforeChrist(_ text: String) -> String {
        let isNegative = text.hasPrefix("-")
        let body = isNegative ? text.dropFirst() : text[...]
        guard let dash = body.firstIndex(of: "-"), let year = Int(body[..<dash]), isNegative || year == 0 else {
            return text
        }
        let digits = String(year + 1)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + body[dash...] + " BC"
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
