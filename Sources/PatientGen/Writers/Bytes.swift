extension UTF8Sink {
    /// A whole number, two digits at a time.
    @inline(__always)
    mutating func append(_ number: Int) {
        if number >= 0, number < 10 {
            append(UInt8(truncatingIfNeeded: 0x30 + number))
        } else if number >= 10, number < 100 {
            appendPair(number)
        } else if number >= 100, number < 1000 {
            append(UInt8(truncatingIfNeeded: 0x30 + number / 100))
            appendPair(number % 100)
        } else {
            appendLong(number)
        }
    }

    private mutating func appendLong(_ number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let place = room(20)
        var at = 20
        while rest >= 100 {
            at -= 2
            Self.store(Int(rest % 100), place + at)
            rest /= 100
        }
        if rest >= 10 {
            at -= 2
            Self.store(Int(rest), place + at)
        } else {
            at -= 1
            place[at] = UInt8(truncatingIfNeeded: 0x30 + rest)
        }
        place.update(from: place + at, count: 20 - at)
        advance(20 - at)
    }

    /// Two digits of a number below 100.
    @inline(__always)
    mutating func appendPair(_ number: Int) {
        Self.store(number, room(2))
        advance(2)
    }

    @inline(__always)
    private static func store(_ number: Int, _ place: UnsafeMutablePointer<UInt8>) {
        // number / 10 by multiplication; the memory order of a pair is the order of its digits.
        let tens = (UInt32(truncatingIfNeeded: number) &* 103) >> 10
        let pair = 0x3030 + tens + (UInt32(truncatingIfNeeded: number) &- tens &* 10) << 8
        UnsafeMutableRawPointer(place).storeBytes(of: UInt16(truncatingIfNeeded: pair).littleEndian, as: UInt16.self)
    }

    /// A number of at least so many digits.
    mutating func append(_ number: Int, digits: Int) {
        var bound = 10
        for _ in 1..<digits {
            if number < bound { append(UInt8(ascii: "0")) }
            bound *= 10
        }
        append(number)
    }

    /// A number of tenths: 371 is `37.1`.
    mutating func appendTenths(_ tenths: Int) {
        append(tenths / 10)
        append(UInt8(ascii: "."))
        append(tenths % 10)
    }

    /// The ten digits of an id.
    mutating func appendNationalID(_ id: UInt64) { append(Int(truncatingIfNeeded: id), digits: 10) }

    /// `4821 0937`.
    mutating func appendGrid(_ grid: Int) {
        append(grid / 10_000, digits: 4)
        append(UInt8(ascii: " "))
        append(grid % 10_000, digits: 4)
    }

    /// `B Coy, 917 EX Bn`.
    mutating func appendUnit(_ unit: MilitaryUnit) {
        append(UInt8(ascii: "A") + UInt8(truncatingIfNeeded: unit.company & 3))
        append(" Coy, ")
        append(unit.battalion)
        append(" EX Bn")
    }

    /// Minutes as hours with two decimals.
    mutating func appendHours(_ minutes: Int) {
        append(minutes / 60)
        append(UInt8(ascii: "."))
        appendPair(minutes % 60 * 100 / 60)
    }

    mutating func appendDay(_ day: CalendarDay) {
        append(day.year, digits: 4)
        append(UInt8(ascii: "-"))
        appendPair(day.month)
        append(UInt8(ascii: "-"))
        appendPair(day.day)
    }
}

/// Writes moments as ISO 8601 in UTC, `2025-06-01T08:15:00Z`. The days of a scenario are written once, ahead.
struct Moments: Sendable {
    /// The first day, as ``CalendarDay/number``.
    let base: Int
    private let days: [(UInt64, UInt16)]

    init(scenario: Scenario) {
        base = scenario.baseDate.number
        let first = base
        days = (0..<scenario.daysOfFighting + 30).map { day in
            var sink = UTF8Sink(capacity: 64)
            sink.appendDay(CalendarDay(number: first + day))
            return sink.withBytes { bytes in
                let raw = UnsafeRawBufferPointer(bytes)
                return (raw.loadUnaligned(as: UInt64.self), raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
            }
        }
    }

    /// Minutes after the first day's midnight.
    @inline(__always)
    func append(_ minute: Int, _ sink: inout UTF8Sink) {
        let day = minute / 1440
        let rest = minute - day * 1440
        if day >= 0, day < days.count, rest >= 0 {
            let place = UnsafeMutableRawPointer(sink.room(10))
            place.storeBytes(of: days[day].0, as: UInt64.self)
            place.storeBytes(of: days[day].1, toByteOffset: 8, as: UInt16.self)
            sink.advance(10)
        } else {
            sink.appendDay(CalendarDay(number: base + day))
        }
        sink.append(UInt8(ascii: "T"))
        sink.appendPair(rest / 60)
        sink.append(UInt8(ascii: ":"))
        sink.appendPair(rest % 60)
        sink.append(":00Z")
    }

    /// `021015Z`: day of the month, hour and minute.
    func appendGroup(_ minute: Int, _ sink: inout UTF8Sink) {
        sink.appendPair(CalendarDay(number: base + minute / 1440).day)
        appendClock(minute, &sink)
    }

    /// `1015Z`.
    func appendClock(_ minute: Int, _ sink: inout UTF8Sink) {
        sink.appendPair(minute % 1440 / 60)
        sink.appendPair(minute % 60)
        sink.append(UInt8(ascii: "Z"))
    }

    /// `02-JUN-25`.
    func appendCardDay(_ minute: Int, _ sink: inout UTF8Sink) {
        let day = CalendarDay(number: base + minute / 1440)
        sink.appendPair(day.day)
        sink.append(Self.months[day.month - 1])
        sink.appendPair(day.year % 100)
    }

    private static let months: [StaticString] = [
        "-JAN-", "-FEB-", "-MAR-", "-APR-", "-MAY-", "-JUN-", "-JUL-", "-AUG-", "-SEP-", "-OCT-", "-NOV-", "-DEC-",
    ]
}
