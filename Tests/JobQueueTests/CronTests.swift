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
        #expect(try ticks("@daily", "UTC", after: "2026-12-31T00:00:00Z", 1) == ["2027-01-01T00:00:00Z"])
        #expect(try ticks("@yearly", "UTC", after: "2026-01-01T00:00:00Z", 1) == ["2027-01-01T00:00:00Z"])
    }

    @Test func `where both day fields are restricted one of them is enough`() throws {
        #expect(
            try ticks("0 0 13 * FRI", "UTC", after: "2026-02-06T00:00:00Z", 4) == [
                "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-06T00:00:00Z",
            ])
    }

    @Test func `29 February is found over the century's missing leap year`() throws {
        #expect(
            try ticks("0 12 29 2 *", "UTC", after: "2096-02-29T12:00:00Z", 1) == ["2104-02-29T12:00:00Z"])
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
        "*/0 * * * *", "1- * * * *", "a * * * *", "1,,2 * * * *", "-1 * * * *", "* * 31 2 *", "@noon", "0 0 1 MON *",
        "1/2/3 * * * *", "99999999999999999999 * * * *",
    ])
    func `what is no cron expression is refused with the reason`(_ wrong: String) throws {
        let error = #expect(throws: JobError.self) { try CronExpression(wrong) }
        #expect(error?.code == .invalidSchedule)
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
