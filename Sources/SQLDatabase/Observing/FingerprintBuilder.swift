/// Puts the text of a fingerprint together.
struct FingerprintBuilder {
    private var lexer: SQLLexer
    private(set) var text = ""
    private(set) var operation = ""
    private(set) var table: String?
    private var expectsTable = false
    private var last = Part.start
    /// The last words in capitals, for the positions in which a name stands.
    private var lastWord = ""
    private var wordBefore = ""
    private var settings = SettingReader()
    private var groups = [Group()]

    private enum Part: Equatable {
        case start, word, comma(afterValue: Bool)
        /// `isWhole` when it is no operand, so that a list of such may be one.
        case value(isWhole: Bool)
        case symbol(UInt8)
    }

    /// What stands between two parentheses or brackets; the first group is the statement.
    private struct Group {
        /// Where the opening parenthesis is in the text.
        var start = 0
        /// Whether it is one of the rows of a list, or one that may be the first.
        var isRow = false
        /// Whether its items are values: of `IN` or of an array.
        var isList = false
        /// Whether it contains a query, so that `FROM` precedes a table.
        var isQuery = true
        /// Where the present item begins.
        var item = 0
        /// The item or row before the present one, and where it ends.
        var previous: (text: String, end: Int)?

        /// Anything but a comma ends a sequence of rows.
        mutating func endRows() { if !isList { previous = nil } }
    }

    init(_ bytes: [UInt8], dialect: SQLDialect) {
        lexer = SQLLexer(bytes, dialect: dialect)
    }

    /// Reads all tokens.
    /// - Parameter isCut: Whether the statement is longer than what is read.
    mutating func readAll(isCut: Bool) {
        var token = lexer.next()
        while token.kind != .end {
            let next = lexer.next()
            read(token, next)
            token = next
        }
        // Rows beyond the cut are as those before it.
        guard isCut, let open = groups.indices.first(where: { groups[$0].isRow && $0 > 0 }),
            let previous = groups[open - 1].previous
        else { return }
        cut(to: previous.end)
    }

    private func bytes(of token: SQLLexer.Token) -> String {
        String(decoding: lexer.bytes[token.range], as: UTF8.self)
    }

    private func isSymbol(_ token: SQLLexer.Token, _ symbol: Unicode.Scalar) -> Bool {
        token.kind == .symbol && token.range.count == 1 && lexer.bytes[token.range.lowerBound] == UInt8(ascii: symbol)
    }

    private func isOperator(_ token: SQLLexer.Token) -> Bool {
        token.kind == .symbol && !",)];".utf8.contains(lexer.bytes[token.range.lowerBound])
    }

    private mutating func read(_ token: SQLLexer.Token, _ next: SQLLexer.Token) {
        switch token.kind {
        case .word:
            let word = bytes(of: token)
            if settings.hidesWord(word.uppercased()) || isConstant(word.uppercased()) {
                value(next)
            } else {
                self.word(word, isQuoted: false)
                return
            }
        case .quotedName where !token.isUnterminated && isName(token, next): word(bytes(of: token), isQuoted: true)
        case .symbol:
            if token.range.count > 1 {
                self.operator(token)
            } else if !isSign(token, next) {
                symbol(lexer.bytes[token.range.lowerBound])
            }
        default: value(next)
        }
        wordBefore = lastWord
        lastWord = ""
    }

    // MARK: Values

    /// Whether a token in double quotes is a name for certain.
    private func isName(_ token: SQLLexer.Token, _ next: SQLLexer.Token) -> Bool {
        if settings.areValues || isDefault { return false }
        guard lexer.dialect == .sqlite, lexer.bytes[token.range.lowerBound] == UInt8(ascii: "\"") else { return true }
        if last == .symbol(UInt8(ascii: ".")) || isSymbol(next, ".") { return true }
        // `a IS DISTINCT FROM "b"` compares values.
        if lastWord == "FROM" { return wordBefore != "DISTINCT" }
        return ["JOIN", "INTO", "UPDATE", "TABLE", "AS"].contains(lastWord)
    }

