/// A column that could not be read as the type asked for.
public struct SQLDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The column's name, or `#` and its position where the name is not a plain one.
    ///
    /// SQLite names a column without `AS` by its expression, which may contain a literal. So a name with anything but
    /// letters, digits, `_`, `$` and `.`, or with a digit first, is withheld.
    public let column: String
    /// What does not fit and what to do instead. Contains neither the value nor a literal of the statement.
    public let reason: String

    /// Creates an error for a column.
    public init(column: String, reason: String) {
        self.column = Self.isPlain(column) ? column : "(name withheld)"
        self.reason = reason
    }

    /// Whether a column's name cannot contain a literal: one word, or a position.
    static func isPlain(_ name: String) -> Bool {
        if name == "?column?" { return true }
        let isPosition = name.utf8.first == UInt8(ascii: "#")
        let bytes = isPosition ? name.utf8.dropFirst() : name.utf8[...]
        guard let first = bytes.first, isPosition || !SQLLexer.isDigit(first) else { return false }
        return bytes.allSatisfy { isPosition ? SQLLexer.isDigit($0) : SQLLexer.isWord($0) || $0 == UInt8(ascii: ".") }
    }

    /// Creates an error for a value that does not read as a type.
    init(column: String, value: SQLValue, type: Any.Type) {
        let remedy = (type as? any SQLDiagnosable.Type)?.problem(reading: value) ?? Self.remedy(value, type)
        self.init(column: column, reason: "\(value.typeName) does not read as \(type); \(remedy)")
    }

    /// One line for a log.
    public var description: String { "column \(column): \(reason)" }

    private static func remedy(_ value: SQLValue, _ type: Any.Type) -> String {
        switch value {
        case .null: "the column is NULL: ask for \(type)?"
        case .integer where type is any FixedWidthInteger.Type: "it is out of range: ask for a wider integer type"
        case .integer where type is any BinaryFloatingPoint.Type: "it would be rounded: ask for Int64"
        case .integer: "ask for Int64"
        case .double where type is any FixedWidthInteger.Type: "it is not whole or out of range: ask for Double"
        case .double: "ask for Double"
        case .decimal where type is any FixedWidthInteger.Type: "it is not whole or out of range: ask for Decimal"
        case .decimal: "it would be rounded or is infinite: ask for String, which keeps all digits"
        case .bool: "ask for Bool"
        case .text where type is any Collection.Type:
            "the text does not have that form: ask for SQLJSON<\(type)> if it was written as such, or for String"
        case .text: "the text does not have that form: ask for String, or cast the column in the statement"
        case .blob: "ask for [UInt8]"
        case .uuid: "ask for UUID"
        case .timestamp(.max), .timestamp(.min), .date(.max), .date(.min): "it is infinite: ask for SQLValue"
        case .timestamp, .date: "ask for Date"
        case .array: "ask for an array of a type that every element has, such as [String] or, with NULLs, [String?]"
        case .other: "ask for String, or cast the column in the statement"
        }
    }
}
