import CVitalsSQLite
import SQLDatabase

/// SQLite's messages without the values that some of them quote.
///
/// While a statement is compiled SQLite has seen the statement's text and no parameter, so only the literals in that
/// text are withheld. While it runs, a message may quote parameters and rows (a search expression of FTS, a JSON path, a
/// file's name), so only messages that are known to hold none are passed on.
enum ErrorText {
    /// Returns the message of a statement that could not be compiled.
    static func compiling(_ message: String, sql: String) -> String {
        if let name = message.suffix(after: "no such column: "),
            sql.contains(String(name).quotedName)
        {
            return "no such column: text in double quotes is an identifier; write a string in single quotes, or bind it"
        }
        if message.hasPrefix("unrecognized token: ") { return "unrecognized token" }
        if message.hasPrefix("near \""), let first = message.dropFirst(6).first {
            let isName = first.isLetter || first == "_"
            let isSign = !isName && !first.isNumber && first != "'" && first != "\"" && first != "`" && first != "["
            if !isName, !isSign { return "syntax error near a literal" }
        }
        return message
    }

    /// Returns the message of a statement that failed while it ran.
    static func running(_ message: String, resultCode: Int32) -> String {
        let general = String(cString: sqlite3_errstr(resultCode))
        if message == general || resultCode & 0xff == SQLITE_CONSTRAINT || plain.contains(message) { return message }
        if prefixes.contains(where: message.hasPrefix) { return message }
        return "\(general) (SQLite's own words are withheld, because they may quote a value)"
    }

    private static let plain: Set<String> = [
        "malformed JSON", "integer overflow", "string or blob too big", "datatype mismatch", "interrupted",
        "LIKE or GLOB pattern too complex", "ESCAPE expression must be a single character",
        "cannot VACUUM from within a transaction", "cannot VACUUM - SQL statements in progress",
        "cannot start a transaction within a transaction", "cannot commit - no transaction is active",
        "cannot rollback - no transaction is active", "cannot commit transaction - SQL statements in progress",
        "attempt to write a readonly database", "database table is locked", "database schema is locked",
        "database or disk is full", "output file already exists", "not authorized", "unterminated string",
        "Safety level may not be changed inside a transaction",
    ]

    /// Beginnings of messages that go on with the names of tables and columns.
    private static let prefixes = ["no such savepoint", "database table is locked: ", "no such table: main."]
}

extension String {
    /// What follows a beginning; `nil` where the text begins otherwise.
    func suffix(after beginning: String) -> Substring? {
        hasPrefix(beginning) ? dropFirst(beginning.count) : nil
    }
}
