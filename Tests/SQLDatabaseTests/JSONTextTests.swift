import SQLiteBackend
import TestServers
import Testing

@testable import SQLDatabase

/// JSON is read as strictly as the engines read it.
@Suite struct JSONTextTests {
    private func isJSON(_ text: String) -> Bool { (try? JSONText.check(text)) != nil }

    @Test(arguments: [
        "{\"a\":1,}", "{\"a\":[1,]}", "[{\"a\":1,}]", "\u{FEFF}{\"a\":1}", "{\"a\":1,\"a\":2}",
        "{\"b\":{\"a\":1,\"\\u0061\":2}}",
        "[1,]", "", " ", "{", "nul", "01", "1.", ".5", "+1", "'a'", "[1 2]", "{\"a\" 1}", "{a:1}", "// c\n1", "NaN",
        "\"\t\"", "1 2",
    ])
    func `what is no JSON is an error`(text: String) {
        #expect(!isJSON(text))
        #expect(SQLJSON<[String: [Int]]>.decode(.text(text)) == nil)
        #expect(SQLJSON<[String: Int]>.decode(.text(text)) == nil)
    }

    @Test func `random texts are JSON exactly where SQLite says so`() async throws {
        var random = SplitMix64(seed: 27)
        var key = 0
        func pick(_ values: [String]) -> String { values[Int(random.next() % UInt64(values.count))] }
        func value(_ depth: Int) -> String {
            let blank = pick(["", "", "", " ", "\n\t"])
            let count = Int(random.next() % 4)
            switch random.next() % (depth > 3 ? 5 : 7) {
            case 0: return blank + pick(["0", "-1", "12.5", "1e9", "-0.1E-7", "9223372036854775808"]) + blank
            case 1: return pick(["true", "false", "null"])
            case 2: return blank + pick(["\"\"", "\"a\\n\\u00e9\"", "\"{[,\"", "\"🩺\\\\\"", "\"\\ud83e\\ude7a\""])
            case 3, 4: return "[" + (0..<count).map { _ in value(depth + 1) }.joined(separator: ",") + "]" + blank
            default:
                let members = (0..<count).map { _ -> String in
                    key += 1
                    return "\(blank)\"key number \(key)\":" + value(depth + 1)
                }
                return "{" + members.joined(separator: ",") + blank + "}"
            }
        }
        var valid = 0
        try await withSQLite { database in
            for _ in 0..<4000 {
                var text = Array(value(0).unicodeScalars)
                for _ in 0..<random.next() % 3 where !text.isEmpty {
                    let place = Int(random.next() % UInt64(text.count))
                    switch random.next() % 3 {
                    case 0: text.remove(at: place)
                    case 1:
                        text.insert(
                            pick([",", "]", "}", "\"", "0", " ", "-", ":", "."]).unicodeScalars.first!, at: place)
                    default: text.swapAt(place, Int(random.next() % UInt64(text.count)))
                    }
                }
                var string = ""
                string.unicodeScalars.append(contentsOf: text)
                let isValid = try await database.query("SELECT json_valid(\(string))")[0].decode(0, as: Bool.self)
                // Half of a surrogate pair is a form of JSON, and no text.
                #expect(isJSON(string) == isValid || isValid && string.contains("\\u"), "\(string)")
                valid += isValid ? 1 : 0
            }
        }
        #expect((1000...3800).contains(valid))
    }
}
