/// Moments and days of the proleptic Gregorian calendar as text, without a time zone database.
package enum CalendarText {
    /// `2026-01-31T12:00:00.000000Z`, from microseconds since 1970.
    package static func timestamp(_ microseconds: Int64) -> String {
        let day = floorDivide(microseconds, 86_400_000_000)
        // The start of the day itself may lie before the first moment that 64 bits hold.
        let remainder = microseconds % 86_400_000_000
        let rest = remainder < 0 ? remainder + 86_400_000_000 : remainder
        let seconds = rest / 1_000_000
        return date(Int32(clamping: day)) + "T" + padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":"
            + padded(seconds % 60, 2) + "." + padded(rest % 1_000_000, 6) + "Z"
    }

    /// `2026-01-31`, from days since 1970.
    package static func date(_ days: Int32) -> String {
        let (year, month, day) = civil(fromDays: Int64(days))
        let sign = year < 0 ? "-" : ""
        return sign + padded(abs(year), 4) + "-" + padded(Int64(month), 2) + "-" + padded(Int64(day), 2)
    }

    /// Reads `2026-01-31`, with a blank or `T` and `12:00[:00[.ffffff]]` after it, and a zone `Z`, `+hh[:mm[:ss]]` or
    /// none (then UTC). Microseconds since 1970; `nil` where the text is no moment.
    ///
    /// The rules are those of PostgreSQL's input: 24:00:00 is the end of the day and nothing is later, second 60 is the
    /// start of the next minute. A fraction that is finer than a microsecond is refused, where PostgreSQL would round it.
    package static func microseconds(_ text: some StringProtocol) -> Int64? {
        let bytes = Array(text.utf8)
        var cursor = 0
        guard let days = readDate(bytes, &cursor) else { return nil }
        var rest: Int64 = 0
        if cursor < bytes.count {
            guard take(bytes, &cursor, " ") || take(bytes, &cursor, "T"), let time = readTime(bytes, &cursor),
                let zone = readZone(bytes, &cursor), cursor == bytes.count
            else { return nil }
            rest = time - zone * 1_000_000
        }
        // The last of the sum's terms may bring it back into range.
        return Int64(exactly: Int128(days) * 86_400_000_000 + Int128(rest))
    }

    /// Reads `12:00[:00[.ffffff]]`: microseconds since midnight, up to 24:00:00 inclusive.
    package static func timeOfDay(_ text: some StringProtocol) -> Int64? {
        let bytes = Array(text.utf8)
        var cursor = 0
        guard let time = readTime(bytes, &cursor), cursor == bytes.count else { return nil }
        return time
    }

    /// `12:00:00`, with a fraction of six digits where there is one.
    package static func timeOfDay(_ microseconds: Int64) -> String {
        let seconds = microseconds / 1_000_000
        let text = padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2)
        let fraction = microseconds % 1_000_000
        return fraction == 0 ? text : text + "." + padded(fraction, 6)
    }

    /// Reads `2026-01-31`: days since 1970.
    package static func days(_ text: some StringProtocol) -> Int32? {
        let bytes = Array(text.utf8)
        var cursor = 0
        guard let days = readDate(bytes, &cursor), cursor == bytes.count else { return nil }
        return days
    }

    // MARK: Parts

    /// Howard Hinnant's `civil_from_days` (http://howardhinnant.github.io/date_algorithms.html).
    static func civil(fromDays days: Int64) -> (year: Int64, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), Int(month), Int(day))
    }

    /// Its counterpart, `days_from_civil`.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func readDate(_ bytes: [UInt8], _ cursor: inout Int) -> Int32? {
        let isNegative = take(bytes, &cursor, "-")
        var year: Int64 = 0
        let start = cursor
        while cursor < bytes.count, cursor - start < 7, let digit = digit(bytes[cursor]) {
            year = year * 10 + digit
            cursor += 1
        }
        guard cursor - start >= 4, take(bytes, &cursor, "-"), let month = number(bytes, &cursor, 2),
            take(bytes, &cursor, "-"), let day = number(bytes, &cursor, 2), (1...12).contains(month)
        else { return nil }
        if isNegative { year = -year }
        guard (1...length(ofMonth: month, year)).contains(day) else { return nil }
        return Int32(exactly: days(year: year, month: month, day: day))
    }

    private static func length(ofMonth month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func readTime(_ bytes: [UInt8], _ cursor: inout Int) -> Int64? {
        guard let hour = number(bytes, &cursor, 2), take(bytes, &cursor, ":"), let minute = number(bytes, &cursor, 2),
            hour <= 24, minute < 60
        else { return nil }
        var second: Int64 = 0
        var fraction: Int64 = 0
        if take(bytes, &cursor, ":") {
            guard let value = number(bytes, &cursor, 2), value <= 60 else { return nil }
            second = value
            if take(bytes, &cursor, ".") {
                guard let value = readFraction(bytes, &cursor) else { return nil }
                fraction = value
            }
        }
        let time = (hour * 3600 + minute * 60 + second) * 1_000_000 + fraction
        return time > 86_400_000_000 ? nil : time
    }

    /// The digits after the point as microseconds; `nil` where they are finer.
    private static func readFraction(_ bytes: [UInt8], _ cursor: inout Int) -> Int64? {
        let start = cursor
        var value: Int64 = 0
        while cursor < bytes.count, let digit = digit(bytes[cursor]) {
            if cursor - start < 6 { value = value * 10 + digit } else if digit > 0 { return nil }
            cursor += 1
        }
        guard cursor > start else { return nil }
        for _ in 0..<max(0, 6 - (cursor - start)) { value *= 10 }
        return value
    }

    /// The zone's offset in seconds, within PostgreSQL's limit of 15:59:59.
    private static func readZone(_ bytes: [UInt8], _ cursor: inout Int) -> Int64? {
        if cursor == bytes.count || take(bytes, &cursor, "Z") { return 0 }
        let sign: Int64
        if take(bytes, &cursor, "+") { sign = 1 } else if take(bytes, &cursor, "-") { sign = -1 } else { return nil }
        guard let hours = number(bytes, &cursor, 2), hours < 16 else { return nil }
        var seconds = hours * 3600
        for unit in [Int64(60), 1] where cursor < bytes.count {
            _ = take(bytes, &cursor, ":")
            guard let value = number(bytes, &cursor, 2), value < 60 else { return nil }
            seconds += value * unit
        }
        return sign * seconds
    }

    private static func digit(_ byte: UInt8) -> Int64? { (48...57).contains(byte) ? Int64(byte - 48) : nil }

    private static func number(_ bytes: [UInt8], _ cursor: inout Int, _ count: Int) -> Int64? {
        guard cursor + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for offset in 0..<count {
            guard let digit = digit(bytes[cursor + offset]) else { return nil }
            value = value * 10 + digit
        }
        cursor += count
        return value
    }

    private static func take(_ bytes: [UInt8], _ cursor: inout Int, _ character: Unicode.Scalar) -> Bool {
        guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: character) else { return false }
        cursor += 1
        return true
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor != 0 && (value < 0) != (divisor < 0) ? quotient - 1 : quotient
}
