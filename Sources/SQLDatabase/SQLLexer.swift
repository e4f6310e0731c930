/// Splits SQL text into tokens as one of the engines reads it (PostgreSQL's `src/backend/parser/scan.l` with
/// `standard_conforming_strings` on, SQLite's `src/tokenize.c`).
///
/// A literal that does not end extends to the end of the text.
struct SQLLexer {
    /// What a token is.
    enum Kind: Equatable {
        /// A key word or a name without quotes.
        case word
        /// A name in double quotes, and for SQLite also in brackets or backticks.
        case quotedName
        /// A string, a bit string or a dollar-quoted string.
        case string
        case number
        /// A placeholder: `$1`, and for SQLite also `?1`, `:name`, `@name` and `$name`.
        case placeholder
        /// An operator, or any other byte.
        case symbol
        case end
    }

    struct Token {
        let kind: Kind
        let range: Range<Int>
        /// Whether the text ends before the token's closing quote.
        var isUnterminated = false
    }

    let bytes: [UInt8]
    let dialect: SQLDialect
    private(set) var cursor = 0
    /// Whether the text ends inside a block comment.
    private(set) var endsInComment = false
    /// The beginning of the last block comment.
    private(set) var commentStart = 0
    /// Whether the text ends inside a line comment, which text appended to it would prolong.
    private(set) var endsInLineComment = false
    /// The end of the last token when it was a name or a closing bracket: `.5` right behind it is not a number.
    private var operandEnd = -1

