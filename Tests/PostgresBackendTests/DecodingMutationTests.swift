import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Values in the server's binary and text forms, whole, cut off and changed.
@Suite("Malformed values") struct DecodingMutationTests {
    static let scalars: [ColumnType] = [
        .bool, .bytes, .integer16, .integer32, .integer64, .oid, .float32, .float64, .text, .json, .jsonb, .numeric,
        .uuid,
        .date, .timestamp, .timestampWithZone,
    ]

    /// A value's binary form, and whether every part of it is needed.
    private static func binary(_ type: ColumnType, _ random: inout SplitMix64) -> (bytes: [UInt8], isExact: Bool) {
        switch type {
        case .bool: return ([Bool.random(using: &random) ? 1 : 0], true)
        case .integer16: return (bytes(2, &random), true)
        case .integer32, .oid, .float32, .date: return (bytes(4, &random), true)
        case .integer64, .float64: return (bytes(8, &random), true)
        case .timestamp, .timestampWithZone:
            return (
                bigEndian(Int64.random(in: -200_000_000_000_000_000...200_000_000_000_000_000, using: &random)), true
            )
        case .uuid: return (bytes(16, &random), true)
        case .bytes: return (bytes(Int.random(in: 0...20, using: &random), &random), false)
        case .jsonb: return ([1] + Array("{\"a\": \"ü\"}".utf8), false)
        case .numeric:
            let groups = Int.random(in: 0...6, using: &random)
            var words = [UInt16(groups)]
            words.append(UInt16(bitPattern: Int16.random(in: -3...5, using: &random)))
            words.append(Bool.random(using: &random) ? 0x4000 : 0)
            words.append(UInt16.random(in: 0...20, using: &random))
            for _ in 0..<groups { words.append(UInt16.random(in: 0...9999, using: &random)) }
            return (words.flatMap { bigEndian($0) }, true)
        case .array(let element):
            let dimensions = Int.random(in: 1...3, using: &random)
            let sizes = (0..<dimensions).map { _ in Int.random(in: 1...3, using: &random) }
            let header = [dimensions, 1, 25] + sizes.flatMap { [$0, 1] }
            var body = header.flatMap { bigEndian(Int32($0)) }
            for _ in 0..<sizes.reduce(1, *) {
                if Int.random(in: 0..<5, using: &random) == 0 {
                    body += bigEndian(Int32(-1))
                } else {
                    let item = binary(element, &random).bytes
                    body += bigEndian(Int32(item.count)) + item
                }
            }
            return (body, true)
        default: return (Array("Zürich 'a' {1,2}".utf8), false)
        }
    }

    private static func read(_ type: ColumnType, _ bytes: some Collection<UInt8>) -> SQLValue? {
        Array(bytes).withUnsafeBytes { BinaryDecoding.value(type, $0) }
    }

    @Test(arguments: scalars + scalars.map { .array($0) })
    func `a binary value is read whole or not at all`(_ type: ColumnType) {
        var random = SplitMix64(seed: 1)
        for _ in 0..<60 {
            let (whole, isExact) = Self.binary(type, &random)
            #expect(Self.read(type, whole) != nil, "\(type) \(whole)")
            guard isExact else { continue }
            for count in 0..<whole.count {
                #expect(Self.read(type, whole.prefix(count)) == nil, "\(type) \(whole), \(count) bytes")
            }
            #expect(Self.read(type, whole + [0]) == nil, "\(type) \(whole) and a byte more")
        }
    }

    @Test(arguments: scalars + scalars.map { .array($0) })
    func `a changed binary value is read without a trap`(_ type: ColumnType) {
        var random = SplitMix64(seed: 2)
        for _ in 0..<2000 {
            let bytes = mutated(Self.binary(type, &random).bytes, &random)
            let value = Self.read(type, bytes)
            // As text, in which one that is not a number equals itself.
            #expect("\(String(describing: Self.read(type, bytes)))" == "\(String(describing: value))")
        }
    }

