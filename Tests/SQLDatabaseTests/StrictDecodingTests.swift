import Foundation
import Testing

@testable import SQLDatabase

/// What does not fit a type exactly is refused.
@Suite struct StrictDecodingTests {
    enum Mood: String, SQLEncodable, SQLDecodable { case ok, sad }

    /// A value and a type as which it is not read.
    private func expectRefusal<Value: SQLDecodable>(
        _ value: SQLValue, _ type: Value.Type, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(Value.decode(value) == nil, "\(value) as \(type)", sourceLocation: sourceLocation)
    }

    @Test func `text is never a number, and only wholly a decimal, a day or a UUID`() {
        for text in [
            "12abc", "2026-01-31", " 12", "12 ", "1,5", "0x10", "1_000", "", ".", "-", "1e", "1e5x", "NaN", "٣",
            "1.2.3", "--1",
        ] {
            expectRefusal(.text(text), Int.self)
            expectRefusal(.text(text), Double.self)
            expectRefusal(.text(text), Decimal.self)
            expectRefusal(.text(text), Duration.self)
            expectRefusal(.text(text), UUID.self)
        }
        expectRefusal(.text("1"), Int.self)
        expectRefusal(.text("1"), Double.self)
        expectRefusal(.text("true"), Bool.self)
        expectRefusal(.integer(2), Bool.self)
        #expect(Decimal.decode(.text("-12.50")) == Decimal(string: "-12.5"))
    }

    @Test func `a decimal that a type would round is refused`() throws {
        let fifty = String(repeating: "1234567890", count: 5)
        expectRefusal(.decimal(fifty), Decimal.self)
        expectRefusal(.decimal("0." + fifty), Decimal.self)
        expectRefusal(.decimal("340282366920938463463374607431768211456"), Decimal.self)
        expectRefusal(.decimal("1e200"), Decimal.self)
        expectRefusal(.decimal("Infinity"), Decimal.self)
        #expect(Decimal.decode(.decimal("1" + String(repeating: "0", count: 100))) == Decimal(string: "1e100"))
        #expect(Decimal.decode(.double(12.5)) == Decimal(string: "12.5"))
        expectRefusal(.double(0.1 + 0.2), Decimal.self)
        expectRefusal(.double(.nan), Decimal.self)
        expectRefusal(.decimal("1" + String(repeating: "0", count: 400)), Double.self)
        expectRefusal(.decimal("1e40"), Float.self)
        #expect(Double.decode(.decimal("0.1")) == 0.1)
        #expect(Double.decode(.decimal("-Infinity")) == -.infinity)
        expectRefusal(.integer(9_007_199_254_740_993), Double.self)
        expectRefusal(.double(0.1), Float.self)
    }

    @Test func `an integer of another width is read only where it fits`() {
        #expect(Int.decode(.decimal("42")) == 42)
        #expect(Int.decode(.decimal("42.000")) == 42)
        #expect(Int64.decode(.decimal("-9223372036854775808")) == .min)
        #expect(UInt64.decode(.decimal("18446744073709551615")) == .max)
        expectRefusal(.decimal("42.5"), Int.self)
        expectRefusal(.decimal("9223372036854775808"), Int64.self)
        expectRefusal(.decimal("1e30"), UInt64.self)
        expectRefusal(.decimal("NaN"), Int.self)
        expectRefusal(.integer(128), Int8.self)
        expectRefusal(.integer(-1), UInt64.self)
        expectRefusal(.integer(70_000), UInt16.self)
        expectRefusal(.double(1.5), Int.self)
        expectRefusal(.double(1e19), Int64.self)
        #expect(Int.decode(.double(3)) == 3)
        #expect(Int8.decode(.integer(-128)) == -128)
    }

    @Test func `an integer beyond 64 bits with a sign reads its digits in text, and nothing else`() {
        #expect(UInt64.decode(.text("18446744073709551615")) == .max)
        #expect(UInt.decode(.text("7")) == 7)
        #expect(Int128.decode(.text("-9223372036854775809")) == -9_223_372_036_854_775_809)
        for text in ["18446744073709551616", "-1", "", "-", "+1", " 1", "1 ", "1.0", "1e3", "12abc", "٣", "0x1"] {
            expectRefusal(.text(text), UInt64.self)
        }
        expectRefusal(.text("1"), Int.self)
        expectRefusal(.text("1"), Int64.self)
        expectRefusal(.text("1"), UInt32.self)
    }

    @Test func `an infinite moment is not a date`() {
        for value: SQLValue in [
            .timestamp(microseconds: .max), .timestamp(microseconds: .min), .date(days: .max), .date(days: .min),
            .text("infinity"), .text("-infinity"), .text("now"), .double(.infinity),
        ] { expectRefusal(value, Date.self) }
        #expect(SQLValue.timestamp(microseconds: .max).basic == .text("infinity"))
        #expect(SQLValue.date(days: .min).basic == .text("-infinity"))
    }

