/// The text of a statement without anything that may be a value.
public struct StatementFingerprint: Sendable, Hashable, CustomStringConvertible {
    /// The statement with `?` for every literal and placeholder, one for a list of them and one row for the equal rows of
    /// `VALUES`, without comments and with single blanks. Statements that differ in their values alone, the signs of numbers,
    /// `TRUE`, `FALSE` and `NULL` included, have the same text.
    public var text: String { exact.text }
    private let exact: ExactText
    /// The first word in capitals and the first table: `SELECT patients`. Few enough to be a label.
    public var summary: String { exactSummary.text }
    private let exactSummary: ExactText
    /// The first word in capitals.
    public let operation: String

    /// Sixteen hexadecimal digits of the text's FNV-1a hash: the same in every process.
    public var digest: String {
        var hash = FNVHash()
        hash.add(text.utf8)
        return hash.digits
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
        let bytes = Array(sql.utf8.prefix(4096))
        var builder = FingerprintBuilder(bytes, dialect: dialect)
        builder.readAll(isCut: bytes.count < sql.utf8.count)
        exact = ExactText(builder.text)
        operation = builder.operation
        exactSummary = ExactText(builder.table.map { "\(builder.operation) \($0)" } ?? builder.operation)
    }
}
