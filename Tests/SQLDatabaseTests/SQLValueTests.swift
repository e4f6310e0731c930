import Foundation
import SQLDatabase
import Testing

@Suite struct SQLValueTests {
    /// Values no two of which are the same for an engine, though several look alike.
    private static let all: [SQLValue] = {
        let texts = ["caf\u{e9}", "cafe\u{301}", "", "1", "1.0", "\u{212B}", "\u{c5}"]
        var values: [SQLValue] = [.null, .bool(true), .bool(false), .integer(1), .integer(0), .double(1), .double(0.5)]
        for text in texts {
            values += [.text(text), .decimal(text), .other(text: text, typeOID: 25), .other(text: text, typeOID: 26)]
            values += [.blob(Array(text.utf8)), .array([.text(text)]), .array([.array([.text(text)]), .null])]
        }
        let id = UUID()
        values += [.uuid(id), .uuid(UUID()), .timestamp(microseconds: 1), .date(days: 1), .array([]), .array([.null])]
        return values
    }()

    @Test func `values are equal when the engine would take them for the same`() {
        for (i, a) in Self.all.enumerated() {
            for (j, b) in Self.all.enumerated() {
                #expect((a == b) == (i == j), "\(a) \(b)")
                if a == b { #expect(a.hashValue == b.hashValue) }
            }
        }
        #expect(Set(Self.all).count == Self.all.count)
    }
}
