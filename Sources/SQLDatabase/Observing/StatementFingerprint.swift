/// What a statement's text says of it once everything that could be a value is gone.
public struct StatementFingerprint: Sendable, Hashable, CustomStringConvertible {
    /// The statement with `?` for every literal and placeholder, lists of them as one, comments left out and blanks
    /// made single. Alike statements have alike texts.
    public let text: String
    /// The first word in capitals and the first table: `SELECT patients`. Few enough to be a label.
    public let summary: String
    /// The first word in capitals.
    public let operation: String

    /// Sixteen hexadecimal digits of the text's FNV-1a hash: the same in every process.
    public var digest: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The text.
    public var description: String { text }

    /// Reads a statement. Takes time in proportion to its length, of which the first 4,096 bytes count.
    public init(_ sql: String) {
        var reader = TokenReader(Array(sql.utf8.prefix(4096)))
        var text = ""
        var operation = ""
        var table: String?
        var expectsTable = false
        var last = TokenReader.Token.end
        var isList = false
        while true {
            let token = reader.next()
            switch token {
            case .end:
                self.text = text
                self.operation = operation
                summary = table.map { "\(operation) \($0)" } ?? operation
                return
            case .value:
                // `?, ?, ?` is `?`, whatever its length.
                if isList {
                    text.removeLast(text.hasSuffix(", ") ? 2 : 1)
                } else {
                    Self.append("?", to: &text, after: last)
                }
                isList = false
            case .word(let word):
                Self.append(word, to: &text, after: last)
                let upper = word.uppercased()
                if operation.isEmpty { operation = upper }
                if expectsTable, !["ONLY", "SELECT", "LATERAL", "TABLE", "IF", "NOT", "EXISTS"].contains(upper) {
                    table = table ?? word.filter { $0 != "\"" }
                    expectsTable = false
                }
                if table == nil, ["FROM", "INTO", "UPDATE", "COPY", "TABLE"].contains(upper) { expectsTable = true }
                isList = false
            case .symbol(let symbol):
                if case .value = last, symbol == "," {
                    isList = true
                    text += ", "
                    last = token
                    continue
                }
                if symbol == "(" { expectsTable = false }
                Self.append(String(symbol), to: &text, after: last)
                isList = false
            }
            last = token
        }
    }

    private static func append(_ part: String, to text: inout String, after last: TokenReader.Token) {
        let glues = [")", ",", ";", ".", "(", ":", "["].contains(part) || text.isEmpty || text.hasSuffix(", ")
        var opens = false
        if case .symbol(let symbol) = last, "(.:[".contains(symbol) { opens = true }
        if !glues && !opens { text += " " }
        text += part
    }
}

/// Splits a statement into words, values and symbols.
private struct TokenReader {
    enum Token {
        case word(String)
        case value
        case symbol(Character)
        case end
    }

    private let bytes: [UInt8]
    private var cursor = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func peek(_ offset: Int = 0) -> UInt8 { cursor + offset < bytes.count ? bytes[cursor + offset] : 0 }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 128...255:
            true
        default: false
        }
    }

    mutating func next() -> Token {
        skipBlanksAndComments()
        guard cursor < bytes.count else { return .end }
        let byte = peek()
        switch byte {
        case UInt8(ascii: "'"):
            skipQuoted(byte, escapes: false)
            return .value
        case UInt8(ascii: "\""):
            let start = cursor
            skipQuoted(byte, escapes: false)
            return .word(String(decoding: bytes[start..<cursor], as: UTF8.self))
        case UInt8(ascii: "$"):
            return dollar()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            while Self.isWord(peek()) || peek() == UInt8(ascii: ".") { cursor += 1 }
            return .value
        default: break
        }
        guard Self.isWord(byte) else {
            cursor += 1
            return .symbol(Character(Unicode.Scalar(byte)))
        }
        let start = cursor
        while Self.isWord(peek()) { cursor += 1 }
        let word = String(decoding: bytes[start..<cursor], as: UTF8.self)
        // E'…', B'…', X'…', N'…' are values with a letter before them.
        if peek() == UInt8(ascii: "'"), word.utf8.count == 1 {
            skipQuoted(UInt8(ascii: "'"), escapes: word == "E" || word == "e")
            return .value
        }
        return .word(word)
    }

    private mutating func skipBlanksAndComments() {
        while cursor < bytes.count {
            if peek() <= 32 {
                cursor += 1
            } else if peek() == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
                while cursor < bytes.count, peek() != 10 { cursor += 1 }
            } else if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                cursor += 2
                while cursor < bytes.count, !(peek() == UInt8(ascii: "*") && peek(1) == UInt8(ascii: "/")) {
                    cursor += 1
                }
                cursor += 2
            } else {
                return
            }
        }
    }

    private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) {
        cursor += 1
        while cursor < bytes.count {
            if escapes, peek() == UInt8(ascii: "\\") {
                cursor += 2
            } else if peek() == quote {
                cursor += 1
                if peek() != quote { return }
                cursor += 1
            } else {
                cursor += 1
            }
        }
        cursor = bytes.count
    }

    /// `$1`, or `$tag$ … $tag$`.
    private mutating func dollar() -> Token {
        let start = cursor
        cursor += 1
        while Self.isWord(peek()) { cursor += 1 }
        guard peek() == UInt8(ascii: "$") else { return .value }
        cursor += 1
        let tag = bytes[start..<cursor]
        while cursor < bytes.count, !bytes[cursor...].starts(with: tag) { cursor += 1 }
        cursor = min(bytes.count, cursor + tag.count)
        return .value
    }
}
