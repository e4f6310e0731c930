import Foundation
import JobQueueTestKit

/// A day of a calendar that is counted out, one day after the other.
struct PlainDay {
    var number: Int
    var year: Int
    var month: Int
    var day: Int
    /// The days of its month.
    var length: Int
    /// 0 for Sunday.
    var weekday: Int

    /// All days from 1970 to 2100.
    static let all: [PlainDay] = {
        var days: [PlainDay] = []
        for year in 1970...2100 {
            let isLeap = year % 400 == 0 || year % 4 == 0 && year % 100 != 0
            for (index, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                for day in 1...length {
                    let number = days.count
                    // 1 January 1970 was a Thursday.
                    days.append(
                        PlainDay(
                            number: number, year: year, month: index + 1, day: day, length: length,
                            weekday: (4 + number) % 7))
                }
            }
        }
        return days
    }()

    /// The weekday of another day of the month.
    func weekday(of other: Int) -> Int { (weekday + other - day + 35) % 7 }

    func isWorkday(_ other: Int) -> Bool { (1...5).contains(weekday(of: other)) }

    var isLastWorkday: Bool { isWorkday(day) && !(day..<length).contains { isWorkday($0 + 1) } }

    /// Whether no weekday of the month is nearer to a day.
    func isWorkday(nearest wanted: Int) -> Bool {
        wanted <= length && isWorkday(day)
            && (1...length).allSatisfy { !isWorkday($0) || abs($0 - wanted) >= abs(day - wanted) }
    }

    /// Which of the month's days of this weekday it is.
    var occurrence: Int { (1...day).filter { weekday(of: $0) == weekday }.count }

    var isLastOccurrence: Bool { !(day..<length).contains { weekday(of: $0 + 1) == weekday } }
}

/// The offsets of a zone as Foundation tells them.
final class PlainZone: Sendable {
    let name: String
    /// Ascending; the first is the beginning of time.
    let changes: [(moment: Int, offset: Int)]
    /// The offsets in force around each day from 1970 to 2100.
    private let nearby: [[Int]]

    init(_ name: String) {
        self.name = name
        guard let zone = TimeZone(identifier: name) else { preconditionFailure("no zone \(name)") }
        func offset(_ moment: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment))) }
        let end = (PlainDay.all.count + 400) * 86_400
        var changes = [(Int.min, offset(-400 * 86_400))]
        for moment in stride(from: -400 * 86_400, to: end, by: 21_600) where offset(moment + 21_600) != changes.last?.1
        {
            var (low, high) = (moment, moment + 21_600)
            while high - low > 1 {
                let middle = (low + high) / 2
                if offset(middle) == changes.last?.1 { low = middle } else { high = middle }
            }
            changes.append((high, offset(high)))
        }
        self.changes = changes.map { (moment: $0.0, offset: $0.1) }
        var nearby = [[Int]](repeating: [], count: PlainDay.all.count)
        for (index, change) in changes.enumerated() {
            let first = index == 0 ? 0 : change.0 / 86_400 - 3
            let last = index + 1 < changes.count ? changes[index + 1].0 / 86_400 + 3 : nearby.count
            for day in max(0, first)..<max(0, first, min(last, nearby.count)) where !nearby[day].contains(change.1) {
                nearby[day].append(change.1)
            }
        }
        self.nearby = nearby
    }

    func offset(at moment: Int) -> Int {
        changes[(changes.partitioningIndex { $0.moment > moment }) - 1].offset
    }

    /// The moments at which the clock on the wall shows this.
    private func moments(local: Int, day: Int) -> [Int] {
        let offsets = nearby[day]
        if offsets.count == 1 { return [local - offsets[0]] }
        return offsets.map { local - $0 }.filter { offset(at: $0) == local - $0 }
    }

    /// The end of the leap in which the clock would have shown this.
    private func endOfLeap(local: Int) -> [Int] {
        zip(changes, changes.dropFirst()).compactMap { before, after in
            after.moment + before.offset <= local && local < after.moment + after.offset ? after.moment : nil
        }
    }

    /// The first ticks after a moment until the end of 2100, found by going through the days.
    func ticks(of cron: RandomCron, after start: Int, count: Int) -> [Int] {
        var found: Set<Int> = []
        var isDone = false
        for day in PlainDay.all[max(0, start / 86_400 - 1)...] where cron.isDay(day) {
            for hour in cron.hours {
                for minute in cron.minutes {
                    let local = day.number * 86_400 + hour * 3600 + minute * 60
                    var moments = moments(local: local, day: day.number)
                    if !cron.hasOpenHour { moments = moments.min().map { [$0] } ?? endOfLeap(local: local) }
                    for moment in moments where moment > start { found.insert(moment) }
                }
            }
            // One more day, since a clock may go back over midnight.
            if isDone { break }
            isDone = found.count >= count
        }
        return Array(found.sorted().prefix(count))
    }
}

