/// A rule for recurring moments: a calendar in five fields, a nickname, or an interval.
///
/// The fields are minute, hour, day of month, month and day of week, separated by white space. Each is `*` or a list,
/// separated by commas, of numbers, names (`JAN`…`DEC`, `SUN`…`SAT`), ranges and steps: `*/15`, `9-17/2`, `MON-FRI`.
/// Sunday is 0 or 7. The letter case does not matter. The two day fields take more:
///
/// | field | form | meaning |
/// |---|---|---|
/// | day of month | `L`, `L-3` | the last day of the month, three days before it |
/// | | `15W` | the weekday (Monday to Friday) nearest to the 15th, within the month |
/// | | `LW` | the last weekday of the month |
/// | day of week | `FRIL`, `5L` | the last Friday of the month |
/// | | `MON#2`, `1#2` | the second Monday of the month |
/// | one of both | `?` | not restricted, as `*` |
///
/// **Both day fields.** A day field is restricted unless it is `?` or starts with `*`. Where both are restricted, a day
/// matches if either field does, as in POSIX `crontab`: `0 0 L * MON` means the last day of the month and all Mondays.
/// Otherwise a day has to match both: `0 0 */2 * MON` means the Mondays with an odd number. The forms above follow the
/// same rule. A day that a month does not have, such as `31`, `L-30`, `31W` or `MON#5`, is skipped in that month.
///
/// **Nicknames.** `@yearly` (`@annually`), `@monthly`, `@weekly`, `@daily` (`@midnight`) and `@hourly`.
///
/// **Intervals.** `@every 1h30m` stands for a rhythm of elapsed time, in hours, minutes, seconds and milliseconds
/// (`h`, `m`, `s`, `ms`, in this order): a whole number of seconds, from one second to 8760 hours. Its ticks are the
/// multiples of the interval since 1970-01-01 00:00 UTC, so that all processes agree on them, also after a restart. The
/// time zone does not matter: `@every 24h` is midnight in UTC.
///
/// There is no field for seconds or years, and an expression that no day can match is refused.
///
/// The forms `L`, `W` and `#` follow [Quartz](https://www.quartz-scheduler.org/documentation/), but days of the week are
/// counted as in `crontab` (1 is Monday); `@every` follows [robfig/cron](https://pkg.go.dev/github.com/robfig/cron/v3).
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// The text that the expression was read from.
    public let description: String
    let rhythm: Rhythm

    enum Rhythm: Sendable, Hashable {
        case calendar(CronCalendar)
        case interval(CronInterval)
    }

    private static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// Reads an expression.
    ///
    /// - Throws: ``JobError`` with `invalidSchedule` that names the expression, the field and what the field takes; also
    ///   for an expression that no day can match, such as `0 0 30 2 *`.
    public init(_ text: String) throws(JobError) {
        description = text
        do throws(CronRefusal) {
            rhythm = try Self.read(text)
        } catch {
            let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(200)))
            throw JobError(.invalidSchedule, "the cron expression \(start.debugDescription) \(error.reason)")
        }
    }

    private static func read(_ text: String) throws(CronRefusal) -> Rhythm {
        // Beyond ASCII there are other digits, and letters that count as equal to “k”.
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) || (0x09...0x0D).contains($0) }) else {
            throw CronRefusal("has characters that are not printable ASCII: write ASCII letters, digits and signs")
        }
        let words = text.split(whereSeparator: \.isWhitespace)
        guard let nickname = words.first?.lowercased(), nickname.hasPrefix("@") else {
            return .calendar(try CronCalendar(fields: words.map { Substring($0.uppercased()) }))
        }
        if nickname == "@every", words.count == 2 { return .interval(try CronInterval(words[1])) }
        guard words.count == 1, let fields = nicknames[nickname] else {
            throw CronRefusal(
                "has no known nickname: it takes \(nicknames.keys.sorted().joined(separator: ", ")) alone, or @every and "
                    + "one duration, such as @every 1h30m")
        }
        return .calendar(try CronCalendar(fields: fields.split(separator: " ")))
    }
}

/// The reason why a text is not a cron expression, worded to follow the expression's text.
struct CronRefusal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
