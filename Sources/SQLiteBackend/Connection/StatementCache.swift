import SQLDatabase

/// Prepared statements by their text. The least recently used ones make room when the number or the bytes exceed
/// the limits; every operation takes constant time.
struct StatementCache {
    private var statements: [ExactText: Statement] = [:]
    private let capacity: Int
    private let byteLimit: Int
    /// The ends of a list through ``Statement/newer`` and ``Statement/older``.
    private var newest: Statement?
    private var oldest: Statement?
    private(set) var bytes = 0

    init(capacity: Int, byteLimit: Int) {
        self.capacity = capacity
        self.byteLimit = byteLimit
    }

    var count: Int { statements.count }

    /// Whether a text's statement is kept. Does not count as a use.
    func contains(_ sql: String) -> Bool { statements[ExactText(sql)] != nil }

    /// Returns the statement of a text, or `nil`.
    mutating func find(_ sql: String) -> Statement? {
        guard let statement = statements[ExactText(sql)] else { return nil }
        if statement !== newest {
            unlink(statement)
            link(statement)
        }
        return statement
    }

    /// Returns the statement of a text and forgets it, for a caller that keeps it busy.
    mutating func take(_ sql: String) -> Statement? {
        guard let statement = statements.removeValue(forKey: ExactText(sql)) else { return nil }
        unlink(statement)
        bytes -= statement.cost
        return statement
    }

    /// Keeps a statement, unless it alone exceeds the limit of bytes or another one of the same text is kept.
    mutating func insert(_ statement: Statement, for sql: String) {
        guard statement.cost <= byteLimit, statements[ExactText(sql)] == nil else { return }
        while statements.count >= capacity || bytes + statement.cost > byteLimit, let last = oldest {
            _ = take(last.text)
        }
        statement.text = sql
        statements[ExactText(sql)] = statement
        bytes += statement.cost
        link(statement)
    }

    mutating func removeAll() {
        // One by one: a chain of references would be released recursively.
        while let last = oldest { _ = take(last.text) }
    }

    private mutating func link(_ statement: Statement) {
        statement.older = newest
        statement.newer = nil
        newest?.newer = statement
        newest = statement
        if oldest == nil { oldest = statement }
    }

    private mutating func unlink(_ statement: Statement) {
        if let newer = statement.newer { newer.older = statement.older } else { newest = statement.older }
        if let older = statement.older { older.newer = statement.newer } else { oldest = statement.newer }
        statement.newer = nil
        statement.older = nil
    }
}
