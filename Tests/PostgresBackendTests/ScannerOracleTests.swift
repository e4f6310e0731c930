import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Statements made of literals, comments and identifiers that hold a call of `set_config` or make one. The server tells
/// whether it was made.
@Suite("The scanner and the server") struct ScannerOracleTests {
    private static let call = "set_config('vitals.probe', 'changed', false)"

    /// One part of a select list.
    private struct Item {
        var sql: String
        /// Whether the scanner may assume a change that is none.
        var isOpaque = false
    }

    private struct Generator {
        var random: SplitMix64

        mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &random)] }

        /// Text that breaks scanners, in pieces that each literal escapes in its own way.
        mutating func junk() -> String {
            let pieces = [
                ScannerOracleTests.call, "'", "''", "\"", "$$", "$a$", "$1", "--", "/*", "*/", ";", "ü", "\n", "E'",
                " set ",
                "SET ROLE x", "U&\"", "/", "*", "-", "a", " ",
            ]
            return (0..<Int.random(in: 0...5, using: &random)).map { _ in pick(pieces) }.joined()
        }

        mutating func comment() -> String {
            switch Int.random(in: 0..<5, using: &random) {
            case 0: return " "
            case 1: return "\n"
            case 2: return "-- \(junk().filter { $0 != "\n" && $0 != "\r" })\n"
            default:
                let text = junk().replacing("/*", with: "").replacing("*/", with: "").replacing("/", with: "")
                return pick([
                    "/*\(text)*/", "/*\(text) /* \(text) */\(text)*/", "/**/", "/***/", "/*/ \(text) */",
                    "/*/*/**/*/*/",
                ])
            }
        }

        mutating func quoted(_ text: String) -> String { text.replacing("'", with: "''") }

        mutating func literal() -> String {
            let text = junk()
            switch Int.random(in: 0..<12, using: &random) {
            case 0, 1: return "'\(quoted(text))\(pick(["", "\\"]))'"
            case 2, 3:
                let escaped = text.replacing("\\", with: "\\\\").replacing("'", with: pick(["\\'", "''"]))
                return "\(pick(["E", "e"]))'\(escaped)\(pick(["", "\\\\", "\\n", "\\'"]))'"
            case 4:
                // Goes on after a line feed, with the escapes of its beginning.
                let gap = pick(["\n", " \n ", " -- \(call)'\n", "\n\n  -- '\n", "\r"])
                let escaped = text.replacing("'", with: "\\'")
                return "E'a'\(gap)'\(escaped)\\''"
            case 5: return "'a'\n'\(quoted(text))\\'"
            case 6: return "U&'\(quoted(text).replacing("\\", with: "\\\\"))\\0041'"
            case 7: return "N'\(quoted(text))'"
            case 8: return pick(["B'0101'", "X'1F'", "x'1f'"])
            case 9: return pick(["1", "1.5", ".5", "1e5", "1.e5", "1E-5", "12345678901234567890"])
            default:
                let tag = pick(["", "a", "A", "ü", "_1", "tag"])
                let body = text.replacing("$\(tag)$", with: "")
                // A removal may join what is around it to the tag.
                guard !body.contains("$\(tag)$"), !("\(body)$").hasSuffix("$\(tag)$"), !body.hasSuffix("$") else {
                    return "$\(tag)$x$\(tag)$"
                }
                return "$\(tag)$\(body)$\(tag)$"
            }
        }

        mutating func alias() -> Item {
            let text = junk().replacing("\"", with: "\"\"").prefix(20)
            let even = text.hasSuffix("\"") && !text.hasSuffix("\"\"") ? text + "\"" : text
            switch Int.random(in: 0..<6, using: &random) {
            case 0: return Item(sql: " AS \"x\(even.filter { $0 != "\"" })\"")
            case 1: return Item(sql: " AS \"x\"\"\(even.filter { $0 != "\"" })\"\"\"")
            case 2: return Item(sql: " AS a$b$c")
            case 3: return Item(sql: " AS ü$x")
            case 4: return Item(sql: " AS U&\"x\\0041\"", isOpaque: true)
            default: return Item(sql: "")
            }
        }

        mutating func realCall() -> String {
            let blank = comment()
            let name = pick([
                "set_config", "SET_CONFIG", "Set_Config", "\"set_config\"", "pg_catalog.set_config",
                "pg_catalog\(blank).\(blank)set_config", "\"pg_catalog\".\"set_config\"", "U&\"set\\005fconfig\"",
                "u&\"!0073et_config\" UESCAPE '!'",
            ])
            let made = "\(name)\(comment())('vitals.probe', 'changed', false)"
            return pick([
                made, "'a'||\(made)", "$$a$$||\(made)", "E'\\''||\(made)", "length(\(made))", "(\(made))",
                "+length(\(made))",
            ])
        }

        /// A statement, and whether it calls the function.
        mutating func statement() -> (sql: String, calls: Bool, isOpaque: Bool) {
            let calls = Bool.random(using: &random)
            let count = Int.random(in: 1...5, using: &random)
            let position = Int.random(in: 0..<count, using: &random)
            var isOpaque = false
            var items: [String] = []
            for index in 0..<count {
                let name = alias()
                isOpaque = isOpaque || name.isOpaque
                let value = calls && index == position ? realCall() : literal()
                items.append("\(comment())\(value)\(comment())\(name.sql)\(comment())")
            }
            return ("SELECT\(comment()) \(items.joined(separator: ","))\(comment())", calls, isOpaque)
        }
    }

    @Test(needsServer, arguments: 0..<10) func `agree on whether a function is called`(_ seed: UInt64) async throws {
        try await withConnection { connection in
            var generator = Generator(random: SplitMix64(seed: seed))
            for _ in 0..<120 {
                let (sql, calls, isOpaque) = generator.statement()
                try await connection.executeScript("SET vitals.probe = 'as before'")
                do { try await connection.executeScript(sql) } catch {
                    Issue.record("the generated statement is refused: \(error)\n\(sql)")
                    continue
                }
                let setting = try await connection.query("SELECT current_setting('vitals.probe')")[0].decode(
                    String.self)
                #expect((setting == "changed") == calls, "the generator is wrong: \(sql)")
                let effect = StatementTraits(sql).effect
                if setting == "changed" {
                    #expect(effect >= .session, "hidden from the scanner: \(sql)")
                } else if !isOpaque {
                    #expect(effect == .none, "no call: \(sql)")
                }
            }
        }
    }

    private static func tokens(_ sql: String) -> [SQLScanner.Token] {
        Array(sql.utf8).withUnsafeBufferPointer { bytes in
            var scanner = SQLScanner(bytes)
            var tokens: [SQLScanner.Token] = []
            while true {
                let token = scanner.next()
                if token == .end { return tokens }
                tokens.append(token)
            }
        }
    }

    @Test func `a number ends where the server ends it`() {
        // Servers before version 15 read a word right behind a number.
        for number in ["1", "1.5", "1.", "1e5", "1E+5", "1.5e-3", "0"] {
            let found = Self.tokens("SELECT \(number)into temp x")
            #expect(found.contains(.word("into")) && found.contains(.word("temp")), "\(number): \(found)")
            #expect(StatementTraits("SELECT \(number)into temp x").effect >= .session)
        }
        #expect(Self.tokens("1e5") == [.literal])
        #expect(Self.tokens("1.5e-3,2") == [.literal, .symbol(UInt8(ascii: ",")), .literal])
    }

    @Test(arguments: 0..<100) func `any text is read to its end`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let pieces = [
            "'", "\"", "$", "$a$", "E'", "U&'", "U&\"", "--", "/*", "*/", "\\", "\n", ";", "1", "e", ".", "ü", "$1",
            "x", " ",
        ]
        for _ in 0..<100 {
            var sql = ""
            for _ in 0..<Int.random(in: 0...12, using: &random) { sql += pieces.randomElement(using: &random) ?? "" }
            #expect(Self.tokens(sql).count <= sql.utf8.count)
            _ = StatementTraits(sql)
            let raw = bytes(Int.random(in: 0...30, using: &random), &random)
            #expect(
                raw.withUnsafeBufferPointer { StatementTraits(String(decoding: $0, as: UTF8.self)).effect } >= .none)
        }
    }
}
