#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension UUID: SQLEncodable, SQLDecodable {
    /// A UUID; on SQLite lower-case text.
    public var sqlValue: SQLValue { .uuid(self) }
    /// Reads a UUID, its text, or its 16 bytes.
    public static func decode(_ value: SQLValue) -> UUID? {
        switch value {
        case .uuid(let value): return value
        case .text(let text): return UUID(uuidString: text)
        case .blob(let bytes): return bytes.count == 16 ? UUID(sqlBytes: bytes[...]) : nil
        default: return nil
        }
    }

    /// A UUID of its 16 bytes, in network order.
    package init(sqlBytes b: ArraySlice<UInt8>) {
        let i = b.startIndex
        self.init(
            uuid: (
                b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7], b[i + 8], b[i + 9],
                b[i + 10], b[i + 11], b[i + 12], b[i + 13], b[i + 14], b[i + 15]
            ))
    }
}

extension Date: SQLEncodable, SQLDecodable {
    /// A moment, to the microsecond; on SQLite text such as `2026-01-31T12:00:00.000000Z`.
    public var sqlValue: SQLValue {
        let microseconds = (timeIntervalSince1970 * 1_000_000).rounded()
        return .timestamp(microseconds: Int64(exactly: microseconds) ?? (microseconds < 0 ? .min : .max))
    }
    /// Reads a moment, the start of a day (UTC), ISO 8601 text, or seconds since 1970.
    public static func decode(_ value: SQLValue) -> Date? {
        switch value {
        case .timestamp(let microseconds): Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
        case .date(let days): Date(timeIntervalSince1970: Double(days) * 86_400)
        case .text(let text):
            CalendarText.microseconds(text).map { Date(timeIntervalSince1970: Double($0) / 1_000_000) }
        case .integer(let seconds): Date(timeIntervalSince1970: Double(seconds))
        case .double(let seconds): Date(timeIntervalSince1970: seconds)
        default: nil
        }
    }
}

extension Decimal: SQLEncodable, SQLDecodable {
    /// A decimal; on SQLite its digits as text.
    public var sqlValue: SQLValue { .decimal("\(self)") }
    /// Reads a decimal, an integer, or digits. `nil` where the number does not fit 38 digits exactly.
    public static func decode(_ value: SQLValue) -> Decimal? {
        switch value {
        case .decimal(let digits), .text(let digits): Decimal(string: digits)
        case .integer(let value): Decimal(value)
        default: nil
        }
    }
}
