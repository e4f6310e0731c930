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
    /// - Throws: ``SQLQueryError`` for a moment more than 292,000 years from 1970, and for one that is not a number.
    public var sqlValue: SQLValue {
        get throws(SQLQueryError) {
            // The ends of the range stand for infinity.
            guard let microseconds = Int64(exactly: (timeIntervalSince1970 * 1_000_000).rounded()),
                microseconds != .min, microseconds != .max
            else {
                throw SQLQueryError("a Date is beyond the range of timestamps; bind SQLValue.null or infinity instead")
            }
            return .timestamp(microseconds: microseconds)
        }
    }
    /// Reads a moment, the start of a day (UTC), ISO 8601 text, or seconds since 1970. PostgreSQL's infinite moments
    /// and days are not dates.
    public static func decode(_ value: SQLValue) -> Date? {
        switch value {
        case .timestamp(.min), .timestamp(.max), .date(.min), .date(.max): nil
        case .timestamp(let microseconds): Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
        case .date(let days): Date(timeIntervalSince1970: Double(days) * 86_400)
        case .text(let text):
            CalendarText.microseconds(text).map { Date(timeIntervalSince1970: Double($0) / 1_000_000) }
        case .integer(let seconds): Double(exactly: seconds).map { Date(timeIntervalSince1970: $0) }
        case .double(let seconds): seconds.isFinite ? Date(timeIntervalSince1970: seconds) : nil
        default: nil
        }
    }
}

extension Decimal: SQLEncodable, SQLDecodable {
    /// A decimal; on SQLite its digits as text.
    public var sqlValue: SQLValue { .decimal(isNaN ? "NaN" : description) }
    /// Reads a decimal, an integer, a double of at most 15 significant digits, or digits; `nil` where a `Decimal`,
    /// which holds 38 digits, would round the number.
    public static func decode(_ value: SQLValue) -> Decimal? {
        switch value {
        case .decimal("NaN"): .nan
        case .decimal(let digits), .text(let digits): exact(digits)
        case .integer(let value): Decimal(value)
        // Fifteen digits are what every double keeps of a decimal.
        case .double(let value): value.isFinite ? exact("\(value)", limit: 15) : nil
        default: nil
        }
    }

    private static func exact(_ text: String, limit: Int = 39) -> Decimal? {
        guard let wanted = DecimalText(text), wanted.digits.count <= limit, let value = Decimal(string: text),
            DecimalText(value.description) == wanted
        else { return nil }
        return value
    }
}

extension Data: SQLEncodable, SQLDecodable {
    /// Bytes.
    public var sqlValue: SQLValue { .blob([UInt8](self)) }
    /// Reads bytes.
    public static func decode(_ value: SQLValue) -> Data? {
        if case .blob(let bytes) = value { Data(bytes) } else { nil }
    }
}

extension URL: SQLEncodable, SQLDecodable {
    /// The absolute text.
    public var sqlValue: SQLValue { .text(absoluteString) }
    /// Reads text that is a URL as it stands, without percent-encoding what it does not allow.
    public static func decode(_ value: SQLValue) -> URL? {
        guard case .text(let text) = value, let url = URL(string: text), url.absoluteString == text else { return nil }
        return url
    }
}
