/// A value that goes into a query or comes out of a row, in the types that both engines know.
public enum SQLValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case text(String)
    case blob([UInt8])
}

/// A type that can be bound to a query.
public protocol SQLEncodable {
    /// The value as it is bound.
    var sqlValue: SQLValue { get }
}

/// A type that can be read from a column.
public protocol SQLDecodable {
    /// Reads a value; `nil` when its type does not fit. A column of NULL only reaches an `Optional`.
    static func decode(_ value: SQLValue) -> Self?
}

extension SQLValue: SQLEncodable {
    /// The value itself.
    public var sqlValue: SQLValue { self }
}
