/// One statement of a migration's text.
struct MigrationStatement: Sendable {
    /// The text, without the semicolon.
    let text: String
    /// The statement's place in the text, counted from 1.
    let number: Int
    /// The line on which the statement begins, counted from 1.
    let line: Int
    /// The first words in capitals, at most five.
    let words: [String]

    /// Whether the statement begins a transaction.
    var beginsTransaction: Bool {
        words.first == "BEGIN" || words.starts(with: ["START", "TRANSACTION"])
    }

    /// Whether the statement ends a transaction.
    var endsTransaction: Bool {
        switch words.first {
        case "COMMIT", "END", "ABORT": true
        case "ROLLBACK": !words.contains("TO")
        case "PREPARE": words.dropFirst().first == "TRANSACTION"
        default: false
        }
    }

    var controlsTransaction: Bool { beginsTransaction || endsTransaction }

    /// Whether the statement exchanges data with the client, which only `psql` can do.
    var copiesThroughClient: Bool {
        words.first == "COPY" && (words.contains("STDIN") || words.contains("STDOUT"))
    }

    /// Whether the statement switches SQLite's enforcement of foreign keys, which has no effect inside a transaction.
    var switchesForeignKeys: Bool {
        words.first == "PRAGMA" && words.dropFirst().prefix(2).contains("FOREIGN_KEYS")
    }

    /// What the statement sets foreign keys to; `nil` when it does not. SQLite's `sqlite3GetBoolean`: a number counts as
    /// `true` unless it is 0, any other word as `false`.
    var foreignKeys: Bool? {
        guard switchesForeignKeys else { return nil }
        let value = text.lowercased().split { " =+()\t\n\r'\";".contains($0) }.last ?? ""
        if ["on", "true", "yes"].contains(value) { return true }
        if let first = value.utf8.first, SQLLexer.isDigit(first) {
            return (Int32(value.prefix { $0.isNumber }) ?? 0) & 0xFF != 0
        }
        return value == "foreign_keys" ? nil : false
    }

    /// Whether the statement only changes a setting.
    var isSetting: Bool { words.first == "SET" || words.first == "PRAGMA" }

    /// The statement for a message: its place, and its text without literals.
    func label(_ dialect: SQLDialect) -> String {
        var text = StatementFingerprint(self.text, dialect: dialect).text
        if text.count > 100 { text = text.prefix(100) + "…" }
        return "statement \(number), on line \(line): \(text)"
    }
}

/// A statement that cannot run as it stands, and why.
struct MigrationStatementRefusal: Error {
    let statement: MigrationStatement
    let reason: String
}

/// Splits the text of a migration into statements.
///
/// PostgreSQL's rules are those of `psql` (`psqlscan.l`: no split inside parentheses and inside the body of a
/// SQL-standard function), except that a body ends where the server ends it, also where `END` is a name in it. SQLite's
/// are those of `sqlite3_complete` (no split inside the body of a trigger).
enum MigrationScript {
    static func statements(of sql: String, dialect: SQLDialect) -> [MigrationStatement] {
        var reader = Reader(sql, dialect)
        return reader.readAll()
    }

    /// Splits a text whose quotes and comments all end.
    ///
    /// Engines take a comment that does not end for one to the end of the text, so that statements would be left out
    /// without an error.
    static func closedStatements(
        of sql: String, dialect: SQLDialect
    ) throws(UnclosedText) -> [MigrationStatement] {
        var reader = Reader(sql, dialect)
        let statements = reader.readAll()
        if let unclosed = reader.unclosed { throw unclosed }
        return statements
    }

    /// A quoted text or a comment that does not end.
    struct UnclosedText: Error, Equatable {
        /// What does not end.
        let what: String
        /// The line on which it begins, counted from 1.
        let line: Int

        var message: String {
            "\(what) that begins on line \(line) does not end, so that the rest of the text would be part of it; close it"
        }
    }