extension Array {
    /// The index of the first element of which something holds that holds of all later ones too.
    fileprivate func partitioningIndex(_ isAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// A random expression, and what it means by the way it was made.
struct RandomCron {
    var text: String
    var minutes: Set<Int>
    var hours: Set<Int>
    var hasOpenHour: Bool
    var isDay: @Sendable (PlainDay) -> Bool

    init(using random: inout SplitMix) {
        let (minuteText, minutes) = Self.list(0...59, using: &random)
        let (hourText, hours) = Self.list(0...23, using: &random)
        let (monthText, months) =
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: Self.list(1...12, names: Self.months, using: &random)
            // Where most is impossible or rare.
            case 2: ("FEB", [2])
            default: ("*", Set(1...12))
            }
        let (dayText, isOfMonth) = Self.dayOfMonth(using: &random)
        let (weekdayText, isOfWeek) = Self.dayOfWeek(allowsAny: dayText != "?", using: &random)
        let isEither = ![dayText, weekdayText].contains { $0.hasPrefix("*") || $0 == "?" }
        text = [minuteText, hourText, dayText, monthText, weekdayText].joined(separator: " ")
        if Bool.random(using: &random) { text = text.lowercased() }
        self.minutes = minutes
        self.hours = hours
        hasOpenHour = hourText.hasPrefix("*")
        isDay = { day in
            months.contains(day.month)
                && (isEither ? isOfMonth(day) || isOfWeek(day) : isOfMonth(day) && isOfWeek(day))
        }
    }

    private static let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    private static let weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "7"]

    private typealias DayTest = @Sendable (PlainDay) -> Bool

    private static func list(
        _ range: ClosedRange<Int>, names: [String] = [], using random: inout SplitMix
    ) -> (String, Set<Int>) {
        if Int.random(in: 0..<6, using: &random) == 0 { return ("*", Set(range)) }
        var texts: [String] = []
        var values: Set<Int> = []
        for _ in 0..<[1, 1, 2, 3].randomElement(using: &random)! {
            let (text, more) = part(range, names: names, using: &random)
            texts.append(text)
            values.formUnion(more)
        }
        return (texts.joined(separator: ","), values)
    }

    private static func part(
        _ range: ClosedRange<Int>, names: [String], using random: inout SplitMix
    ) -> (String, Set<Int>) {
        func name(_ value: Int, _ random: inout SplitMix) -> String {
            names.isEmpty || Bool.random(using: &random) ? "\(value)" : names[value - range.lowerBound]
        }
        let low = Int.random(in: range, using: &random)
        let high = Int.random(in: low...range.upperBound, using: &random)
        let step = Int.random(in: 1...(range.upperBound == 7 ? 7 : range.count), using: &random)
        let steps = { (bounds: ClosedRange<Int>) in Set(bounds.filter { ($0 - bounds.lowerBound) % step == 0 }) }
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return ("*/\(step)", steps(range))
        case 1: return ("\(name(low, &random))/\(step)", steps(low...range.upperBound))
        case 2: return ("\(name(low, &random))-\(name(high, &random))/\(step)", steps(low...high))
        case 3: return ("\(name(low, &random))-\(name(high, &random))", Set(low...high))
        default: return (name(low, &random), [low])
        }
    }

    private static func dayOfMonth(using random: inout SplitMix) -> (String, DayTest) {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return ("?", { _ in true })
        case 1: return ("*", { _ in true })
        default: break
        }
        var texts: [String] = []
        var tests: [DayTest] = []
        for _ in 0..<[1, 1, 2, 3].randomElement(using: &random)! {
            let number = Int.random(in: 1...31, using: &random)
            let back = Int.random(in: 0...30, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                texts.append("L")
                tests.append { $0.day == $0.length }
            case 1:
                texts.append("L-\(back)")
                tests.append { $0.day == $0.length - back }
            case 2:
                texts.append("LW")
                tests.append { $0.isLastWorkday }
            case 3:
                texts.append("\(number)W")
                tests.append { $0.isWorkday(nearest: number) }
            default:
                let (text, days) = part(1...31, names: [], using: &random)
                texts.append(text)
                tests.append { days.contains($0.day) }
            }
        }
        let all = tests
        return (texts.joined(separator: ","), { day in all.contains { $0(day) } })
    }

    private static func dayOfWeek(allowsAny: Bool, using random: inout SplitMix) -> (String, DayTest) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where allowsAny: return ("?", { _ in true })
        case 0, 1: return ("*", { _ in true })
        default: break
        }
        var texts: [String] = []
        var tests: [DayTest] = []
        for _ in 0..<[1, 1, 2].randomElement(using: &random)! {
            let weekday = Int.random(in: 0...7, using: &random)
            let name = Bool.random(using: &random) ? "\(weekday)" : weekdays[weekday]
            let number = Int.random(in: 1...5, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                texts.append("\(name)L")
                tests.append { $0.weekday == weekday % 7 && $0.isLastOccurrence }
            case 1:
                texts.append("\(name)#\(number)")
                tests.append { $0.weekday == weekday % 7 && $0.occurrence == number }
            default:
                let (text, days) = part(0...7, names: weekdays, using: &random)
                texts.append(text)
                tests.append { days.contains($0.weekday) || $0.weekday == 0 && days.contains(7) }
            }
        }
        let all = tests
        return (texts.joined(separator: ","), { day in all.contains { $0(day) } })
    }
}
