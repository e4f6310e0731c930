import Foundation
import PostgresBackend
import TestServers
import Testing

@testable import SQLDatabase

@Suite struct CalendarTextTests {
    private func lengths(_ year: Int) -> [Int] {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    }

    private func text(_ year: Int, _ month: Int, _ day: Int) -> String {
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return (year < 0 ? "-" : "") + padded(abs(year), 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
    }

    @Test func `days agree with a calendar that is counted day by day`() {
        // 1 January of the year −400, counted from 1970: the calendar repeats every 146,097 days.
        var day = -719_528 - 146_097
        for year in -400...2400 {
            for (month, length) in lengths(year).enumerated() {
                for number in 1...length {
                    // Every day of some years, the ends of months of the others.
                    if year % 50 == 0 || number == 1 || number >= 28 {
                        let expected = text(year, month + 1, number)
                        #expect(CalendarText.date(Int32(day)) == expected)
                        #expect(CalendarText.days(expected) == Int32(day))
                    }
                    day += 1
                }
                #expect(CalendarText.days(text(year, month + 1, length + 1)) == nil)
                #expect(CalendarText.days(text(year, month + 1, 0)) == nil)
            }
            #expect(CalendarText.days(text(year, 13, 1)) == nil)
            #expect(CalendarText.days(text(year, 0, 1)) == nil)
        }
    }

    @Test func `every moment has one text that reads as the moment`() {
        var random = SplitMix64(seed: 17)
        var moments: [Int64] = [
            .min, .min + 1, .max, .max - 1, 0, -1, 1, 86_399_999_999, 86_400_000_000, -86_400_000_000,
        ]
        for _ in 0..<20_000 {
            let bits = Int64(bitPattern: random.next())
            moments.append(bits >> Int64(random.next() % 62))
        }
        for moment in moments {
            let text = CalendarText.timestamp(moment)
            #expect(CalendarText.microseconds(text) == moment, "\(text)")
        }
    }

    @Test func `moments agree with Foundation's ISO 8601`() throws {
        var random = SplitMix64(seed: 18)
        for _ in 0..<3_000 {
            // Foundation keeps the Julian calendar before 1582; seconds of the years 1600 to 3000.
            let second = Int64(random.next() % 44_000_000_000) - 11_676_096_000
            let text = Date(timeIntervalSince1970: Double(second)).formatted(.iso8601)
            #expect(CalendarText.microseconds(text) == second * 1_000_000, "\(text)")
            let ours = CalendarText.timestamp(second * 1_000_000).replacing(".000000Z", with: "Z")
            #expect(try Date(ours, strategy: .iso8601).timeIntervalSince1970 == Double(second), "\(ours)")
        }
    }

    @Test(arguments: [
        "2026-02-31", "2026-02-29", "2025-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "26-01-01", "2026-1-1",
        "2026-01-31x", "2026-01-31 ", "2026-01-31T", "2026-01-31 12", "2026-01-31 24:00:01", "2026-01-31 24:01",
        "2026-01-31 25:00",
        "2026-01-31 12:60", "2026-01-31 12:00:61", "2026-01-31 12:00:00.", "2026-01-31 12:00:00,5",
        "2026-01-31 12:00+16",
        "2026-01-31 12:00+01:60", "2026-01-31 12:00 UTC", "2026-01-31 12:00Zx", "infinity", "", "-", "99999999-01-01",
        "２026-01-01", "2026-01-31 12:00:00.1234567", "9999-12-31 23:59:59.9999999", "2026-01-31 12:00:00.0000001",
    ])
    func `text that is no moment is refused`(text: String) {
        #expect(CalendarText.microseconds(text) == nil)
    }

    @Test(.enabled(if: PostgresServer.isAvailable)) func `text that reads is the moment that PostgreSQL reads`()
        async throws
    {
        var random = SplitMix64(seed: 19)
        func pick<Value>(_ values: [Value]) -> Value { values[Int(random.next() % UInt64(values.count))] }
        var texts: [String] = []
        while texts.count < 4_000 {
            let year = pick([1, 4, 99, 1582, 1600, 1900, 1999, 2000, 2024, 2026, 9999])
            let day = text(year, pick(Array(0...13)), pick([0, 1, 15, 28, 29, 30, 31, 32]))
            let time = pick([
                "", " 00:00", "T00:00:00", " 24:00:00", " 24:00:00.1", " 24:01", " 23:59:60", " 23:59:60.5",
                " 23:59:61", " 12:60",
                "T12:34:56.1234565", " 12:34:56.1234570", " 12:34:56.123456000", " 01:02:03.9999990", " 01:02:03.5",
                " 01:02:03.000001",
            ])
            let zone =
                time.isEmpty
                ? ""
                : pick(["", "Z", "+00", "-08", "+05:30", "+0530", "-15:59", "+15:59:59", "+16", "-01:60", "+13:00:01"])
            texts.append(day + time + zone)
        }
        let dsn = try await PostgresServer.shared().makeDatabase()
        let database = try PostgresDatabase(configuration: PostgresConfiguration(dsn))
        try await database.withConnection { connection in
            try await connection.executeScript(
                """
                SET timezone = 'UTC';
                CREATE FUNCTION pg_temp.read(t text) RETURNS timestamptz LANGUAGE plpgsql AS
                $$ BEGIN RETURN t::timestamptz; EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$
                """)
            let rows = try await connection.query(
                "SELECT t, pg_temp.read(t) AS moment FROM unnest(\(texts)::text[]) WITH ORDINALITY AS u(t, n) ORDER BY n"
            )
            var accepted = 0
            for row in rows {
                let text = try row.decode("t", as: String.self)
                guard let ours = CalendarText.microseconds(text) else { continue }
                accepted += 1
                #expect(row.values[1] == .timestamp(microseconds: ours), "\(text)")
            }
            #expect(accepted > 1_000)
        }
        await database.shutdown()
    }
}
