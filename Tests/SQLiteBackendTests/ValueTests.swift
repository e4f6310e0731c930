import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import SQLiteBackend

@Suite("Values in SQLite")
struct ValueTests {
    private func one(_ database: SQLiteDatabase, _ query: SQLQuery) async throws -> [SQLValue] {
        try #require(try await database.rows(query).first)
    }

    @Test("a moment compares with SQLite's own, as text and by the functions")
    func moments() async throws {
        try await withDatabase(inMemory: true) { database in
            let row = try await one(
                database,
                """
                SELECT datetime('now') > \(Date() - 60), datetime('now') < \(Date() + 60), CURRENT_TIMESTAMP > \(Date() - 60),
                    datetime('2026-01-31 12:00:00') = \(Date(timeIntervalSince1970: 1_769_860_800)),
                    strftime('%Y-%m-%d %H:%M:%f', '2026-01-31 12:00:00.250') = \(Date(timeIntervalSince1970: 1_769_860_800.25)),
                    unixepoch(\(Date(timeIntervalSince1970: 1_769_860_800))), \(Date(timeIntervalSince1970: 0))
                """)
            #expect(row.prefix(5) == [1, 1, 1, 1, 1].map(SQLValue.integer)[...])
            #expect(row[5...] == [.integer(1_769_860_800), .text("1970-01-01 00:00:00")])
            for microseconds: Int64 in [0, 250_000, 250_001, 999_999, -1, -1_000_000, 1_769_860_800_123_456] {
                let value = SQLValue.timestamp(microseconds: microseconds)
                guard case .text(let text) = try await one(database, "SELECT \(value)")[0] else { continue }
                #expect(CalendarText.microseconds(text) == microseconds)
            }
            // What earlier versions stored reads back, and one statement brings it into the new form.
            #expect(CalendarText.microseconds("2026-01-31T12:00:00.000000Z") == 1_769_860_800_000_000)
        }
    }

    @Test("the order of moments as text is their order in time, and equal moments are equal text", arguments: 0..<20)
    func order(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let parts: [Int64] = [0, 1, 10, 999, 1000, 1001, 250_000, 250_001, 251_000, 999_000, 999_999]
        let moments = (0..<200).map { _ in
            Int64.random(in: -3...3, using: &random) * 1_000_000 + (parts.randomElement(using: &random) ?? 0)
        }
        for a in moments {
            for b in moments.prefix(20) {
                let (one, other) = (MomentText.moment(a), MomentText.moment(b))
                guard let one, let other else {
                    Issue.record("a moment has no text")
                    return
                }
                // As SQLite compares text: byte by byte.
                #expect(Array(one.utf8).lexicographicallyPrecedes(Array(other.utf8)) == (a < b))
                #expect((one == other) == (a == b))
            }
        }
    }