    init(_ bytes: [UInt8], dialect: SQLDialect) {
        self.bytes = bytes
        self.dialect = dialect
    }

    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// Whether a byte continues a name: a letter, a digit, `_`, `$` or a byte beyond ASCII.
    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 97...122, 65...90, 48...57, 95, 36, 128...255: true
        default: false
        }
    }

    private func peek(_ offset: Int = 0) -> UInt8 { cursor + offset < bytes.count ? bytes[cursor + offset] : 0 }

    /// Reads the next token.
    mutating func next() -> Token {
        skipBlanksAndComments()
        let start = cursor
        guard start < bytes.count else { return Token(kind: .end, range: start..<start) }
        let (kind, isTerminated) = read()
        if kind == .word || kind == .quotedName || [0x29, 0x5D].contains(bytes[start]) { operandEnd = cursor }
        return Token(kind: kind, range: start..<cursor, isUnterminated: !isTerminated)
    }

    private mutating func read() -> (Kind, Bool) {
        let byte = peek()
        let isSQLite = dialect == .sqlite
        switch byte {
        case UInt8(ascii: "'"): return (.string, skipQuoted(byte))
        case UInt8(ascii: "\""): return (.quotedName, skipQuoted(byte))
        case UInt8(ascii: "`") where isSQLite: return (.quotedName, skipQuoted(byte))
        case UInt8(ascii: "[") where isSQLite:
            while cursor < bytes.count, peek() != UInt8(ascii: "]") { cursor += 1 }
            let isTerminated = cursor < bytes.count
            cursor = min(bytes.count, cursor + 1)
            return (.quotedName, isTerminated)
        case UInt8(ascii: "$"): return isSQLite ? (named(), true) : dollar()
        case UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "#"):
            if isSQLite, Self.isWord(peek(1)) { return (named(), true) }
        case UInt8(ascii: "?") where isSQLite: return (named(), true)
        case UInt8(ascii: "."):
            if Self.isDigit(peek(1)), cursor != operandEnd { return (number(), true) }
        case 48...57: return (number(), true)
        default: break
        }
        guard Self.isWord(byte) else {
            cursor += operatorLength()
            return (.symbol, true)
        }
        return word()
    }

    /// The bytes of an operator, 1 for anything else that is no word.
    private func operatorLength() -> Int {
        if dialect == .sqlite {
            return Self.longOperators.first { bytes[cursor...].starts(with: $0.utf8) }?.utf8.count ?? 1
        }
        var length = 0
        while Self.operatorBytes.contains(peek(length)), !beginsComment(length) { length += 1 }
        // `=-` is two operators, for `a=-1`: only one that holds an unusual byte may end in a sign.
        if !bytes[cursor..<cursor + length].contains(where: Self.unusualBytes.contains) {
            while length > 1, [0x2B, 0x2D].contains(peek(length - 1)) { length -= 1 }
        }
        return max(1, length)
    }

    private static let longOperators = ["->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "==", "!="]
    private static let operatorBytes = Array("+-*/<>=~!@#%^&|`?".utf8)
    private static let unusualBytes = Array("~!@#%^&|`?".utf8)

    private func beginsComment(_ offset: Int) -> Bool {
        let (byte, next) = (peek(offset), peek(offset + 1))
        return byte == next && byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/") && next == UInt8(ascii: "*")
    }

    private mutating func word() -> (Kind, Bool) {
        let start = cursor
        while Self.isWord(peek()) { cursor += 1 }
        if dialect == .postgres, cursor == start + 1, bytes[start] | 0x20 == UInt8(ascii: "u"),
            peek() == UInt8(ascii: "&"),
            peek(1) == UInt8(ascii: "'") || peek(1) == UInt8(ascii: "\"")
        {
            // U&'d\0061t\0061'
            cursor += 1
            return (peek() == UInt8(ascii: "'") ? .string : .quotedName, skipQuoted(peek()))
        }
        guard peek() == UInt8(ascii: "'"), cursor == start + 1 else { return (.word, true) }
        switch bytes[start] | 0x20 {
        case UInt8(ascii: "e") where dialect == .postgres: return (.string, skipEscaped())
        case UInt8(ascii: "b") where dialect == .postgres, UInt8(ascii: "n") where dialect == .postgres,
            UInt8(ascii: "x"):
            return (.string, skipQuoted(UInt8(ascii: "'")))
        default: return (.word, true)
        }
    }

    /// A number, with the letters that follow it, which no engine reads as a name of their own.
    private mutating func number() -> Kind {
        while true {
            let byte = peek()
            if Self.isWord(byte) || byte == UInt8(ascii: ".") {
                cursor += 1
            } else if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"), bytes[cursor - 1] | 0x20 == 0x65,
                Self.isDigit(peek(1))
            {
                cursor += 1
            } else {
                return .number
            }
        }
    }

    private mutating func named() -> Kind {
        cursor += 1
        while Self.isWord(peek()) || peek() == UInt8(ascii: ":") && peek(1) == UInt8(ascii: ":") {
            cursor += peek() == UInt8(ascii: ":") ? 2 : 1
        }
        return .placeholder
    }

    /// `$1`, or `$tag$ … $tag$`.
    private mutating func dollar() -> (Kind, Bool) {
        let start = cursor
        cursor += 1
        if Self.isDigit(peek()) {
            while Self.isDigit(peek()) { cursor += 1 }
            return (.placeholder, true)
        }
        while Self.isWord(peek()), peek() != UInt8(ascii: "$") { cursor += 1 }
        guard peek() == UInt8(ascii: "$") else {
            cursor = start + 1
            return (.symbol, true)
        }
        cursor += 1
        let tag = bytes[start..<cursor]
        while cursor < bytes.count {
            if bytes[cursor] == UInt8(ascii: "$"), bytes[cursor...].starts(with: tag) {
                cursor += tag.count
                return (.string, true)
            }
            cursor += 1
        }
        return (.string, false)
    }

    // MARK: Quotes and comments

    /// Skips a quoted token in which a doubled quote stands for one; `false` when it does not end.
    private mutating func skipQuoted(_ quote: UInt8) -> Bool {
        cursor += 1
        while cursor < bytes.count {
            if peek() == quote {
                cursor += 1
                if peek() != quote { return true }
            }
            cursor += 1
        }
        cursor = bytes.count
        return false
    }

    /// Skips `'…'` with backslash escapes, and the strings that continue it: separated from it by a line feed alone,
    /// they are read with escapes as well.
    private mutating func skipEscaped() -> Bool {
        while true {
            cursor += 1
            var isTerminated = false
            while cursor < bytes.count, !isTerminated {
                if peek() == UInt8(ascii: "\\") {
                    cursor += 2
                } else if peek() == UInt8(ascii: "'"), peek(1) != UInt8(ascii: "'") {
                    cursor += 1
                    isTerminated = true
                } else {
                    cursor += peek() == UInt8(ascii: "'") ? 2 : 1
                }
            }
            guard isTerminated else {
                cursor = bytes.count
                return false
            }
            let end = cursor
            skipBlanks(andBlockComments: false)
            guard peek() == UInt8(ascii: "'"), bytes[end..<cursor].contains(where: { $0 == 10 || $0 == 13 }) else {
                cursor = end
                return true
            }
        }
    }

    private mutating func skipBlanksAndComments() { skipBlanks(andBlockComments: true) }

    private mutating func skipBlanks(andBlockComments: Bool) {
        while cursor < bytes.count {
            if peek() <= 32 {
                cursor += 1
            } else if beginsComment(0), peek() == UInt8(ascii: "-") {
                while cursor < bytes.count, peek() != 10, dialect == .sqlite || peek() != 13 { cursor += 1 }
                endsInLineComment = cursor == bytes.count
            } else if andBlockComments, beginsComment(0) {
                skipBlockComment()
            } else {
                return
            }
        }
    }

    private mutating func skipBlockComment() {
        commentStart = cursor
        cursor += 2
        var depth = 1
        while cursor < bytes.count, depth > 0 {
            if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                cursor += 2
            } else if dialect == .postgres, peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                cursor += 2
            } else {
                cursor += 1
            }
        }
        cursor = min(cursor, bytes.count)
        endsInComment = depth > 0
    }

    /// Reads the rest and returns the number of placeholders in it.
    mutating func countPlaceholders() -> Int {
        var count = 0
        while true {
            let token = next()
            if token.kind == .end { return count }
            if token.kind == .placeholder { count += 1 }
        }
    }
}