    /// The statements that run in a transaction of the migrator's own. A `BEGIN` and `COMMIT` around all of them, which
    /// dumps and recipes have, are left out.
    /// - Throws: The statement that begins or ends a transaction in between.
    static func transactional(_ all: [MigrationStatement]) throws(TransactionControlFound) -> [MigrationStatement] {
        let controls = all.indices.filter { all[$0].controlsTransaction }
        guard let first = controls.first else { return all }
        if controls.count == 2, all[first].beginsTransaction, ["COMMIT", "END"].contains(all[controls[1]].words[0]),
            all[..<first].allSatisfy(\.isSetting), all[(controls[1] + 1)...].allSatisfy(\.isSetting)
        {
            return all.indices.filter { !controls.contains($0) }.map { all[$0] }
        }
        throw TransactionControlFound(statement: all[first])
    }

    struct TransactionControlFound: Error {
        let statement: MigrationStatement
    }

    /// Whether foreign keys are enforced: as leading `PRAGMA foreign_keys` statements say, or else as the migration asks.
    /// - Throws: When the two contradict each other, and when a later one would be relied on, which has no effect.
    static func foreignKeysWanted(by statements: [MigrationStatement], asked: Bool) throws(MigrationStatementRefusal)
        -> Bool
    {
        let leading = statements.prefix { $0.words.first == "PRAGMA" }
        let switches = leading.filter { $0.foreignKeys != nil }
        let wanted = switches.last?.foreignKeys ?? asked
        if asked, !wanted, let statement = switches.last {
            throw MigrationStatementRefusal(
                statement: statement,
                reason: "switches foreign keys off, and enforcesForeignKeys: true asks for them; remove one of the two")
        }
        var ignored: MigrationStatement?
        for statement in statements.dropFirst(leading.count) {
            if let value = statement.foreignKeys {
                ignored = value == wanted ? nil : statement
            } else if statement.words.first != "PRAGMA", let ignored {
                throw MigrationStatementRefusal(
                    statement: ignored,
                    reason:
                        "has no effect inside the migration's transaction, and statements follow that rely on it; move it "
                        + "to the beginning, or divide the migration")
            }
        }
        return wanted
    }

    private struct Reader {
        private let dialect: SQLDialect
        private var lexer: SQLLexer
        private var found: [MigrationStatement] = []
        private var words: [String] = []
        private var range: Range<Int>?
        private var parentheses = 0
        /// Whether a body is open, `BEGIN ATOMIC … END`.
        private var isInBody = false
        /// The token before: a word in capitals, a semicolon, or empty for any other.
        private var previous = ""
        private var trigger = TriggerReader()
        private var line = 1
        private var counted = 0
        /// The end of the text that is not part of any statement.
        private var ignored = 0
        /// What the text leaves open, once it has been read.
        private(set) var unclosed: UnclosedText?

        init(_ sql: String, _ dialect: SQLDialect) {
            self.dialect = dialect
            var bytes = Array(sql.utf8)
            // A byte order mark, which editors put in front of a text.
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
            lexer = SQLLexer(bytes, dialect: dialect)
        }

        mutating func readAll() -> [MigrationStatement] {
            while true {
                let token = lexer.next()
                if token.kind == .end { break }
                if token.range.lowerBound < ignored || skipsCommand(at: token.range.lowerBound) { continue }
                if token.isUnterminated {
                    report(token.kind == .quotedName ? "a quoted name" : "a string", at: token.range.lowerBound)
                }
                let isSemicolon = token.kind == .symbol && lexer.bytes[token.range.lowerBound] == UInt8(ascii: ";")
                if isSemicolon, endsHere() {
                    finish()
                    continue
                }
                range = (range?.lowerBound ?? token.range.lowerBound)..<token.range.upperBound
                follow(token, isSemicolon: isSemicolon)
            }
            if lexer.endsInComment { report("a comment", at: lexer.commentStart) }
            finish()
            return found
        }

        private mutating func report(_ what: String, at start: Int) {
            guard unclosed == nil else { return }
            unclosed = UnclosedText(what: what, line: 1 + lexer.bytes[..<start].count { $0 == 10 })
        }