    /// Whether a word is a value. `IS NULL`, `NOT NULL`, `SET NULL` and `IS TRUE` are parts of a statement.
    private func isConstant(_ word: String) -> Bool {
        guard last != .symbol(UInt8(ascii: ".")), !expectsTable else { return false }
        switch word {
        case "NULL": return !["IS", "NOT", "SET", "ON"].contains(lastWord)
        case "TRUE", "FALSE": return lastWord != "IS" && !(lastWord == "NOT" && wordBefore == "IS")
        // A word after DEFAULT is a string to SQLite, not a name.
        default: return isDefault && !["VALUES", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"].contains(word)
        }
    }

    private var isDefault: Bool { lexer.dialect == .sqlite && last == .word && lastWord == "DEFAULT" }

    /// Words after which a sign belongs to the number that follows it.
    private static let beforeOperand: Set<String> = [
        "SELECT", "WHERE", "AND", "OR", "NOT", "BETWEEN", "LIKE", "IN", "THEN", "ELSE", "WHEN", "CASE", "RETURN",
        "RETURNING", "BY", "LIMIT", "OFFSET", "VALUES", "SET", "DEFAULT", "HAVING", "ON", "IS", "DISTINCT", "ALL",
        "FROM",
        "FETCH", "NEXT", "FIRST", "WITH", "START", "INCREMENT", "MINVALUE", "MAXVALUE", "TO", "FOR",
    ]

    /// Whether a symbol is the sign of a number.
    private func isSign(_ token: SQLLexer.Token, _ next: SQLLexer.Token) -> Bool {
        guard isSymbol(token, "-") || isSymbol(token, "+"), next.kind == .number else { return false }
        return switch last {
        case .start, .comma: true
        case .value: false
        case .word: Self.beforeOperand.contains(lastWord)
        case .symbol(let symbol): symbol != UInt8(ascii: ")") && symbol != UInt8(ascii: "]")
        }
    }

    private mutating func value(_ next: SQLLexer.Token) {
        settings.followValue()
        let isWhole: Bool
        if case .symbol(let symbol) = last {
            isWhole = "([;".utf8.contains(symbol)
        } else {
            isWhole = !isOperator(next)
        }
        if isWhole, last == .comma(afterValue: true), !groups[groups.count - 1].isList {
            // `?, ?, ?` is `?`, whatever its length.
            cut(to: text.utf8.count - 2)
        } else {
            append("?")
        }
        last = .value(isWhole: isWhole)
        expectsTable = false
        groups[groups.count - 1].endRows()
    }

    // MARK: Words

    private mutating func word(_ word: String, isQuoted: Bool) {
        append(word)
        last = .word
        groups[groups.count - 1].endRows()
        if isQuoted {
            if expectsTable { found(word) }
            return
        }
        let upper = word.uppercased()
        if operation.isEmpty { operation = upper }
        settings.follow(word: upper)
        if expectsTable, !["ONLY", "SELECT", "LATERAL", "TABLE", "IF", "NOT", "EXISTS"].contains(upper) { found(word) }
        if ["SELECT", "DELETE", "INSERT", "UPDATE", "WITH"].contains(upper) { groups[groups.count - 1].isQuery = true }
        if table == nil, precedesTable(upper) { expectsTable = true }
        wordBefore = lastWord
        lastWord = upper
    }

    private func precedesTable(_ word: String) -> Bool {
        switch word {
        // Not that of `extract(year FROM born)` and of `IS DISTINCT FROM`.
        case "FROM":
            groups[groups.count - 1].isQuery && !(lastWord == "DISTINCT" && ["IS", "NOT"].contains(wordBefore))
        case "INTO", "UPDATE", "COPY", "TABLE": true
        default: false
        }
    }

    private mutating func found(_ word: String) {
        table = table ?? word.filter { !"\"`[]".contains($0) }
        expectsTable = false
    }

    // MARK: Symbols and lists

    private mutating func symbol(_ symbol: UInt8) {
        settings.follow(symbol: symbol)
        switch symbol {
        case UInt8(ascii: "("), UInt8(ascii: "["):
            expectsTable = false
            open(symbol)
        case UInt8(ascii: ")"), UInt8(ascii: "]"):
            if groups[groups.count - 1].isList { endItem() }
            append(symbol)
            if groups.count > 1 { close() }
        case UInt8(ascii: ","):
            if groups[groups.count - 1].isList { endItem() }
            text += ", "
            groups[groups.count - 1].item = text.utf8.count
            last = .comma(afterValue: last == .value(isWhole: true))
            return
        default:
            groups[groups.count - 1].endRows()
            append(symbol)
        }
        last = .symbol(symbol)
    }

    private mutating func `operator`(_ token: SQLLexer.Token) {
        groups[groups.count - 1].endRows()
        append(bytes(of: token))
        last = .symbol(lexer.bytes[token.range.lowerBound])
    }

    private mutating func open(_ symbol: UInt8) {
        let parent = groups.count - 1
        var group = Group()
        switch last {
        case .word: group.isRow = lastWord == "VALUES"
        case .symbol(let before): group.isRow = before == UInt8(ascii: "(") || before == UInt8(ascii: "[")
        case .comma: group.isRow = groups[parent].previous != nil && !groups[parent].isList
        default: break
        }
        if groups[parent].isList { group.isRow = false } else if !group.isRow { groups[parent].endRows() }
        group.isList = true
        group.isQuery = last != .word || ["IN", "EXISTS", "AS", "FROM", "ANY", "ALL", "SOME"].contains(lastWord)
        append(symbol)
        group.start = text.utf8.count - 1
        group.item = text.utf8.count
        groups.append(group)
    }

    private mutating func close() {
        let group = groups.removeLast()
        guard group.isRow else { return }
        let parent = groups.count - 1
        let row = text(from: group.start)
        if let previous = groups[parent].previous, previous.text == row {
            cut(to: previous.end)
        } else {
            groups[parent].previous = (row, text.utf8.count)
        }
    }

    /// Leaves out an item that contains a value and is as the one before it.
    private mutating func endItem() {
        let place = groups.count - 1
        let item = text(from: groups[place].item)
        if let previous = groups[place].previous, item.contains("?"),
            previous.text == item || item.hasPrefix("(") && previous.text.uppercased() == "VALUES\(item.uppercased())"
        {
            cut(to: previous.end)
        } else {
            groups[place].previous = (item, text.utf8.count)
        }
    }

    private func text(from start: Int) -> String { String(text.utf8.dropFirst(start)) ?? "" }

    private mutating func cut(to end: Int) { text = String(text.utf8.prefix(end)) ?? text }

    private mutating func append(_ symbol: UInt8) { append(String(Character(Unicode.Scalar(symbol)))) }

    private mutating func append(_ part: String) {
        let joins = [")", ";", ".", "(", ":", "[", "]"].contains(part) || text.isEmpty || text.hasSuffix(", ")
        var opens = false
        if case .symbol(let symbol) = last, "(.:[".utf8.contains(symbol) { opens = true }
        if !joins && !opens { text += " " }
        text += part
    }
}
