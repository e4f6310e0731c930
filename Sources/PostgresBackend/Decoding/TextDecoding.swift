import SQLDatabase

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads the text form of values, as the server writes it with `DateStyle` ISO.
enum TextDecoding {
    /// A value, or `nil` when the text is not of that type.
    static func value(_ type: ColumnType, _ text: String, typeOID: UInt32) -> SQLValue? {
        switch type {
        case .integer16, .integer32, .integer64, .oid: Int64(text).map { .integer($0) }
        case .bool: text == "t" ? .bool(true) : text == "f" ? .bool(false) : nil
        case .float32: Float(text).map { .double(Double($0)) }
        case .float64: Double(text).map { .double($0) }
        case .text, .json, .jsonb, .character: .text(text)
        case .other: .other(text: text, typeOID: typeOID)
        case .numeric: .decimal(text)
        case .uuid: UUID(uuidString: text).map { .uuid($0) }
        case .bytes: bytes(text).map { .blob($0) }
        case .date: day(text).map { .date(days: $0) }
        case .timestamp, .timestampWithZone: moment(text).map { .timestamp(microseconds: $0) }
        case .void: .null
        case .array(let element): ArrayText.value(element, text, arrayOID: typeOID)
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
        default:
            // The ends of the range are the infinities.
            (text.hasSuffix(" BC") ? beforeChrist(text) : CalendarText.microseconds(text))
                .flatMap { $0 == .max || $0 == .min ? nil : $0 }
        }
    }

    /// The calendar begins in 4714 BC. The year 1 BC is the year 0, and leap years repeat every 400 years: reads the year
    /// in a cycle that is positive.
    private static func beforeChrist(_ text: String) -> Int64? {
        let body = text.dropLast(3)
        guard let dash = body.firstIndex(of: "-"), let year = Int64(body[..<dash]), (1...4714).contains(year) else {
            return nil
        }
        let cycles = (year + 399) / 400
        let moved = 1 - year + cycles * 400
        let digits = String(moved)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return CalendarText.microseconds(padded + body[dash...]).map { $0 - cycles * 146_097 * 86_400_000_000 }
    }
}