    @Test("the statement of the migration guide brings moments of the old form into the new one")
    func migratedMoments() async throws {
        try await withDatabase(inMemory: true) { database in
            try await database.run(
                """
                CREATE TABLE t (at TEXT);
                INSERT INTO t VALUES ('2026-01-31T12:00:00.000000Z'), ('2026-01-31T12:00:00.250000Z'),
                    ('2026-01-31T12:00:00.250001Z'), ('2026-01-31 12:00:00'), (NULL), ('text'), ('2026-01-31');
                UPDATE t SET at = replace(substr(at, 1, 19), 'T', ' ') ||
                    CASE WHEN substr(at, 21, 6) = '000000' THEN ''
                         WHEN substr(at, 24, 3) = '000' THEN substr(at, 20, 4) ELSE substr(at, 20, 7) END
                    WHERE at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*.[0-9][0-9][0-9][0-9][0-9][0-9]Z'
                """)
            let rows = try await database.rows("SELECT at FROM t").map { $0[0] }
            #expect(
                rows == [
                    .text("2026-01-31 12:00:00"), .text("2026-01-31 12:00:00.250"), .text("2026-01-31 12:00:00.250001"),
                    .text("2026-01-31 12:00:00"), .null, .text("text"), .text("2026-01-31"),
                ])
        }
    }

    @Test(
        "a decimal number is bound as the number that keeps all its digits",
        arguments: [
            ("12.50", SQLValue.double(12.5)), ("12", .integer(12)), ("-0", .integer(0)), ("0.000", .integer(0)),
            ("100", .integer(100)), ("1e3", .integer(1000)), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)), ("0.1", .double(0.1)),
            ("123456789.012345", .double(123_456_789.012345)),
            ("1e30", .double(1e30)), ("-1.5E-10", .double(-1.5e-10)), ("007.50", .double(7.5)),
        ])
    func decimals(text: String, form: SQLValue) async throws {
        #expect(DecimalForm.number(text) == form)
    }

    @Test(
        "a number with more digits than SQLite keeps is refused, with its position and without its digits",
        arguments: [
            "9223372036854775808", "0.1234567890123456", "1234567890.1234567", "1e400", "NaN", "Infinity", "1.2.3", "",
            "18446744073709551615",
        ])
    func tooManyDigits(text: String) async throws {
        try await withDatabase(inMemory: true) { database in
            let error = await expect(.typeMismatch) {
                try await database.rows("SELECT \(1), \(SQLValue.decimal(text))")
            }
            #expect(error?.message.contains("parameter 2") == true)
            #expect(text.isEmpty || error?.description.contains(text) == false)
        }
    }

    @Test("sums compare with decimals, and NUMERIC columns keep them", arguments: 0..<10)
    func numericColumns(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let decimals = (0..<100).map { _ in
            let digits = Int64.random(in: -999_999_999_999_999...999_999_999_999_999, using: &random)
            return Decimal(sign: .plus, exponent: Int.random(in: -14...3, using: &random), significand: Decimal(digits))
        }
        try await withDatabase(inMemory: true) { database in
            try await database.run("CREATE TABLE t (n INTEGER PRIMARY KEY, a NUMERIC)")
            for decimal in decimals { try await database.execute("INSERT INTO t (a) VALUES (\(decimal))") }
            let rows = try await database.rows("SELECT a FROM t ORDER BY n").map { $0[0] }
            for (value, decimal) in zip(rows, decimals) {
                switch value {
                case .integer(let number): #expect(Decimal(number) == decimal)
                case .double(let number): #expect(Decimal(string: "\(number)") == decimal)
                default: Issue.record("\(value)")
                }
            }
            let row = try await one(
                database, "SELECT sum(a) > \(Decimal(5)), sum(a) < \(Decimal(string: "10.5")) FROM (SELECT 10.0 AS a)")
            #expect(row == [.integer(1), .integer(1)])
        }
    }

    @Test("what SQLite would store as something else is refused by position")
    func refused() async throws {
        try await withDatabase(inMemory: true) { database in
            for value: SQLValue in [
                .double(.nan), .timestamp(microseconds: .max), .timestamp(microseconds: .min), .date(days: .max),
                .array([.blob([1])]), .array([.double(.nan)]), .array([.text("a\0b")]),
                .array([.array([.decimal("x")])]),
            ] {
                let error = await expect(.typeMismatch) { try await database.rows("SELECT \(1), \(value)") }
                #expect(error?.message.contains("parameter 2") == true)
            }
        }
    }

    @Test("text, bytes and numbers at their edges come back as they went in, on each path")
    func edges() async throws {
        let values: [SQLValue] = [
            .integer(.max), .integer(.min), .integer(1 << 53 + 1), .double(.infinity), .double(-.infinity),
            .double(-0.0),
            .double(.leastNonzeroMagnitude), .double(.greatestFiniteMagnitude), .text(""), .text("a\0b"),
            .text("e\u{301}"),
            .text("\u{10FFFF}\u{FEFF}"), .text(String(repeating: "x", count: 1 << 20)), .blob([]), .blob([0]),
            .blob([UInt8](repeating: 255, count: 1 << 20)), .text("'; DROP TABLE t; --"), .null,
        ]
        try await withDatabase { database in
            try await database.run("CREATE TABLE t (n INTEGER PRIMARY KEY, a)")
            for (number, value) in values.enumerated() {
                try await database.execute("INSERT INTO t VALUES (\(number), \(value))")
            }
            #expect(try await database.rows("SELECT a FROM t ORDER BY n").map { $0[0] } == values)
            let read = try await database.withRows(of: "SELECT a FROM t ORDER BY n") { rows in
                try await rows.reduce(into: []) { $0.append($1.values[0]) }
            }
            #expect(read == values)
        }
    }

    @Test(
        "text that is not valid is refused by the column's name, never repaired",
        arguments: [
            "CAST(x'EDA080' AS TEXT)", "CAST(x'FF' AS TEXT)", "CAST(x'61C3' AS TEXT)", "CAST(x'C080' AS TEXT)",
        ])
    func invalidText(expression: String) async throws {
        try await withDatabase(inMemory: true) { database in
            try await database.run("CREATE TABLE t (a); INSERT INTO t SELECT \(expression)")
            let error = await expect(.typeMismatch) { try await database.rows("SELECT 1, a AS wrong FROM t") }
            #expect(error?.message.contains("wrong") == true)
            #expect(try await database.rows("SELECT CAST(a AS BLOB) FROM t").count == 1)
        }
    }

    @Test("a statement's text is never cut off, and placeholders out of range are refused")
    func texts() async throws {
        try await withDatabase(inMemory: true) { database in
            for sql in ["SELECT 1\0; DROP TABLE t", "\0", "SELECT $0", "SELECT $99999999999999999999", "SELECT $40000"]
            {
                await expect(.misuse) {
                    try await database.withWriter { try await $0.withSession { try $0.execute(sql, each: [[]]) } }
                }
            }
            await expect(.misuse) { try await database.run("SELECT 1;\0 SELECT 2") }
            let inert = try await database.withWriter { connection in
                await expect(.misuse) {
                    try await connection.withSession { try $0.execute("SELECT 1; PRAGMA foreign_keys = 0", each: [[]]) }
                }
                return try await connection.query("PRAGMA foreign_keys")[0].values
            }
            #expect(inert == [.integer(1)])
        }
    }
}
