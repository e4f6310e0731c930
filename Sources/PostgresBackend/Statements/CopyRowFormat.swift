/// Reads from a COPY statement whether it takes rows in the text format with its usual delimiter and NULL.
///
/// Options that leave that format alone are listed; every other option, and every statement that is read in no known way,
/// is taken to change it.
struct CopyRowFormat {
    private var tokens: [SQLScanner.Token] = []
    private var position = 0

    /// Whether rows in the text format are right.
    static func isUsual(_ sql: String) -> Bool {
        var reader = CopyRowFormat()
        var sql = sql
        sql.withUTF8 { bytes in
            var scanner = SQLScanner(bytes)
            while true {
                let token = scanner.next()
                if token == .end || token == .semicolon { break }
                reader.tokens.append(token)
            }
        }
        return reader.isUsual()
    }

    private mutating func next() -> SQLScanner.Token {
        guard position < tokens.count else { return .end }
        position += 1
        return tokens[position - 1]
    }

    private mutating func isUsual() -> Bool {
        guard next() == .word("copy"), skipTable(), next() == .word("stdin") else { return false }
        var token = next()
        if token == .word("with") { token = next() }
        if token == .symbol(UInt8(ascii: "(")) { return hasUsualList() && isEnd(next()) }
        // The syntax of servers before version 9.0.
        while token == .word("freeze") { token = next() }
        return isEnd(token)
    }

    /// The table and its columns, up to `FROM`.
    private mutating func skipTable() -> Bool {
        var depth = 0
        while position < tokens.count {
            switch next() {
            case .word("binary") where position == 2: return false
            case .word("from") where depth == 0: return true
            case .symbol(UInt8(ascii: "(")): depth += 1
            case .symbol(UInt8(ascii: ")")): depth -= 1
            default: break
            }
        }
        return false
    }

    /// A list of options in parentheses.
    private mutating func hasUsualList() -> Bool {
        while true {
            guard case .word(let name) = next() else { return false }
            var value: [SQLScanner.Token] = []
            var token = next()
            var depth = 0
            while depth > 0 || token != .symbol(UInt8(ascii: ",")) && token != .symbol(UInt8(ascii: ")")) {
                if token == .end { return false }
                if token == .symbol(UInt8(ascii: "(")) { depth += 1 }
                if token == .symbol(UInt8(ascii: ")")) { depth -= 1 }
                value.append(token)
                token = next()
            }
            switch name {
            // Which rows are kept, and how they are stored.
            case "freeze", "on_error", "reject_limit", "log_verbosity": break
            // The server refuses these with the text format.
            case "force_null", "force_not_null": break
            case "format": guard value == [.word("text")] else { return false }
            default: return false
            }
            if token == .symbol(UInt8(ascii: ")")) { return true }
        }
    }

    /// A condition for the rows may follow.
    private func isEnd(_ token: SQLScanner.Token) -> Bool { token == .end || token == .word("where") }
}