    @Test func `only what the server can send as numeric is one`() {
        func numeric(_ words: [UInt16]) -> SQLValue? { Self.read(.numeric, words.flatMap { bigEndian($0) }) }
        #expect(numeric([1, 0, 0, 0, 9999]) == .decimal("9999"))
        #expect(numeric([2, 1, 0x4000, 4, 1, 2]) == .decimal("-10002.0000"))
        #expect(numeric([1, 0xFFFF, 0, 6, 12]) == .decimal("0.001200"))
        #expect(numeric([0, 0, 0xC000, 0]) == .decimal("NaN"))
        // A group of five digits, an unknown sign, more digits than the type has.
        #expect(numeric([1, 0, 0, 0, 10_000]) == nil)
        #expect(numeric([1, 0, 0x1234, 0, 1]) == nil)
        #expect(numeric([1, 0, 0, 0x4000, 1]) == nil)
    }

    @Test func `a numeric of the greatest scale takes time in proportion to its digits`() {
        let groups = 4096
        let words: [UInt16] = [UInt16(groups), 0xFFFF, 0, 16_383] + (0..<groups).map { _ in 1234 }
        let bytes = words.flatMap { bigEndian($0) }
        let start = ContinuousClock.now
        for _ in 0..<10 {
            guard case .decimal(let text)? = Self.read(.numeric, bytes) else {
                Issue.record("no decimal")
                return
            }
            #expect(text.utf8.count == 16_385)
        }
        #expect(ContinuousClock.now - start < .seconds(2))
    }

    // MARK: Rows

    private static func row(_ types: [ColumnType], _ random: inout SplitMix64) -> [UInt8] {
        var row = bigEndian(UInt16(types.count))
        for type in types {
            if Int.random(in: 0..<6, using: &random) == 0 {
                row += bigEndian(Int32(-1))
            } else {
                let value = binary(type, &random).bytes
                row += bigEndian(Int32(value.count)) + value
            }
        }
        return row
    }

    /// A description of columns in binary: int4, text, numeric, text[], bool.
    private static let description: RowDescription? = {
        let oids: [UInt32] = [23, 25, 1700, 1009, 16]
        let filler: [UInt8] = [0, 0, 0, 0, 0, 0]
        var body = bigEndian(UInt16(oids.count))
        for oid in oids { body += cString("c\(oid)") + filler + bigEndian(oid) + filler + bigEndian(Int16(1)) }
        return body.withUnsafeBytes { RowDescription($0) }
    }()

    private static let types: [ColumnType] = [.integer32, .text, .numeric, .array(.text), .bool]

    private func rows(_ bodies: [[UInt8]]) throws -> [SQLRow] {
        var store = RowStore()
        for body in bodies { body.withUnsafeBytes { store.append($0) } }
        return try store.rows(try #require(Self.description))
    }

    @Test(arguments: 0..<40) func `a row is read whole, or is a violation of the protocol`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let good = Self.row(Self.types, &random)
        #expect(try rows([good, good]).count == 2)
        for count in 0..<good.count {
            let error = #expect(throws: PostgresError.self) { try rows([good, Array(good.prefix(count))]) }
            #expect(error?.code == .protocolViolation, "\(count) of \(good)")
        }
        let error = #expect(throws: PostgresError.self) { try rows([good + [0], good]) }
        #expect(error?.code == .protocolViolation)
    }

    @Test func `a length below zero that is not that of NULL is no NULL`() throws {
        for length in [Int32(-2), .min] {
            var random = SplitMix64(seed: 3)
            var body = Self.row(Self.types, &random)
            body.replaceSubrange(2..<6, with: bigEndian(length))
            let error = #expect(throws: PostgresError.self) { try rows([body]) }
            #expect(error?.code == .protocolViolation)
        }
        func array(_ length: Int32) -> [UInt8] { ([1, 1, 23, 1, 1, length] as [Int32]).flatMap { bigEndian($0) } }
        #expect(Self.read(.array(.integer32), array(-1)) == .array([.null]))
        #expect(Self.read(.array(.integer32), array(-2)) == nil)
    }

