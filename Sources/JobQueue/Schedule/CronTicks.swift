/// The moments of a cron expression in a time zone.
///
/// What happens when clocks change is what Vixie's `cron` promises. A tick at a fixed hour that the clock leaps over
/// falls on the moment after the leap; one at an hour that comes twice falls on its first coming alone. Where the hour
/// is left open (`*`, `*/2`) ticks follow the time that passes: none in a leap, all in an hour that comes twice.
struct CronTicks: Sendable {
    let expression: CronExpression
    let zone: ZoneRules

    /// The first tick after a moment, both in seconds since 1970; `nil` where there is none within nine years, which
    /// is longer than from one 29 February to the next.
    func next(after moment: Int64) -> Int64? {
        expression.followsElapsedTime ? elapsed(after: moment) : fixed(after: moment)
    }

    private static let horizon: Int64 = 9 * 366 * 86_400

    /// Goes from minute to minute on days that match, and from midnight to midnight over others.
    private func elapsed(after moment: Int64) -> Int64? {
        var moment = (moment.flooredQuotient(60) + 1) * 60
        let end = moment + Self.horizon
        while moment < end {
            let local = moment + zone.offset(at: moment)
            let time = CivilTime(seconds: local)
            if expression.matchesDate(time) {
                // A zone whose offset is no whole minute has its minutes elsewhere.
                if expression.matchesTime(time), local.flooredQuotient(60) * 60 == local { return moment }
                moment += 60 - (local - local.flooredQuotient(60) * 60)
            } else {
                moment = max(moment + 60, instant(ofLocal: (local.flooredQuotient(86_400) + 1) * 86_400))
            }
        }
        return nil
    }

    /// Goes from day to day, and through the hours and minutes of days that match.
    private func fixed(after moment: Int64) -> Int64? {
        var day = (moment + zone.offset(at: moment)).flooredQuotient(86_400) - 1
        let end = day + Self.horizon / 86_400
        while day < end {
            defer { day += 1 }
            guard expression.matchesDate(CivilTime(seconds: day * 86_400)) else { continue }
            for hour in Int64(0)...23 where expression.hours & 1 << UInt64(hour) != 0 {
                for minute in Int64(0)...59 where expression.minutes & 1 << UInt64(minute) != 0 {
                    let tick = instant(ofLocal: day * 86_400 + hour * 3600 + minute * 60)
                    if tick > moment { return tick }
                }
            }
        }
        return nil
    }

    /// When a clock on the wall shows this: the first time where it does twice, the end of the leap where it never does.
    func instant(ofLocal local: Int64) -> Int64 {
        let before = zone.offset(at: local - 86_400)
        let after = zone.offset(at: local + 86_400)
        let early = local - before
        if before == after || zone.offset(at: early) == before { return early }
        let late = local - after
        if zone.offset(at: late) == after { return late }
        // In the leap: its moment lies after `late`, which is still before it, and not after `early`.
        var low = late
        var high = early
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if zone.offset(at: middle) == before { low = middle } else { high = middle }
        }
        return high
    }
}
