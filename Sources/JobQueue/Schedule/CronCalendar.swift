/// The five fields of an expression, matched against a clock on the wall, without a zone.
struct CronCalendar: Sendable, Hashable {
    private let minutes: NumberSet
    private let hours: NumberSet
    private let months: NumberSet
    private let days: CronDays
    /// Whether the hour is left open: such a rhythm follows the time that passes, not the clock on the wall.
    let followsElapsedTime: Bool

    /// Reads the fields, in upper case.
    init(fields: [Substring]) throws(CronRefusal) {
        guard fields.count == 5 else {
            let extra = " It takes no seconds and no years: leave them out, or write a rhythm of seconds as @every 10s."
            throw CronRefusal(
                "has \(fields.count) fields. It takes five: minute, hour, day of month, month, day of week."
                    + (fields.count > 5 ? extra : ""))
        }
        minutes = try CronField.minute.numbers(fields[0])
        hours = try CronField.hour.numbers(fields[1])
        days = try CronDays(ofMonth: fields[2], ofWeek: fields[4])
        months = try CronField.month.numbers(fields[3])
        followsElapsedTime = fields[1].first == "*"
        guard isPossible else {
            throw CronRefusal(
                "never comes true: no month of “\(fields[3].prefix(40))” has the day of month “\(fields[2].prefix(40))” "
                    + "and day of week “\(fields[4].prefix(40))”; change one of the three")
        }
    }

    /// Whether a day can match. In the 400 years of the calendar's cycle every month starts on each weekday, at each of
    /// its lengths.
    private var isPossible: Bool {
        (1...12).contains { month in
            months.contains(month)
                && (month == 2 ? [28, 29] : [CivilTime.longest(month: month)]).contains { length in
                    (0..<7).contains { !days.matching(length: length, firstWeekday: $0).isEmpty }
                }
        }
    }

    /// Returns the first matching minute that is not before a moment, both in seconds since 1970 as the clock on the
    /// wall shows them.
    ///
    /// Complexity: O(1). At worst it goes through the months of 41 years, since 29 February comes on a given weekday at
    /// least every 40 years. There is always such a minute.
    func next(from local: Int64) -> Int64? {
        let minute = (local + 59).flooredQuotient(60)
        let today = minute.flooredQuotient(1440)
        guard var day = nextDay(from: today) else { return nil }
        if day == today {
            if let time = time(from: Int(minute - today * 1440)) { return (today * 1440 + Int64(time)) * 60 }
            guard let later = nextDay(from: today + 1) else { return nil }
            day = later
        }
        return time(from: 0).map { (day * 1440 + Int64($0)) * 60 }
    }

    /// Returns the first matching day that is not before a day, both counted from 1970.
    private func nextDay(from start: Int64) -> Int64? {
        let date = CivilTime(seconds: start * 86_400)
        var (year, month, day) = (date.year, date.month, date.day)
        for _ in 0..<41 * 12 {
            if months.contains(month) {
                let first = CivilTime.days(year: year, month: month, day: 1)
                let matching = days.matching(
                    length: CivilTime.length(month: month, year: year), firstWeekday: CivilTime.weekday(ofDay: first))
                if let found = matching.first(from: day) { return first + Int64(found - 1) }
            }
            (year, month, day) = month == 12 ? (year + 1, 1, 1) : (year, month + 1, 1)
        }
        return nil
    }

    /// Returns the first matching minute of a day that is not before a minute of it.
    private func time(from minute: Int) -> Int? {
        let hour = minute / 60
        if hours.contains(hour), let found = minutes.first(from: minute % 60) { return hour * 60 + found }
        guard let later = hours.first(from: hour + 1), let found = minutes.first(from: 0) else { return nil }
        return later * 60 + found
    }
}