    @Test(arguments: 0..<50) func `a changed row has all its columns, or is an error`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let body = mutated(Self.row(Self.types, &random), &random)
            guard let rows = try? rows([body]) else { continue }
            #expect(rows.allSatisfy { $0.values.count == Self.types.count })
        }
    }

    // MARK: Text

    /// A value of nested lists, in the server's text form.
    private static func arrayText(_ depth: Int, _ random: inout SplitMix64) -> (text: String, value: SQLValue) {
        var parts: [String] = []
        var values: [SQLValue] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            if depth > 1 {
                let inner = arrayText(depth - 1, &random)
                parts.append(inner.text)
                values.append(inner.value)
                continue
            }
            let items = [
                "", "a", "NULL", "null", "with \"quotes\"", "back\\slash", "{1,2}", ",", " ü ", "\\\"", "a b", "}",
            ]
            let item = items.randomElement(using: &random) ?? ""
            if item == "null" {
                parts.append("NULL")
                values.append(.null)
            } else {
                let escaped = item.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                parts.append(item == "a" ? "a" : "\"\(escaped)\"")
                values.append(.text(item))
            }
        }
        return ("{\(parts.joined(separator: ","))}", .array(values))
    }

    @Test(arguments: 0..<60) func `the text of an array is read whole or not at all`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let (text, value) = Self.arrayText(Int.random(in: 1...3, using: &random), &random)
        #expect(TextDecoding.value(.array(.text), text, typeOID: 1009) == value, "\(text)")
        #expect(TextDecoding.value(.array(.text), "[2:3]=" + text, typeOID: 1009) == value)
        for end in text.indices {
            #expect(TextDecoding.value(.array(.text), String(text[..<end]), typeOID: 1009) == nil)
        }
        for tail in ["}", "x", "{}", ","] {
            #expect(TextDecoding.value(.array(.text), text + tail, typeOID: 1009) == nil)
        }
        for _ in 0..<300 {
            let other = String(decoding: mutated(Array(text.utf8), &random), as: UTF8.self)
            _ = TextDecoding.value(.array(.text), other, typeOID: 1009)
            _ = TextDecoding.value(.array(.integer32), other, typeOID: 1007)
            _ = TextDecoding.value(.array(.other), other, typeOID: 1020)
        }
    }

    @Test(arguments: [
        "{1 2", "{,}", "{a,}", "{,a}", "{a,,b}", "{{a}{b}}", "{\"a\"b}", "{a\"b\"}", "{{a}b}", "{a{b}}", "=", "[1:1]=",
    ])
    func `what the server never sends as an array is none`(_ text: String) {
        #expect(TextDecoding.value(.array(.text), text, typeOID: 1009) == nil)
    }

    @Test func `an array nested deeper than the server allows is refused, however deep`() {
        for depth in [7, 1000, 1_000_000] {
            let text = String(repeating: "{", count: depth)
            #expect(TextDecoding.value(.array(.text), text, typeOID: 1009) == nil)
            let closed = text + "a" + String(repeating: "}", count: depth)
            #expect(TextDecoding.value(.array(.text), closed, typeOID: 1009) == nil)
        }
    }

    private static let samples: [(ColumnType, String)] = [
        (.date, "2026-11-29"), (.date, "0044-03-15 BC"), (.date, "infinity"),
        (.timestamp, "2026-11-29 18:00:00.123456"),
        (.timestampWithZone, "2026-11-29 18:00:00+05:30"), (.timestampWithZone, "0001-01-01 00:00:00+00 BC"),
        (.bytes, "\\x00ff10"), (.uuid, "00112233-4455-6677-8899-aabbccddeeff"), (.integer64, "-9223372036854775808"),
        (.float64, "-1.5e-300"), (.float32, "Infinity"), (.numeric, "-12.3400"), (.bool, "t"),
    ]

    @Test(arguments: 0..<50) func `a changed text value is read without a trap`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            for (type, text) in Self.samples {
                var other = mutated(Array(text.utf8), &random)
                if Bool.random(using: &random) {
                    let index = Int.random(in: 0...other.count, using: &random)
                    other.insert(
                        contentsOf: "9223372036854775807".utf8.prefix(Int.random(in: 1...19, using: &random)), at: index
                    )
                }
                let text = String(decoding: other, as: UTF8.self)
                let value = TextDecoding.value(type, text, typeOID: 0)
                #expect(
                    "\(String(describing: value))"
                        == "\(String(describing: TextDecoding.value(type, text, typeOID: 0)))")
            }
        }
    }

    @Test(arguments: [
        "9223372036854775807-01-01 BC", "9223372036854775408-01-01 BC", "999999999-01-01 BC", "-1-01-01 BC",
        "0-01-01 BC",
        "9223372036854775807-01-01", "99999999999999999999-01-01",
    ])
    func `a year that no calendar holds is no date`(_ text: String) {
        #expect(TextDecoding.value(.date, text, typeOID: 1082) == nil)
        #expect(TextDecoding.value(.timestamp, text, typeOID: 1114) == nil)
        #expect(TextDecoding.value(.timestampWithZone, text + " BC", typeOID: 1184) == nil)
    }
}
