/// A statement and its parameters. Interpolation binds; it never splices text into the statement.
///
/// ```swift
/// let query: SQLQuery = "SELECT name FROM patients WHERE id = \(id) AND ward = \(ward)"
/// // query.sql(placeholder: .dollar) == "SELECT name FROM patients WHERE id = $1 AND ward = $2"
/// ```
public struct SQLQuery: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The statement with PostgreSQL's numbered placeholders, `$1` onwards. SQLite reads these as well, as named
    /// parameters numbered by first appearance.
    public let sql: String
    /// The parameters, in the order of their placeholders.
    public let parameters: [SQLValue]

    /// A statement that has its placeholders written out.
    public init(_ sql: String, _ parameters: [SQLValue] = []) {
        self.sql = sql
        self.parameters = parameters
    }

    /// A statement without parameters.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// A statement whose interpolated values are bound.
    public init(stringInterpolation: StringInterpolation) {
        self.init(stringInterpolation.sql, stringInterpolation.parameters)
    }

    /// Collects the text and the bound values of a literal.
    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        var sql = ""
        var parameters: [SQLValue] = []

        /// Called by the compiler.
        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserveCapacity(literalCapacity + 4 * interpolationCount)
            parameters.reserveCapacity(interpolationCount)
        }

        /// Text of the statement.
        public mutating func appendLiteral(_ literal: String) {
            sql += literal
        }

        /// Binds a value.
        public mutating func appendInterpolation(_ value: some SQLEncodable) {
            parameters.append(value.sqlValue)
            appendPlaceholder()
        }

        /// Binds a value, or NULL.
        public mutating func appendInterpolation(_ value: (some SQLEncodable)?) {
            parameters.append(value?.sqlValue ?? .null)
            appendPlaceholder()
        }

        private mutating func appendPlaceholder() {
            sql += "$"
            sql += String(parameters.count)
        }

        /// Splices text that the program itself wrote, such as a table's name. Never pass input here.
        public mutating func appendInterpolation(unescaped text: StaticString) {
            sql += "\(text)"
        }
    }
}
