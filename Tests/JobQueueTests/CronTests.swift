import Foundation
import Testing

@testable import JobQueue

private func seconds(_ text: String) throws -> Int64 {
    let formatter = ISO8601DateFormatter()
    return Int64(try #require(formatter.date(from: text)).timeIntervalSince1970)
}

private func text(_ seconds: Int64) -> String {
    ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(seconds)))
}

private func ticks(_ cron: String, _ zone: String, after: String, _ count: Int) throws -> [String] {
    let ticks = CronTicks(expression: try CronExpression(cron), zone: try ZoneRules(identifier: zone))
    var moment = try seconds(after)
    return try (0..<count).map { _ in
        moment = try #require(ticks.next(after: moment))
        return text(moment)
    }
}

@Suite struct CronTests {
    @Test func `fields take numbers, names, lists, ranges and steps`() throws {
        #expect(
            try ticks("*/20 9-10 * * MON-FRI", "UTC", after: "2026-01-02T10:30:00Z", 4) == [
                "2026-01-02T10:40:00Z", "2026-01-05T09:00:00Z", "2026-01-05T09:20:00Z", "2026-01-05T09:40:00Z",
            ])
        #expect(
            try ticks("15,45 6/6 1 jan,Jul *", "UTC", after: "2026-01-01T18:20:00Z", 3) == [
                "2026-01-01T18:45:00Z", "2026-07-01T06:15:00Z", "2026-07-01T06:45:00Z",
            ])
        #expect(
            try ticks("0 0 * * 7", "UTC", after: "2026-01-01T00:00:00Z", 1)
                == ticks("0 0 * * SUN", "UTC", after: "2026-01-01T00:00:00Z", 1))
    }

    @Test func `29 February is found over the century's missing leap year`() throws {
        #expect(
            try ticks("0 12 29 2 *", "UTC", after: "2096-02-29T12:00:00Z", 1) == ["2104-02-29T12:00:00Z"])
    }

    // MARK: Forms

    /// Examples of the documentation of Quartz (its seconds left out, its days of the week by name, since it counts them
    /// from Sunday = 1), of Spring's `CronExpression` and of robfig/cron, with the days that the texts there promise.
    @Test(arguments: [
        // Quartz, “CronTrigger Tutorial”.
        ("15 10 L * ?", "01-31T10:15 02-28T10:15 03-31T10:15 04-30T10:15"),
        ("15 10 L-2 * ?", "01-29T10:15 02-26T10:15 03-29T10:15"),
        ("15 10 ? * FRIL", "01-30T10:15 02-27T10:15 03-27T10:15 04-24T10:15"),
        ("15 10 ? * FRI#3", "01-16T10:15 02-20T10:15 03-20T10:15"),
        (
            "0 12 1/5 * ?",
            "01-01T12:00 01-06T12:00 01-11T12:00 01-16T12:00 01-21T12:00 01-26T12:00 01-31T12:00 02-01T12:00"
        ),
        ("11 11 11 11 ?", "11-11T11:11"),
        ("0 0 15W 1-3,8 ?", "01-15T00:00 02-16T00:00 03-16T00:00 08-14T00:00"),
        ("0 0 1W 2,8 ?", "02-02T00:00 08-03T00:00"),
        ("0 0 LW * ?", "01-30T00:00 02-27T00:00 03-31T00:00 04-30T00:00 05-29T00:00"),
        // Spring, `CronExpression.parse`.
        ("0 0 L-3 * *", "01-28T00:00 02-25T00:00 03-28T00:00"),
        ("0 0 * * 5L", "01-30T00:00 02-27T00:00"),
        ("0 0 * * THUL", "01-29T00:00 02-26T00:00"),
        ("0 0 ? * 5#2", "01-09T00:00 02-13T00:00"),
        ("0 0 ? * MON#1", "01-05T00:00 02-02T00:00 03-02T00:00"),
        // robfig/cron, package documentation.
        ("30 3-6,20-23 * * *", "01-01T03:30 01-01T04:30 01-01T05:30 01-01T06:30 01-01T20:30"),
        ("30 * * * *", "01-01T00:30 01-01T01:30"),
        ("@hourly", "01-01T00:00 01-01T01:00"),
        ("@weekly", "01-04T00:00 01-11T00:00"),
        ("@monthly", "01-01T00:00 02-01T00:00"),
        ("@every 1h30m", "01-01T00:00 01-01T01:30 01-01T03:00"),
        // Five Mondays; lists of all kinds; Sunday by each of its numbers.
        ("0 0 * * MON#5", "03-30T00:00 06-29T00:00 08-31T00:00 11-30T00:00"),
        ("0 0 1,15,L * *", "01-01T00:00 01-15T00:00 01-31T00:00 02-01T00:00 02-15T00:00 02-28T00:00"),
        ("0 0 L-30,31W,LW 1,3 *", "01-01T00:00 01-30T00:00 03-01T00:00 03-31T00:00"),
        ("0 0 * * 7L,0#1", "01-04T00:00 01-25T00:00 02-01T00:00 02-22T00:00"),
        ("0 0 * * sat#1,WED,7#2", "01-03T00:00 01-07T00:00 01-11T00:00 01-14T00:00"),
    ])
    func `days are those of the documentation of other schedulers`(_ cron: String, _ expected: String) throws {
        let days = expected.split(separator: " ").map { "2026-\($0):00Z" }
        #expect(try ticks(cron, "UTC", after: "2025-12-31T23:59:59Z", days.count) == days)
    }

    @Test(arguments: [
        // Both fields are restricted: either matches. 31 January 2026 is a Saturday.
        ("0 0 L * MON#1", "01-05 01-31 02-02 02-28"),
        ("0 0 15W * FRIL", "01-15 01-30 02-16 02-27"),
        ("0 0 13 * FRI", "01-02 01-09 01-13 01-16"),
        // One is not: both have to match.
        ("0 0 */2 * MON#1", "01-05 06-01 08-03 09-07"),
        ("0 0 LW * */2", "03-31 04-30 06-30"),
        ("0 0 L * ?", "01-31 02-28"),
        ("0 0 ? * SATL", "01-31 02-28"),
        // A day that no month has restricts all the same.
        ("0 0 31W 2 MON#2", "02-09"),
    ])
    func `of two restricted day fields one is enough, whatever their forms`(_ cron: String, _ expected: String) throws {
        let days = expected.split(separator: " ").map { "2026-\($0)T00:00:00Z" }
        #expect(try ticks(cron, "UTC", after: "2025-12-31T23:59:59Z", days.count) == days)
    }

    @Test(arguments: [
        ("@yearly", "2027-01-01"), ("@annually", "2027-01-01"), ("@monthly", "2026-03-01"), ("@weekly", "2026-02-08"),
        ("@daily", "2026-02-04"), ("@midnight", "2026-02-04"), ("@hourly", "2026-02-03T01"),
    ])
    func `nicknames are known in any letter case and with white space around them`(
        _ name: String, _ day: String
    ) throws {
        let tick = day.contains("T") ? "\(day):00:00Z" : "\(day)T00:00:00Z"
        for text in [name, name.uppercased(), name.capitalized, " \(name)\t", "\r\n\(name)\r\n"] {
            #expect(try ticks(text, "UTC", after: "2026-02-03T00:00:00Z", 1) == [tick])
        }
        let crowded = try ticks(" 0\t0  1 * ?\n", "UTC", after: "2026-02-03T00:00:00Z", 1)
        #expect(crowded == ["2026-03-01T00:00:00Z"])
    }

    @Test(arguments: [
        ("@every 90s", 90), ("@every 1h30m", 5400), ("@every 1h30m10s", 5410), ("@EVERY  2H ", 7200),
        ("@every 1s", 1), ("@every 1000ms", 1), ("@every 59s1000ms", 60), ("@every 8760h", 31_536_000),
        ("@every 7m", 420),
    ])
    func `intervals tick at their multiples since 1970, in every zone`(_ cron: String, _ interval: Int64) throws {
        for zone in ["UTC", "Europe/Berlin", "Asia/Kathmandu"] {
            let ticks = CronTicks(expression: try CronExpression(cron), zone: try ZoneRules(identifier: zone))
            // Across both changes of the clock, and before 1970.
            for start in [try seconds("2026-03-28T00:59:59Z"), try seconds("2026-10-25T00:00:00Z"), 0, -1, -100_000] {
                var moment = start
                for _ in 0..<50 {
                    let next = try #require(ticks.next(after: moment))
                    #expect(next.isMultiple(of: interval) && next > moment && next <= moment + interval)
                    moment = next
                }
            }
        }
    }

    @Test func `a tick 40 years away is found`() throws {
        // 29 February on a Monday, over the century's missing leap year.
        for cron in ["0 0 */4 2 MON#5", "0 0 * 2 MON#5", "30 */6 */28 2 1#5"] {
            let found = try ticks(cron, "Europe/Berlin", after: "2072-03-01T00:00:00Z", 1)
            #expect(found[0].hasPrefix("2112-02-2"), "\(cron): \(found)")
        }
        #expect(try ticks("0 0 29 2 MON#5", "UTC", after: "2096-03-01T00:00:00Z", 1) == ["2104-02-29T00:00:00Z"])
        // 29 February 2032 is a Sunday: its nearest weekday within the month is the 27th.
        #expect(try ticks("0 0 29W 2 *", "UTC", after: "2028-03-01T00:00:00Z", 1) == ["2032-02-27T00:00:00Z"])
    }

    @Test func `where the clock leaps over every tick there is none, and the search ends`() throws {
        // Beirut's clock goes from midnight to 1:00 on the last Sunday of March.
        let zone = try ZoneRules(identifier: "Asia/Beirut")
        let never = CronTicks(expression: try CronExpression("30 */24 * 3 SUNL"), zone: zone)
        #expect(never.next(after: try seconds("2026-01-01T00:00:00Z")) == nil)
        let fixed = CronTicks(expression: try CronExpression("30 0 * 3 SUNL"), zone: zone)
        let tick = try #require(fixed.next(after: try seconds("2026-01-01T00:00:00Z")))
        #expect(text(tick) == "2026-03-28T22:00:00Z")
    }

    @Test func `moments at the ends of time crash nothing`() throws {
        for cron in ["0 2 29W 2 FRI#5", "0 * L * *", "@every 7h"] {
            let schedule = try JobSchedule("extreme", cron: cron, timeZone: "Europe/Berlin") { Note(name: "\($0)") }
            for seconds in [-1e300, -1e12, 1e12, 1e300, .infinity, -.infinity, .nan] {
                let moment = Date(timeIntervalSince1970: seconds)
                let next = try #require(schedule.next(after: moment))
                #expect(next > moment || abs(seconds) > 1e12 || seconds.isNaN)
            }
        }
    }

    // MARK: Refusals

    @Test(arguments: [
        ("", "0 fields"), (" \n", "0 fields"), ("* * * *", "4 fields"),
        // Seconds and years.
        ("* * * * * *", "@every 10s"), ("0 0 12 * * ?", "leave them out"), ("0 0 0 1 1 ? 2030", "7 fields"),
        ("60 * * * *", "minute"), ("* 24 * * *", "hour"), ("* * 0 * *", "day of month"), ("* * * 13 *", "month"),
        ("* * * * 8", "day of week"), ("5-1 * * * *", "ascends"), ("* * * * FRI-MON", "ascends"),
        ("*/0 * * * *", "a step is from 1 to 60"), ("*/90 * * * *", "@every 90m"), ("1- * * * *", "minute"),
        ("a * * * *", "minute"), ("1,,2 * * * *", "minute"), (", * * * *", "minute"), ("-1 * * * *", "minute"),
        ("- * * * *", "minute"), ("/ * * * *", "minute"), ("*/ * * * *", "minute"), ("/5 * * * *", "minute"),
        ("**/2 * * * *", "minute"), ("1/2/3 * * * *", "minute"), ("99999999999999999999 * * * *", "minute"),
        ("*/9223372036854775807 * * * *", "minute"), ("0-9223372036854775808 * * * *", "minute"),
        ("+5 * * * *", "minute"), ("5.0 * * * *", "minute"), ("\u{0} * * * *", "ASCII"), ("5\u{0} * * * *", "ASCII"),
        ("0 0 1 MON *", "JAN to DEC"), ("0 0 1 * JAN", "SUN to SAT"),
        // Letters and signs outside their field.
        ("L * * * *", "minute"), ("? * * * *", "minute"), ("0 L * * *", "hour"), ("0 ? * * *", "hour"),
        ("0 0 * L *", "month"), ("0 0 * ? *", "month"), ("0 0 FRIL * *", "day of month"),
        ("0 0 1#2 * *", "day of month"),
        ("0 0 * * 15W", "day of week"), ("0 0 * * LW", "day of week"), ("0 0 * * L-1", "day of week"),
        ("0 0 * * L", "FRIL"),
        // Malformed days.
        ("0 0 L-31 * *", "L-1 to L-30"), ("0 0 L- * *", "day of month"), ("0 0 L--1 * *", "day of month"),
        ("0 0 L-1-2 * *", "day of month"), ("0 0 L3 * *", "day of month"), ("0 0 W * *", "day of month"),
        ("0 0 WL * *", "day of month"), ("0 0 0W * *", "day of month"), ("0 0 32W * *", "day of month"),
        ("0 0 1-5W * *", "day of month"), ("0 0 15W/2 * *", "day of month"), ("0 0 L/2 * *", "day of month"),
        ("0 0 L-3W * *", "day of month"), ("0 0 1,?,3 * *", "day of month"), ("0 0 ?/2 * *", "day of month"),
        ("0 0 *W * *", "day of month"), ("0 0 ? * ?", "write * in day of month or day of week"),
        ("0 0 * * 6#6", "#1 to #5"), ("0 0 * * MON#0", "#1 to #5"), ("0 0 * * MON#", "day of week"),
        ("0 0 * * #2", "day of week"), ("0 0 * * 8#1", "day of week"), ("0 0 * * 1#1#1", "day of week"),
        ("0 0 * * MON#1-3", "day of week"), ("0 0 * * MON-FRI#1", "day of week"), ("0 0 * * MON-FRIL", "day of week"),
        ("0 0 * * 8L", "day of week"), ("0 0 * * *L", "day of week"), ("0 0 * * FRILL", "day of week"),
        // Never.
        ("* * 31 2 *", "never"), ("30 2 30 2 *", "never"), ("0 0 31W 2,4,6,9,11 *", "never"), ("0 0 30W 2 ?", "never"),
        ("0 0 L-30 4 *", "never"), ("0 0 L-29 2 ?", "never"), ("0 0 */31 * MON#2", "never"),
        ("0 0 */28 2 MON#2", "never"),
        // Nicknames and intervals.
        ("@noon", "@daily"), ("@", "@daily"), ("@reboot", "@daily"), ("@daily 5", "@daily"),
        ("@wee\u{212A}ly", "ASCII"),
        ("@every", "1h30m"), ("@every90s", "1h30m"), ("@every 1h 30m", "1h30m"), ("@every 0s", "from 1s"),
        ("@every 999ms", "from 1s"), ("@every 1500ms", "whole seconds"), ("@every 8761h", "8760h"),
        ("@every 90", "units"), ("@every s", "units"), ("@every 1.5h", "units"), ("@every -5m", "units"),
        ("@every 1d", "units"), ("@every 30m1h", "in this order"), ("@every 1h1h", "at most once"),
        ("@every 999999999999h999999999999m", "8760h"), ("@every 99999999999999999999s", "units"),
        // Digits and letters of other scripts, and combining marks.
        ("\u{0665} * * * *", "ASCII"), ("\u{FF15} * * * *", "ASCII"), ("*\u{301} * * * *", "ASCII"),
        ("0 0 * * MON\u{FF03}2", "ASCII"), ("0\u{A0}0 * * *", "ASCII"),
    ])
    func `what is no cron expression is refused with the reason`(_ wrong: String, _ reason: String) throws {
        let error = #expect(throws: JobError.self) { try CronExpression(wrong) }
        #expect(error?.code == .invalidSchedule)
        let message = "\(try #require(error))"
        #expect(message.contains(reason), "\(message)")
        #expect(message.contains(wrong.debugDescription), "\(message)")
        #expect(!message.contains("\0") && !message.contains("\n"), "\(message)")
    }

    @Test func `a refusal quotes no more than the beginning of a long text`() throws {
        for text in [String(repeating: "1,", count: 100_000), "0 0 \(String(repeating: "L", count: 100_000)) * *"] {
            let error = #expect(throws: JobError.self) { try CronExpression(text) }
            #expect("\(try #require(error))".utf8.count < 1000)
        }
    }

    // MARK: Clocks that change

    @Test func `a fixed hour that the clock leaps over falls on the end of the leap`() throws {
        #expect(
            try ticks("30 2 * * *", "Europe/Berlin", after: "2026-03-28T00:00:00Z", 3) == [
                "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z",
            ])
        #expect(
            try ticks("15 2 * * *", "America/New_York", after: "2026-03-07T12:00:00Z", 2) == [
                "2026-03-08T07:00:00Z", "2026-03-09T06:15:00Z",
            ])
    }

    @Test func `a fixed hour that comes twice counts once`() throws {
        #expect(
            try ticks("30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z", 2) == [
                "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z",
            ])
        // Lord Howe Island moves by half an hour.
        #expect(
            try ticks("45 1 * * *", "Australia/Lord_Howe", after: "2026-04-03T15:00:00Z", 3) == [
                "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z", "2026-04-06T15:15:00Z",
            ])
    }

    @Test func `an open hour follows the time that passes`() throws {
        #expect(
            try ticks("*/30 * * * *", "Europe/Berlin", after: "2026-03-29T00:30:00Z", 3) == [
                "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:00:00Z",
            ])
        #expect(
            try ticks("0 * * * *", "Europe/Berlin", after: "2026-10-24T23:30:00Z", 3) == [
                "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z",
            ])
    }

    @Test func `an hour that comes twice is not passed over on the way to a tick a year away`() throws {
        // Havana's clock goes back from 1:00 to midnight on the first Sunday of November.
        #expect(
            try ticks("30 */24 ? 11 SUN#1", "America/Havana", after: "2026-10-31T00:00:00Z", 3) == [
                "2026-11-01T04:30:00Z", "2026-11-01T05:30:00Z", "2027-11-07T04:30:00Z",
            ])
        // That of St John's went back from 0:01 to 23:01 of the day before.
        #expect(
            try ticks("30 */23 1,2 11 *", "America/St_Johns", after: "2008-11-02T01:59:59Z", 3) == [
                "2008-11-02T02:00:00Z", "2008-11-02T03:00:00Z", "2008-11-02T04:00:00Z",
            ])
    }

    @Test func `the forms of the day fields follow the same clock`() throws {
        // The clocks of Berlin change on the last Sundays of March and October.
        #expect(
            try ticks("30 2 ? 3,10 SUNL", "Europe/Berlin", after: "2026-01-01T00:00:00Z", 3) == [
                "2026-03-29T01:00:00Z", "2026-10-25T00:30:00Z", "2027-03-28T01:00:00Z",
            ])
        #expect(
            try ticks("30 */2 ? 10 SUN#4", "Europe/Berlin", after: "2026-10-24T22:00:00Z", 4) == [
                "2026-10-24T22:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T03:30:00Z",
            ])
        #expect(
            try ticks("@every 1h", "Europe/Berlin", after: "2026-10-25T00:00:00Z", 2) == [
                "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z",
            ])
    }

    @Test func `a day that a zone leaves out does not stop the ticks`() throws {
        // Samoa went from 29 to 31 December 2011.
        #expect(
            try ticks("0 8 * * *", "Pacific/Apia", after: "2011-12-29T00:00:00Z", 3) == [
                "2011-12-29T18:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T18:00:00Z",
            ])
    }

    @Test(arguments: [
        "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Santiago", "Asia/Kolkata",
        "Asia/Kathmandu", "Asia/Tehran", "Africa/Casablanca", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia",
        "Pacific/Chatham", "Pacific/Kiritimati", "America/Nuuk", "Asia/Gaza", "Antarctica/Troll", "Asia/Pyongyang",
        "America/Caracas", "Etc/GMT+12",
    ])
    func `a zone's offsets are those that Foundation knows`(_ identifier: String) throws {
        let rules = try ZoneRules(identifier: identifier)
        let zone = try #require(TimeZone(identifier: identifier))
        // Every five hours and some seconds from 1975 to 2036, and sparsely on to 2090.
        var wrong: [String] = []
        for (start, end, step) in [("1975", "2036", Int64(18_013)), ("2038", "2090", 86_413 * 3)] {
            var moment = try seconds("\(start)-01-01T00:00:00Z")
            let last = try seconds("\(end)-01-01T00:00:00Z")
            while moment < last {
                let known = Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment))))
                if rules.offset(at: moment) != known { wrong.append(text(moment)) }
                moment += step
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(5))")
    }

    @Test(arguments: ["Europe/Atlantis", "", "../passwd", "/etc/passwd", "Europe", "Europe/Berlin\n"])
    func `what is no time zone is refused`(_ name: String) throws {
        let error = #expect(throws: JobError.self) { try ZoneRules(identifier: name) }
        #expect(error?.code == .invalidSchedule)
    }

    @Test func `damaged zone files are refused and crash nothing`() throws {
        let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Berlin")))
        var random = SystemRandomNumberGenerator()
        var refused = 0
        for _ in 0..<2000 {
            var bytes = Array(file.prefix(Int.random(in: 0...file.count, using: &random)))
            for _ in 0..<Int.random(in: 0...8, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255)
            }
            if let rules = ZoneRules(identifier: "x", file: bytes) { _ = rules.offset(at: 0) } else { refused += 1 }
        }
        #expect(refused > 500)
        #expect(ZoneRules(identifier: "Europe/Berlin", file: file) != nil)
    }
}
