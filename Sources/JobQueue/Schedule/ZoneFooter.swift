/// The rule at the end of a zone file, a POSIX `TZ` string: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX.1-2024, section 8.3,
/// with the wider hours of RFC 9636, section 3.3.2).
struct ZoneFooter: Sendable, Hashable {
    private let standard: Int64
    private let summer: Summer?

    private struct Summer: Hashable {
        var offset: Int64
        var start: YearDay
        var end: YearDay
    }

    /// Offsets count seconds ahead of UTC.
    init?(_ text: String) {
        var reader = Reader(text: Array(text.utf8))
        guard reader.skipName(), let west = reader.time() else { return nil }
        standard = -west
        guard !reader.isAtEnd else {
            summer = nil
            return
        }
        guard reader.skipName() else { return nil }
        let offset = reader.isAt(",") ? standard + 3600 : reader.time().map { -$0 }
        guard let offset, reader.take(","), let start = reader.yearDay(), reader.take(","),
            let end = reader.yearDay(), reader.isAtEnd
        else { return nil }
        summer = Summer(offset: offset, start: start, end: end)
    }

    /// Seconds ahead of UTC at a moment.
    func offset(at moment: Int64) -> Int64 {
        guard let summer else { return standard }
        let year = CivilTime(seconds: moment + standard).year
        let start = summer.start.seconds(year: year) - standard
        let end = summer.end.seconds(year: year) - summer.offset
        let isSummer = start < end ? (start..<end).contains(moment) : !(end..<start).contains(moment)
        return isSummer ? summer.offset : standard
    }

    /// Returns the first moment after this one at which another offset begins; `nil` where none does.
    func nextChange(after moment: Int64) -> Int64? {
        guard let summer else { return nil }
        let year = CivilTime(seconds: moment + standard).year
        return (year...year + 2)
            .flatMap { [summer.start.seconds(year: $0) - standard, summer.end.seconds(year: $0) - summer.offset] }
            .filter { $0 > moment }
            .min()
    }

    /// A moment of every year, by the clock on the wall before it.
    private struct YearDay: Hashable {
        enum Day: Hashable {
            /// 1…365; 29 February is not counted.
            case julian(Int)
            /// 0…365; it is.
            case ordinal(Int)
            /// Month, week 1…5 (5 for the last), weekday from 0 for Sunday.
            case week(month: Int, week: Int, weekday: Int)
        }

        var day: Day
        var time: Int64

        func seconds(year: Int) -> Int64 {
            let newYear = CivilTime.days(year: year, month: 1, day: 1)
            let days: Int64
            switch day {
            case .julian(let day): days = newYear + Int64(day - 1) + (CivilTime.isLeap(year) && day >= 60 ? 1 : 0)
            case .ordinal(let day): days = newYear + Int64(day)
            case .week(let month, let week, let weekday):
                let first = CivilTime.days(year: year, month: month, day: 1)
                let ahead = (weekday - CivilTime.weekday(ofDay: first) + 7) % 7
                let length = CivilTime.length(month: month, year: year)
                var offset = ahead + (week - 1) * 7
                if offset >= length { offset -= 7 }
                days = first + Int64(offset)
            }
            return days * 86_400 + time
        }
    }

    private struct Reader {
        let text: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == text.count }

        func isAt(_ character: Unicode.Scalar) -> Bool {
            position < text.count && UInt32(text[position]) == character.value
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard isAt(character) else { return false }
            position += 1
            return true
        }

        /// Letters, or anything in angle brackets.
        mutating func skipName() -> Bool {
            let start = position
            if take("<") {
                while position < text.count, !isAt(">") { position += 1 }
                return take(">")
            }
            while position < text.count, (65...90).contains(text[position]) || (97...122).contains(text[position]) {
                position += 1
            }
            return position > start
        }

        mutating func number() -> Int? {
            let start = position
            while position < text.count, (48...57).contains(text[position]), position - start < 4 { position += 1 }
            return Int(String(decoding: text[start..<position], as: UTF8.self))
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time() -> Int64? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard let hours = number() else { return nil }
            var seconds = hours * 3600
            for unit in [60, 1] where take(":") {
                guard let part = number() else { return nil }
                seconds += part * unit
            }
            return Int64(isNegative ? -seconds : seconds)
        }

        mutating func yearDay() -> YearDay? {
            let day: YearDay.Day
            if take("M") {
                guard let month = number(), (1...12).contains(month), take("."), let week = number(),
                    (1...5).contains(week), take("."), let weekday = number(), (0...6).contains(weekday)
                else { return nil }
                day = .week(month: month, week: week, weekday: weekday)
            } else if take("J") {
                guard let number = number(), (1...365).contains(number) else { return nil }
                day = .julian(number)
            } else {
                guard let number = number(), (0...365).contains(number) else { return nil }
                day = .ordinal(number)
            }
            guard take("/") else { return YearDay(day: day, time: 7200) }
            return time().map { YearDay(day: day, time: $0) }
        }
    }
}