        /// Skips the lines `\restrict` and `\unrestrict`, commands of `psql` that `pg_dump` writes around its output.
        private mutating func skipsCommand(at start: Int) -> Bool {
            guard range == nil, dialect == .postgres, lexer.bytes[start] == UInt8(ascii: "\\") else { return false }
            let line = lexer.bytes[start...].prefix { $0 != 10 }
            guard line.dropFirst().starts(with: "restrict ".utf8) || line.dropFirst().starts(with: "unrestrict ".utf8)
            else { return false }
            ignored = line.endIndex
            return true
        }

        private func endsHere() -> Bool {
            dialect == .postgres ? parentheses == 0 && !isInBody : trigger.endsAtSemicolon
        }

        private mutating func follow(_ token: SQLLexer.Token, isSemicolon: Bool) {
            var word = ""
            if token.kind == .word { word = String(decoding: lexer.bytes[token.range], as: UTF8.self).uppercased() }
            if token.kind == .symbol {
                if lexer.bytes[token.range.lowerBound] == UInt8(ascii: "(") { parentheses += 1 }
                if lexer.bytes[token.range.lowerBound] == UInt8(ascii: ")") { parentheses = max(0, parentheses - 1) }
            }
            if !word.isEmpty, parentheses == 0, words.count < 5 { words.append(word) }
            switch dialect {
            case .postgres: if parentheses == 0, createsRoutine { followBody(word) }
            case .sqlite: trigger.take(word, isSemicolon: isSemicolon)
            }
            previous = isSemicolon ? ";" : word
        }

        private var createsRoutine: Bool {
            let kinds: Set = ["FUNCTION", "PROCEDURE"]
            guard words.count > 1, words[0] == "CREATE" else { return false }
            return kinds.contains(words[1])
                || words.count > 3 && words[1...2] == ["OR", "REPLACE"] && kinds.contains(words[3])
        }

        /// The first `END` behind a semicolon is the body's: that of a `CASE` and one that is a name never follow one.
        private mutating func followBody(_ word: String) {
            switch (previous, word) {
            case ("BEGIN", "ATOMIC"): isInBody = true
            case (";", "END"), ("ATOMIC", "END"): isInBody = false
            default: break
            }
        }

        private mutating func finish() {
            if let range {
                while counted < range.lowerBound {
                    if lexer.bytes[counted] == 10 { line += 1 }
                    counted += 1
                }
                found.append(
                    MigrationStatement(
                        text: String(decoding: lexer.bytes[range], as: UTF8.self), number: found.count + 1, line: line,
                        words: words))
            }
            range = nil
            words = []
            parentheses = 0
            isInBody = false
            previous = ""
            trigger = TriggerReader()
        }
    }
}

/// Finds the end of a `CREATE TRIGGER` statement, whose body contains semicolons: the states of `sqlite3_complete`
/// (SQLite, `src/complete.c`).
private struct TriggerReader {
    private enum State { case start, normal, explain, create, body, afterSemicolon, afterEnd }

    private var state = State.start

    /// Whether a semicolon ends the statement.
    var endsAtSemicolon: Bool { state != .body && state != .afterSemicolon }

    /// Follows a token.
    /// - Parameters:
    ///   - word: A word in capitals; empty for any other token.
    ///   - isSemicolon: Whether the token is a semicolon.
    mutating func take(_ word: String, isSemicolon: Bool) {
        switch (state, word) {
        case (.body, _), (.afterSemicolon, _), (.afterEnd, _):
            state = isSemicolon ? .afterSemicolon : state == .afterSemicolon && word == "END" ? .afterEnd : .body
        case (.start, "EXPLAIN"): state = .explain
        case (.start, "CREATE"), (.explain, "CREATE"): state = .create
        case (.create, "TEMP"), (.create, "TEMPORARY"): break
        case (.create, "TRIGGER"): state = .body
        case (.explain, "EXPLAIN"), (.explain, "TEMP"), (.explain, "TEMPORARY"), (.explain, "TRIGGER"),
            (.explain, "END"):
            state = .normal
        case (.explain, _): break
        default: state = .normal
        }
    }
}
