/// Moments of a calendar in five fields: minute, hour, day of month, month, day of week.
///
/// Each field is `*` or a list of numbers, names (`JAN`…`DEC`, `SUN`…`SAT`), ranges and steps: `*/15`, `9-17/2`,
/// `MON-FRI`. Sunday is 0 or 7. Where both day fields are restricted a day needs to match only one of them, as in
/// POSIX `crontab`. `@yearly`, `@monthly`, `@weekly`, `@daily`, `@hourly` and their synonyms are known.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// The text it was read from.
    public let description: String
    let minutes: UInt64
    let hours: UInt64
    let days: UInt64
    let months: UInt64
    let weekdays: UInt64
    /// Whether a day needs to match only one of the two day fields.
    private let isEither: Bool
    /// Whether the hour is left open: such a rhythm follows the time that passes, not the clock on the wall.
    let followsElapsedTime: Bool

    private static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// Reads an expression.
    /// - Throws: ``JobError`` with `invalidSchedule` that names the field and what may stand there.
    public init(_ text: String) throws(JobError) {
        description = text
        let trimmed = text.lowercased()
        let fields = (Self.nicknames[trimmed] ?? trimmed).split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard fields.count == 5 else {
            throw JobError(
                .invalidSchedule,
                "“\(text)” has \(fields.count) fields; a cron expression has five: minute hour day month weekday")
        }
        minutes = try CronField.minute.read(fields[0])
        hours = try CronField.hour.read(fields[1])
        days = try CronField.day.read(fields[2])
        months = try CronField.month.read(fields[3])
        let named = try CronField.weekday.read(fields[4])
        weekdays = (named | named >> 7) & 0x7F
        isEither = fields[2].first != "*" && fields[4].first != "*"
        followsElapsedTime = fields[1].first == "*"
        let possible = (1...12).contains { month in
            months & 1 << UInt64(month) != 0
                && days & (UInt64.max >> UInt64(63 - CivilTime.longest(month: month))) != 0
        }
        guard possible || isEither else {
            throw JobError(.invalidSchedule, "“\(text)” names a day that none of its months has")
        }
    }

    /// Whether the date of this moment matches.
    func matchesDate(_ time: CivilTime) -> Bool {
        guard months & 1 << UInt64(time.month) != 0 else { return false }
        let day = days & 1 << UInt64(time.day) != 0
        let weekday = weekdays & 1 << UInt64(time.weekday) != 0
        return isEither ? day || weekday : day && weekday
    }

    func matchesTime(_ time: CivilTime) -> Bool {
        hours & 1 << UInt64(time.hour) != 0 && minutes & 1 << UInt64(time.minute) != 0
    }
}

/// One of the five fields: its range and its names.
private struct CronField {
    let name: String
    let range: ClosedRange<Int>
    var names: [Substring: Int] = [:]

    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let day = CronField(name: "day of month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        names: table("jan feb mar apr may jun jul aug sep oct nov dec", from: 1))
    static let weekday = CronField(
        name: "day of week", range: 0...7, names: table("sun mon tue wed thu fri sat", from: 0))

    private static func table(_ names: String, from first: Int) -> [Substring: Int] {
        Dictionary(uniqueKeysWithValues: names.split(separator: " ").enumerated().map { ($1, $0 + first) })
    }

    /// The numbers of a field as bits.
    func read(_ text: Substring) throws(JobError) -> UInt64 {
        var bits: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
            guard let head = pieces.first, !head.isEmpty, pieces.count <= 2 else { throw complaint(text) }
            var step = 1
            if pieces.count == 2 {
                guard let given = number(pieces[1]), given >= 1 else { throw complaint(text) }
                step = given
            }
            let span = try span(of: head, hasStep: pieces.count == 2, in: text)
            for value in stride(from: span.lowerBound, through: span.upperBound, by: step) {
                bits |= 1 << UInt64(value)
            }
        }
        return bits
    }

    private func span(of head: Substring, hasStep: Bool, in text: Substring) throws(JobError) -> ClosedRange<Int> {
        if head == "*" { return range }
        let ends = head.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = ends.first.flatMap(value), range.contains(first), ends.count <= 2 else {
            throw complaint(text)
        }
        guard ends.count == 2 else { return first...(hasStep ? range.upperBound : first) }
        guard let last = value(ends[1]), range.contains(last), first <= last else { throw complaint(text) }
        return first...last
    }

    private func value(_ text: Substring) -> Int? { names[text] ?? number(text) }

    private func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    private func complaint(_ text: Substring) -> JobError {
        let words = names.isEmpty ? "" : " or names"
        return JobError(
            .invalidSchedule,
            "“\(text)” is no \(name): it takes *, or numbers \(range.lowerBound)…\(range.upperBound)\(words), as lists, "
                + "ranges and steps")
    }
}
