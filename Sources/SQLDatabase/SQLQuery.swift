/// A statement and its parameters.
///
/// An interpolated value is bound: it is sent beside the statement and cannot become part of its text. Text that is not
/// a literal of the program enters a statement only through a call that contains the word `unsafe`.
///
/// ```swift
/// let query: SQLQuery = "SELECT name FROM patients WHERE id = \(id) AND ward = \(ward)"
/// // query.sql == "SELECT name FROM patients WHERE id = $1 AND ward = $2"
/// ```
///
/// Queries compose. An interpolated query is embedded and its placeholders are renumbered:
///
/// ```swift
/// let filter: SQLQuery = "born < \(day)"
/// let query: SQLQuery = "SELECT name FROM patients WHERE \(filter) \(orderBy: [.ascending("name")])"
/// ```
public struct SQLQuery: Sendable, Hashable, ExpressibleByStringInterpolation, SQLQueryConvertible {
    /// The statement, with PostgreSQL's numbered placeholders, `$1` onwards. SQLite reads these as well, as named
    /// parameters numbered by first appearance.
    public var sql: String { text.text }
    private let text: ExactText
    /// The parameters, in the order of their placeholders.
    public let parameters: [SQLValue]
    /// Why the statement cannot be sent; `nil` when it can.
    ///
    /// A literal cannot throw, so a query carries the error and the drivers throw it before they send anything. The
    /// text of a query with a defect is not valid SQL.
    public let defect: SQLQueryError?

    /// Creates a statement from text that is not checked.
    ///
    /// Never pass text that comes from outside the program: it would become part of the statement.
    /// - Parameters:
    ///   - sql: The statement, with its placeholders written out as `$1` onwards.
    ///   - parameters: The parameters, in the order of their placeholders.
    public init(unsafe sql: String, _ parameters: [SQLValue] = []) {
        text = ExactText(sql)
        self.parameters = parameters
        defect = nil
    }

    /// Reports that text cannot become a statement unmarked.
    @available(*, unavailable, message: "interpolate values, or splice trusted text with SQLQuery(unsafe:_:)")
    public init(_ sql: String, _ parameters: [SQLValue] = []) {
        self.init(unsafe: sql, parameters)
    }

    /// Creates a statement without parameters from a literal of the program.
    public init(stringLiteral value: StaticString) {
        self.init(unsafe: value.description)
    }

    /// Creates a statement whose interpolated values are bound.
    public init(stringInterpolation: StringInterpolation) {
        if let defect = stringInterpolation.defect ?? stringInterpolation.placeholderDefect {
            self.init(defect: defect)
        } else {
            self.init(unsafe: stringInterpolation.sql, stringInterpolation.parameters)
        }
    }

    /// The query itself.
    public var sqlQuery: SQLQuery { self }

    /// Reports that queries are put together by interpolation.
    @available(*, unavailable, message: "queries do not add up; write query = \"\\(query) AND …\", or SQLQuery.joined")
    public static func += (query: inout SQLQuery, addition: SQLQuery) {}

    /// Creates a query that every driver refuses with the error. Its text is a syntax error in both engines.
    init(defect: SQLQueryError) {
        text = ExactText("INVALID STATEMENT (\(defect.reason))")
        parameters = []
        self.defect = defect
    }
}

/// A type whose values become part of a statement when they are interpolated, instead of being bound.
///
/// Conform a type that builds conditions or other fragments. Never conform one whose values hold text from outside the
/// program.
public protocol SQLQueryConvertible {
    /// The text and the parameters that become part of the statement.
    var sqlQuery: SQLQuery { get }
}

extension SQLQuery: CustomStringConvertible, CustomReflectable {
    /// The statement without its parameters, so that a query in a log does not disclose them.
    public var description: String { sql }

    /// The statement and the number of its parameters.
    public var customMirror: Mirror {
        Mirror(self, children: ["sql": sql, "parameters": parameters.count], displayStyle: .struct)
    }
}

/// A value, name or fragment that cannot become part of a statement.
public struct SQLQueryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to do instead. Never contains a parameter's value.
    public let reason: String

    /// Creates an error.
    /// - Parameter reason: What is wrong and what to do instead, without any value.
    public init(_ reason: String) { self.reason = reason }

    /// One line for a log.
    public var description: String { "the statement cannot be sent: \(reason)" }
}
