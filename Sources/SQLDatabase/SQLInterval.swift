/// A span of time as PostgreSQL's type `interval` holds it: months, days and microseconds, which do not convert into
/// one another because months and days differ in length.
public struct SQLInterval: Sendable, Hashable {
    /// The months; twelve for each year.
    public var months: Int32
    /// The days.
    public var days: Int32
    /// The microseconds; hours, minutes and seconds are a number of these.
    public var microseconds: Int64

    /// Creates an interval of its three parts.
    public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }

    /// Reads the text that PostgreSQL writes under `IntervalStyle = postgres`, its default: `1 year 2 mons -3 days
    /// +04:05:06.7`. `nil` where the text has another form.
    public init?(_ text: String) {
        var months: Int64 = 0
        var days: Int64 = 0
        var microseconds: Int64 = 0
        var units: Set<Substring> = []
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        var index = 0
        while index < words.count {
            if index == words.count - 1 {
                guard let time = Self.time(words[index]) else { return nil }
                microseconds = time
                break
            }
            guard let count = Int32(words[index]) else { return nil }
            let unit = words[index + 1]
            let name = unit.hasSuffix("s") ? unit.dropLast() : unit
            guard units.insert(name).inserted else { return nil }
            switch name {
            case "year": months += Int64(count) * 12
            case "mon": months += Int64(count)
            case "day": days = Int64(count)
            default: return nil
            }
            index += 2
        }
        guard let months = Int32(exactly: months), let days = Int32(exactly: days) else { return nil }
        self.init(months: months, days: days, microseconds: microseconds)
    }

    /// `[+-]h…hh:mm:ss[.ffffff]`.
    private static func time(_ text: Substring) -> Int64? {
        let isNegative = text.first == "-"
        let body = isNegative || text.first == "+" ? text.dropFirst() : text
        let parts = body.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count >= 2, let hours = digits(parts[0]) else { return nil }
        // The rest has the form of a time of day.
        guard let rest = CalendarText.timeOfDay("00:" + parts[1] + ":" + parts[2]), parts[2].utf8.count >= 2,
            rest < 3_600_000_000
        else { return nil }
        let total = Int128(hours) * 3_600_000_000 + Int128(rest)
        return Int64(exactly: isNegative ? -total : total)
    }

    private static func digits(_ text: Substring) -> Int64? {
        text.utf8.allSatisfy(SQLLexer.isDigit) ? Int64(text) : nil
    }
}

extension SQLInterval: CustomStringConvertible {
    /// The interval as PostgreSQL reads it, each part with a sign of its own: `14 mons -3 days 04:05:06.700000`.
    public var description: String {
        let seconds = microseconds.magnitude / 1_000_000
        let fraction = String(microseconds.magnitude % 1_000_000)
        func padded(_ value: UInt64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        var text = months == 0 ? "" : "\(months) mons "
        if days != 0 { text += "\(days) days " }
        text +=
            (microseconds < 0 ? "-" : "") + padded(seconds / 3600) + ":" + padded(seconds / 60 % 60) + ":"
            + padded(seconds % 60)
        return fraction == "0" ? text : text + "." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
    }
}

extension SQLInterval: SQLEncodable, SQLDecodable {
    /// A value of PostgreSQL's type `interval`; on SQLite its text.
    public var sqlValue: SQLValue { .other(text: description, typeOID: 1186) }
    /// Reads an interval, or its text.
    public static func decode(_ value: SQLValue) -> SQLInterval? {
        switch value {
        case .other(let text, 1186), .text(let text): SQLInterval(text)
        default: nil
        }
    }
}

extension Duration: SQLEncodable, SQLDecodable {
    /// An interval without months and days, to the microsecond.
    /// - Throws: ``SQLQueryError`` for a duration of more than 292,000 years.
    public var sqlValue: SQLValue {
        get throws(SQLQueryError) {
            let (seconds, attoseconds) = components
            let (fraction, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000)
            let rounding: Int64 = rest >= 500_000_000_000 ? 1 : rest <= -500_000_000_000 ? -1 : 0
            guard let total = Int64(exactly: Int128(seconds) * 1_000_000 + Int128(fraction + rounding)) else {
                throw SQLQueryError("a Duration is beyond the range of intervals; bind SQLValue.null instead")
            }
            return SQLInterval(microseconds: total).sqlValue
        }
    }
    /// Reads an interval that has neither months nor days, whose lengths differ.
    public static func decode(_ value: SQLValue) -> Duration? {
        guard let interval = SQLInterval.decode(value), interval.months == 0, interval.days == 0 else { return nil }
        return .microseconds(interval.microseconds)
    }
}