    @Test func `an array of an unknown type reads from its text form, and text never does`() {
        func array<Value: SQLDecodable>(_ text: String, _ type: Value.Type = Value.self, oid: UInt32 = 16_385)
            -> [Value]?
        {
            [Value].decode(.other(text: text, typeOID: oid))
        }
        #expect(array("{ok}") == ["ok"])
        #expect(array("{ok,sad}") == [Mood.ok, .sad])
        #expect(array("{}", String.self) == [])
        #expect(array("{NULL,\"NULL\",\"\",null}") == [nil, "NULL", "", "null"] as [String?])
        #expect(array("{NULL}", String.self) == nil)
        #expect(array(#"{"a,b","q\"u\\o","{}"," "}"#) == ["a,b", "q\"u\\o", "{}", " "])
        #expect(array("[5:6]={a,b}") == ["a", "b"])
        #expect(array("[1:1][-2:-1]={{a,b}}") == [["a", "b"]])
        #expect(array("{{a,b},{c,d}}") == [["a", "b"], ["c", "d"]])
        #expect(array("{{a,b}}", String.self) == nil)
        #expect(
            array("{\"1 day\",02:00:00}", oid: 1187) == [
                SQLInterval(days: 1), SQLInterval(microseconds: 7_200_000_000),
            ])
        #expect(array("{01:02:03}", oid: 1183) == [SQLTime(hour: 1, minute: 2, second: 3)])
        #expect(array("{10.0.0.1,::1}", oid: 1041) == ["10.0.0.1", "::1"])
        for broken in [
            "", "ok", "{ok", "ok}", "{ok}x", "{,}", "{a,}", "{a\"b\"}", "{\"a", "{a}{b}", "{{a}", "(a,b)", "[1:2]",
            "{a\\",
        ] {
            #expect(array(broken, String.self) == nil, "\(broken)")
        }
        // A multirange and an array of boxes are not arrays split at commas.
        for text in ["{[1,3),[5,7)}", "{(,3)}", "{(1,1),(0,0);(2,2),(1,1)}"] {
            #expect(array(text, String.self) == nil)
        }
        #expect(array("{[1,3)}", String.self, oid: 4451) == nil)
        expectRefusal(.text("{ok}"), [String].self)
        expectRefusal(.text("ok"), [String].self)
        expectRefusal(.integer(1), [Int].self)
        expectRefusal(.text(" {ok}"), [String].self)
        #expect([Int?].decode(.text("[1, null]")) == [1, nil])
        for broken in ["[", "[1", "[1,]", "[1 2]", "[\"a]", "[1]x", "[01x]", "[{}]", "[\"\\ud800\"]", "[nul]"] {
            expectRefusal(.text(broken), [SQLValue].self)
        }
    }

    @Test(
        arguments: [
            ("00:00:00", 0, 0, 0), ("1 day", 0, 1, 0), ("-1 days +02:03:04", 0, -1, 7_384_000_000),
            ("1 year 2 mons 3 days 04:05:06.789", 14, 3, 14_706_789_000),
            ("-1 years -2 mons +3 days -04:05:06.7", -14, 3, -14_706_700_000),
            ("10 years", 120, 0, 0), ("1 mon", 1, 0, 0), ("-00:00:00.000001", 0, 0, -1),
            ("2562047788:00:54.775807", 0, 0, .max),
            ("-2562047788:00:54.775808", 0, 0, Int64.min), ("178956970 years 7 mons", 2_147_483_647, 0, 0),
            ("-178956970 years -8 mons", -2_147_483_648, 0, 0),
        ] as [(String, Int32, Int32, Int64)])
    func `the text of an interval reads`(text: String, months: Int32, days: Int32, microseconds: Int64) {
        let interval = SQLInterval(months: months, days: days, microseconds: microseconds)
        #expect(SQLInterval(text) == interval)
        #expect(SQLInterval(interval.description) == interval)
    }

    @Test func `text that is no interval, or one without a fixed length, is refused`() {
        for text in [
            "", "1", "1 hour", "infinity", "P1D", "1 day 1 day", "1 day 25:60:00", "1  day", "1 day 1:02:03x", "04:05",
            "1 day ago", "99999999999 days", "1.5 days", "2562047788:00:54.775808", "04:05:06 1 day",
            "+-1 day",
        ] { #expect(SQLInterval(text) == nil, "\(text)") }
        expectRefusal(.other(text: "1 day", typeOID: 1186), Duration.self)
        expectRefusal(.other(text: "1 mon", typeOID: 1186), Duration.self)
        expectRefusal(.other(text: "00:00:01", typeOID: 25), Duration.self)
        #expect(Duration.decode(.other(text: "-00:00:01.5", typeOID: 1186)) == .milliseconds(-1500))
        for text in ["24:00:01", "23:59:60.5x", "1:00:00", "12", "12:60", "12:00:61", "25:00", "", "12:00:00+01"] {
            #expect(SQLTime(text) == nil, "\(text)")
        }
        #expect(SQLTime("23:59:60")?.microseconds == 86_400_000_000)
        #expect(SQLTime("24:00")?.hour == 24)
    }

    @Test func `a URL is read only as it stands`() {
        for text in ["", "a b", "https://exa mple.org", "http://[::1"] { expectRefusal(.text(text), URL.self) }
    }

    @Test func `an error names the column, both types and the remedy, never the value`() {
        let row = SQLRow(
            columns: ["a", "b", "c", "d", "e"],
            values: [
                .text("4711-secret"), .integer(4711), .null, .decimal("4711.4711"), .timestamp(microseconds: .max),
            ])
        func error<Value: SQLDecodable>(_ column: String, _ type: Value.Type) -> String {
            do throws(SQLDecodingError) {
                _ = try row.decode(column, as: type)
                return ""
            } catch { return error.description }
        }
        #expect(
            error("a", Int.self)
                == "column a: text does not read as Int; the text does not have that form: ask for String, or cast the column in the statement"
        )
        #expect(
            error("b", Int8.self)
                == "column b: an integer does not read as Int8; it is out of range: ask for a wider integer type")
        #expect(
            error("c", String.self) == "column c: NULL does not read as String; the column is NULL: ask for String?")
        #expect(error("d", Int.self).hasSuffix("it is not whole or out of range: ask for Decimal"))
        #expect(error("e", Date.self).hasSuffix("it is infinite: ask for SQLValue"))
        for column in row.columns { #expect(!error(column, [UInt8].self).contains("4711")) }
    }

    @Test func `an array in text is read only where it is JSON`() {
        for (text, values) in [
            ("[1]", [1]), (" [1]", [1]), ("\n[ 1 , 2 ]\t", [1, 2]), ("[0]", [0]), ("[01]", nil),
            ("[-01]", nil), ("[+1]", nil), ("[1.]", nil), ("[.5]", nil), ("[1e]", nil), ("[--1]", nil), ("[1 2]", nil),
            ("[1,]", nil), ("[0x1]", nil), ("[]", []),
        ] as [(String, [Int]?)] {
            #expect([Int].decode(.text(text)) == values, "\(text)")
        }
        #expect([Double].decode(.text("[1.5e-3, -0, 10E+1]")) == [0.0015, 0, 100])
    }

    private struct Generic<Value: Decodable>: Decodable { var v: Value }

    private struct ByHand<Value: Decodable>: Decodable {
        var v: Value
        private enum Key: String, CodingKey { case v }
        init(from decoder: any Decoder) throws {
            v = try decoder.container(keyedBy: Key.self).decode(Value.self, forKey: .v)
        }
    }

    /// Whichever way a type asks for a value, or for a value or nothing, it gets what the type reads, or an error.
    private func expectOneMeaning<Value: SQLDecodable & Decodable & Equatable>(
        _ value: SQLValue, _ type: Value.Type
    ) -> Int {
        func expectSame<Asked: SQLDecodable & Decodable & Equatable>(_ type: Asked.Type) {
            let row = SQLRow(columns: ["v"], values: [value])
            let expected = Asked.decode(value)
            #expect((try? row.decode(Generic<Asked>.self))?.v == expected, "\(value) as \(type)")
            #expect((try? row.decode(ByHand<Asked>.self))?.v == expected, "\(value) as \(type), by hand")
        }
        expectSame(Value.self)
        expectSame(Value?.self)
        return 4
    }

    @Test func `a value that does not fit is an error, never nil, however it is asked for`() {
        let values: [SQLValue] = [
            .null, .integer(0), .integer(128), .integer(-1), .integer(.max), .double(1.5), .double(1e300),
            .text("twelve"),
            .text("12"), .text(""), .blob([1, 2]), .decimal("3.0"), .decimal("3.5"), .bool(true),
        ]
        var compared = 0
        for value in values {
            compared += expectOneMeaning(value, Int.self) + expectOneMeaning(value, Int8.self)
            compared += expectOneMeaning(value, Int16.self) + expectOneMeaning(value, Int32.self)
            compared += expectOneMeaning(value, Int64.self) + expectOneMeaning(value, UInt.self)
            compared += expectOneMeaning(value, UInt8.self) + expectOneMeaning(value, UInt16.self)
            compared += expectOneMeaning(value, UInt32.self) + expectOneMeaning(value, UInt64.self)
            compared += expectOneMeaning(value, Float.self) + expectOneMeaning(value, Double.self)
            compared += expectOneMeaning(value, Bool.self) + expectOneMeaning(value, String.self)
            compared += expectOneMeaning(value, Decimal.self) + expectOneMeaning(value, UUID.self)
            compared += expectOneMeaning(value, Date.self) + expectOneMeaning(value, URL.self)
        }
        print("one meaning: \(compared) ways of asking")
    }
}
