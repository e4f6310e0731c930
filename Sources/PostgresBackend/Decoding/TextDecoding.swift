import SQLDatabase

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads the text form of values, as the server writes it with `DateStyle` ISO.
enum TextDecoding {
    /// A value, or `nil` when the text is not of that type.
    static func value(_ type: ColumnType, _ text: String) -> SQLValue? {
        switch type {
        case .integer16, .integer32, .integer64, .oid: Int64(text).map { .integer($0) }
        case .bool: text == "t" ? .bool(true) : text == "f" ? .bool(false) : nil
        case .float32: Float(text).map { .double(Double($0)) }
        case .float64: Double(text).map { .double($0) }
        case .text, .json, .jsonb, .other: .text(text)
        case .numeric: .decimal(text)
        case .uuid: UUID(uuidString: text).map { .uuid($0) }
        case .bytes: bytes(text).map { .blob($0) }
        case .date: day(text).map { .date(days: $0) }
        case .timestamp, .timestampWithZone: moment(text).map { .timestamp(microseconds: $0) }
        case .void: .null
        case .array(let element): array(element, text)
        }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.starts(with: "\\x".utf8), digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2 - 1)
        for index in stride(from: 2, to: digits.count, by: 2) {
            guard let high = hexValue(digits[index]), let low = hexValue(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func day(_ text: String) -> Int32? {
        switch text {
        case "infinity": .max
        case "-infinity": .min
        default:
            text.hasSuffix(" BC")
                ? beforeChrist(text).map { Int32(clamping: $0 / 86_400_000_000) } : CalendarText.days(text)
        }
    }

    private static func moment(_ text: String) -> Int64? {
        switch text {
        case "infinity": .max
        case "-infinity": .min
        default: text.hasSuffix(" BC") ? beforeChrist(text) : CalendarText.microseconds(text)
        }
    }

    /// The year 1 BC is the year 0, and leap years repeat every 400 years: reads the year in a cycle that is positive.
    private static func beforeChrist(_ text: String) -> Int64? {
        let body = text.dropLast(3)
        guard let dash = body.firstIndex(of: "-"), let year = Int64(body[..<dash]) else { return nil }
        let cycles = (year + 399) / 400
        let moved = 1 - year + cycles * 400
        let digits = String(moved)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return CalendarText.microseconds(padded + body[dash...]).map { $0 - cycles * 146_097 * 86_400_000_000 }
    }

    /// `{1,NULL,"with \"quotes\""}`, nested for more dimensions, with bounds such as `[2:3]=` before it at times.
    private static func array(_ element: ColumnType, _ text: String) -> SQLValue? {
        let bytes = Array(text.utf8)
        var cursor = 0
        if bytes.first == UInt8(ascii: "["), let equals = bytes.firstIndex(of: UInt8(ascii: "=")) {
            cursor = equals + 1
        }
        guard let value = arrayBody(element, bytes, &cursor), cursor == bytes.count else { return nil }
        return value
    }

    private static func arrayBody(_ element: ColumnType, _ bytes: [UInt8], _ cursor: inout Int) -> SQLValue? {
        guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: "{") else { return nil }
        cursor += 1
        var values: [SQLValue] = []
        while cursor < bytes.count {
            switch bytes[cursor] {
            case UInt8(ascii: "}"):
                cursor += 1
                return .array(values)
            case UInt8(ascii: ","):
                cursor += 1
            case UInt8(ascii: "{"):
                guard let inner = arrayBody(element, bytes, &cursor) else { return nil }
                values.append(inner)
            default:
                guard let item = arrayItem(element, bytes, &cursor) else { return nil }
                values.append(item)
            }
        }
        return nil
    }

    private static func arrayItem(_ element: ColumnType, _ bytes: [UInt8], _ cursor: inout Int) -> SQLValue? {
        var item: [UInt8] = []
        let isQuoted = bytes[cursor] == UInt8(ascii: "\"")
        if isQuoted { cursor += 1 }
        while cursor < bytes.count {
            let byte = bytes[cursor]
            if isQuoted ? byte == UInt8(ascii: "\"") : byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") { break }
            if byte == UInt8(ascii: "\\") { cursor += 1 }
            guard cursor < bytes.count else { return nil }
            item.append(bytes[cursor])
            cursor += 1
        }
        if isQuoted { cursor += 1 }
        let text = String(decoding: item, as: UTF8.self)
        return !isQuoted && text == "NULL" ? .null : value(element, text)
    }
}
