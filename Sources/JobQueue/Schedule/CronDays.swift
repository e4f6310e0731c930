/// The two day fields of an expression: which days of a month match.
struct CronDays: Sendable, Hashable {
    private let ofMonth: DaysOfMonth
    private let ofWeek: DaysOfWeek
    /// Whether both fields are restricted: a day then needs to match only one of them.
    private let isEither: Bool

    init(ofMonth: Substring, ofWeek: Substring) throws(CronRefusal) {
        guard ofMonth != "?" || ofWeek != "?" else {
            throw CronRefusal("has ? in both day fields: write * in day of month or day of week")
        }
        self.ofMonth = try DaysOfMonth(ofMonth)
        self.ofWeek = try DaysOfWeek(ofWeek)
        isEither = Self.isRestricted(ofMonth) && Self.isRestricted(ofWeek)
    }

    private static func isRestricted(_ field: Substring) -> Bool { field.first != "*" && field != "?" }

    /// Returns the matching days of a month of 28 to 31 days whose first day has this weekday, 0 for Sunday.
    func matching(length: Int, firstWeekday: Int) -> NumberSet {
        let days = ofMonth.matching(length: length, firstWeekday: firstWeekday)
        let weekdays = ofWeek.matching(length: length, firstWeekday: firstWeekday)
        return NumberSet(bits: isEither ? days.bits | weekdays.bits : days.bits & weekdays.bits)
    }
}

/// The field for the day of the month.
private struct DaysOfMonth: Hashable {
    private var numbers = NumberSet()
    /// Days before the last one: `L` is 0, `L-3` is 3.
    private var fromEnd = NumberSet()
    /// `15W`: days whose nearest weekday matches.
    private var nearest = NumberSet()
    private var hasLastWeekday = false

    init(_ text: Substring) throws(CronRefusal) {
        let field = CronField.dayOfMonth
        for part in field.parts(of: text == "?" ? "*" : text) {
            if part == "L" {
                fromEnd.insert(0)
            } else if part == "LW" {
                hasLastWeekday = true
            } else if part.hasPrefix("L-") {
                guard let days = field.number(part.dropFirst(2), in: 0...30) else { throw field.refusal(part) }
                fromEnd.insert(days)
            } else if part.last == "W" {
                guard let day = field.number(part.dropLast(), in: field.range) else { throw field.refusal(part) }
                nearest.insert(day)
            } else {
                try field.read(part, into: &numbers)
            }
        }
    }

    func matching(length: Int, firstWeekday: Int) -> NumberSet {
        var days = NumberSet(bits: numbers.bits & UInt64.max >> UInt64(63 - length))
        for day in 1...length {
            if fromEnd.contains(length - day) { days.insert(day) }
            if nearest.contains(day) || hasLastWeekday && day == length {
                days.insert(Self.weekday(nearest: day, length: length, firstWeekday: firstWeekday))
            }
        }
        return days
    }

    private static func weekday(nearest day: Int, length: Int, firstWeekday: Int) -> Int {
        switch (firstWeekday + day - 1) % 7 {
        case 6: day == 1 ? day + 2 : day - 1
        case 0: day == length ? day - 2 : day + 1
        default: day
        }
    }
}

/// The field for the day of the week.
private struct DaysOfWeek: Hashable {
    /// Bit `7 * n + weekday` for the weekday's occurrence number n + 1 in the month; all five for a plain weekday.
    private var occurrences: UInt64 = 0
    /// Weekdays whose last occurrence matches.
    private var last = NumberSet()

    /// One day in each of five weeks.
    private static let weekly: UInt64 = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28

    init(_ text: Substring) throws(CronRefusal) {
        let field = CronField.dayOfWeek
        var weekdays = NumberSet()
        for part in field.parts(of: text == "?" ? "*" : text) {
            if part.last == "L" {
                guard let weekday = field.value(part.dropLast()) else { throw field.refusal(part) }
                last.insert(weekday % 7)
            } else if let sign = part.firstIndex(of: "#") {
                guard let weekday = field.value(part[..<sign]),
                    let number = field.number(part[part.index(after: sign)...], in: 1...5)
                else { throw field.refusal(part) }
                occurrences |= 1 << UInt64(7 * (number - 1) + weekday % 7)
            } else {
                try field.read(part, into: &weekdays)
            }
        }
        for number in 0...7 where weekdays.contains(number) { occurrences |= Self.weekly << UInt64(number % 7) }
    }

    func matching(length: Int, firstWeekday: Int) -> NumberSet {
        let month = UInt64.max >> UInt64(63 - length)
        var days = NumberSet()
        for weekday in 0..<7 {
            let firstDay = UInt64(1 + (weekday - firstWeekday + 7) % 7)
            days.bits |= (occurrences >> UInt64(weekday) & Self.weekly) << firstDay & month
            if last.contains(weekday) {
                days.insert(63 - (Self.weekly << firstDay & month).leadingZeroBitCount)
            }
        }
        return days
    }
}
