/// The text of a statement without anything that may be a value.
public struct StatementFingerprint: Sendable, Hashable, CustomStringConvertible {
    /// The statement with `?` for every literal and placeholder, one for a list of them, without comments and with single
    /// blanks. Statements that differ in their values alone have the same text.
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

    /// Reads a statement.
    ///
    /// Where it is not certain that a token is a name, it is replaced. SQLite reads a double-quoted token as a string
    /// where no column has the name, so for SQLite double quotes mark a name only where no value can be: after `FROM`,
    /// `JOIN`, `INTO`, `UPDATE`, `TABLE`, `AS` or a dot, and before a dot.
    /// - Parameters:
    ///   - sql: The statement, of which the first 4,096 bytes count.
    ///   - dialect: The engine whose rules for quotes and comments apply.
    /// - Complexity: O(*n*) in the length of the statement.
    public init(_ sql: String, dialect: SQLDialect = .postgres) {
        var builder = FingerprintBuilder(Array(sql.utf8.prefix(4096)), dialect: dialect)
        builder.readAll()
        text = builder.text
        operation = builder.operation
        summary = builder.table.map { "\(builder.operation) \($0)" } ?? builder.operation
    }
}

/// Puts the text of a fingerprint together.
private struct FingerprintBuilder {
    private var lexer: SQLLexer
    private(set) var text = ""
    private(set) var operation = ""
    private(set) var table: String?
    private var expectsTable = false
    private var last = Part.start
    /// The last words in capitals, for the positions in which a name stands.
    private var lastWord = ""
    private var wordBefore = ""
    /// Whether words are values: after `=` or `TO` of a setting.
    private var wordsAreValues = false

    private enum Part: Equatable {
        case start, word, value, comma(inList: Bool)
        case symbol(UInt8)
    }

    init(_ bytes: [UInt8], dialect: SQLDialect) {
        lexer = SQLLexer(bytes, dialect: dialect)
    }

    mutating func readAll() {
        var token = lexer.next()
        while token.kind != .end {
            let next = lexer.next()
            read(token, next)
            token = next
        }
    }

    private func bytes(of token: SQLLexer.Token) -> String {
        String(decoding: lexer.bytes[token.range], as: UTF8.self)
    }

    private mutating func read(_ token: SQLLexer.Token, _ next: SQLLexer.Token) {
        switch token.kind {
        case .word where !wordsAreValues: word(bytes(of: token), isQuoted: false)
        case .quotedName where !token.isUnterminated && isName(token, next): word(bytes(of: token), isQuoted: true)
        case .symbol: symbol(lexer.bytes[token.range.lowerBound])
        default: value()
        }
        if token.kind != .word {
            wordBefore = lastWord
            lastWord = ""
        }
    }

    /// Whether a token in double quotes is a name for certain.
    private func isName(_ token: SQLLexer.Token, _ next: SQLLexer.Token) -> Bool {
        if wordsAreValues { return false }
        guard lexer.dialect == .sqlite, lexer.bytes[token.range.lowerBound] == UInt8(ascii: "\"") else { return true }
        if last == .symbol(UInt8(ascii: ".")) { return true }
        if next.kind == .symbol, lexer.bytes[next.range.lowerBound] == UInt8(ascii: ".") { return true }
        // `a IS DISTINCT FROM "b"` compares values.
        if lastWord == "FROM" { return wordBefore != "DISTINCT" }
        return ["JOIN", "INTO", "UPDATE", "TABLE", "AS"].contains(lastWord)
    }

    private mutating func word(_ word: String, isQuoted: Bool) {
        append(word)
        last = .word
        if isQuoted {
            if expectsTable { found(word) }
            return
        }
        let upper = word.uppercased()
        if operation.isEmpty { operation = upper }
        if expectsTable, !["ONLY", "SELECT", "LATERAL", "TABLE", "IF", "NOT", "EXISTS"].contains(upper) { found(word) }
        if table == nil, ["FROM", "INTO", "UPDATE", "COPY", "TABLE"].contains(upper) { expectsTable = true }
        // SET name TO value, SET ROLE value, SET SESSION AUTHORIZATION value.
        if operation == "SET", ["TO", "ROLE", "AUTHORIZATION"].contains(upper) { wordsAreValues = true }
        wordBefore = lastWord
        lastWord = upper
    }

    private mutating func found(_ word: String) {
        table = table ?? word.filter { !"\"`[]".contains($0) }
        expectsTable = false
    }

    private mutating func value() {
        // `?, ?, ?` is `?`, whatever its length.
        if last == .comma(inList: true) {
            text.removeLast(2)
        } else {
            append("?")
        }
        last = .value
        expectsTable = false
    }

    private mutating func symbol(_ symbol: UInt8) {
        if symbol == UInt8(ascii: "(") { expectsTable = false }
        if operation == "SET" || operation == "PRAGMA", symbol == UInt8(ascii: "=") { wordsAreValues = true }
        if operation == "PRAGMA", symbol == UInt8(ascii: "(") { wordsAreValues = true }
        if symbol == UInt8(ascii: ";") { wordsAreValues = false }
        if symbol == UInt8(ascii: ",") {
            text += ", "
            last = .comma(inList: last == .value)
        } else {
            append(String(Character(Unicode.Scalar(symbol))))
            last = .symbol(symbol)
        }
    }

    private mutating func append(_ part: String) {
        let joins = [")", ";", ".", "(", ":", "[", "]"].contains(part) || text.isEmpty || text.hasSuffix(", ")
        var opens = false
        if case .symbol(let symbol) = last, "(.:[".utf8.contains(symbol) { opens = true }
        if !joins && !opens { text += " " }
        text += part
    }
}
