/// A time of day without a zone, as PostgreSQL's type `time` holds it.
public struct SQLTime: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The microseconds since midnight, 0 to 86,400,000,000. The last is 24:00:00, the end of the day.
    public let microseconds: Int64

    /// Creates a time of day; `nil` beyond 24:00:00.
    /// - Parameter microseconds: The microseconds since midnight.
    public init?(microseconds: Int64) {
        guard (0...86_400_000_000).contains(microseconds) else { return nil }
        self.microseconds = microseconds
    }

    /// Creates a time of day; `nil` where a part is out of range.
    public init?(hour: Int, minute: Int, second: Int = 0, microsecond: Int = 0) {
        guard (0...24).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999_999).contains(microsecond)
        else { return nil }
        self.init(microseconds: Int64((hour * 3600 + minute * 60 + second) * 1_000_000 + microsecond))
    }

    /// Reads `12:30`, `12:30:15` or `12:30:15.25`; `nil` where the text has another form or is finer than
    /// a microsecond.
    public init?(_ text: String) {
        guard let microseconds = CalendarText.timeOfDay(text) else { return nil }
        self.init(microseconds: microseconds)
    }

    /// The hour, 0 to 24.
    public var hour: Int { Int(microseconds / 3_600_000_000) }
    /// The minute of the hour.
    public var minute: Int { Int(microseconds / 60_000_000 % 60) }
    /// The second of the minute.
    public var second: Int { Int(microseconds / 1_000_000 % 60) }
    /// The microsecond of the second.
    public var microsecond: Int { Int(microseconds % 1_000_000) }

    /// `12:30:15`, with six digits after the point where there is a fraction.
    public var description: String { CalendarText.timeOfDay(microseconds) }

    /// Whether one time of day is before another.
    public static func < (one: SQLTime, other: SQLTime) -> Bool { one.microseconds < other.microseconds }
}

extension SQLTime: SQLEncodable, SQLDecodable {
    /// A value of PostgreSQL's type `time`; on SQLite its text.
    public var sqlValue: SQLValue { .other(text: description, typeOID: 1083) }
    /// Reads a time of day, or its text.
    public static func decode(_ value: SQLValue) -> SQLTime? {
        switch value {
        case .other(let text, 1083), .text(let text): SQLTime(text)
        default: nil
        }
    }
}
