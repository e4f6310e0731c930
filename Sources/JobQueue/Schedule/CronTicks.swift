/// The moments of a cron expression in a time zone.
///
/// What happens when clocks change is what Vixie's `cron` promises. A tick at a fixed hour that the clock leaps over
/// falls on the moment after the leap; one at an hour that comes twice falls on its first coming alone. Where the hour
/// is left open (`*`, `*/2`) ticks follow the time that passes: none in a leap, all in an hour that comes twice. The
/// form of the day fields does not matter. Intervals (`@every`) know no zone.
struct CronTicks: Sendable {
    let expression: CronExpression
    let zone: ZoneRules

    /// Returns the first tick after a moment, both in seconds since 1970; `nil` where there is none within a century,
    /// which needs a zone whose clock leaps over each of them.
    func next(after moment: Int64) -> Int64? {
        switch expression.rhythm {
        case .interval(let interval): interval.next(after: moment)
        case .calendar(let calendar) where calendar.followsElapsedTime: elapsed(calendar, after: moment)
        case .calendar(let calendar): fixed(calendar, after: moment)
        }
    }

    private static let horizon: Int64 = 36_525 * 86_400
    /// More than the clock moves at any change.
    private static let margin: Int64 = 2 * 86_400

    /// Goes from one change of the zone's offset to the next: between them the clock on the wall advances evenly.
    private func elapsed(_ calendar: CronCalendar, after moment: Int64) -> Int64? {
        let end = moment + Self.horizon
        var moment = moment + 1
        while moment < end {
            let offset = zone.offset(at: moment)
            guard let local = calendar.next(from: moment + offset) else { return nil }
            let tick = local - offset
            guard let change = zone.nextChange(after: moment), change <= tick else { return tick }
            // Changes on the way to a far tick are skipped, but not one that may turn the clock back before `moment`.
            moment = change - moment < Self.margin ? change : max(change, tick - Self.margin)
        }
        return nil
    }

    /// Goes through the matching times on the wall. The moments that they fall on never decrease.
    private func fixed(_ calendar: CronCalendar, after moment: Int64) -> Int64? {
        var local = moment + zone.offset(at: moment)
        while let next = calendar.next(from: local + 1) {
            let tick = instant(ofLocal: next)
            if tick > moment { return tick }
            local = next
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
