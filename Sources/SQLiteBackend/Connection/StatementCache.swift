/// Prepared statements by their text, the least recently used making room.
struct StatementCache {
    private var statements: [String: Statement] = [:]
    private let capacity: Int
    private var uses: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { statements.count }

    /// The statement of a text, or `nil`.
    mutating func find(_ sql: String) -> Statement? {
        guard let statement = statements[sql] else { return nil }
        uses &+= 1
        statement.lastUse = uses
        return statement
    }

    mutating func insert(_ statement: Statement, for sql: String) {
        if statements.count >= capacity, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements[oldest.key] = nil
        }
        uses &+= 1
        statement.lastUse = uses
        statements[sql] = statement
    }

    mutating func removeAll() { statements = [:] }
}
