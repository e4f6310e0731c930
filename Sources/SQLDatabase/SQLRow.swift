/// One row of a result: values by position or by column name.
public struct SQLRow: Sendable, Hashable {
    /// The names of the columns, shared by all rows of a result.
    public let columns: [String]
    /// The values, in the order of the columns.
    public let values: [SQLValue]

    /// A row of its columns and as many values.
    public init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// Reads a column by name.
    /// - Throws: ``SQLDecodingError`` that names the column, the value's type and the type asked for.
    public func get<Value: SQLDecodable>(_ column: String, as type: Value.Type = Value.self) throws(SQLDecodingError)
        -> Value
    {
        guard let index = columns.firstIndex(of: column) else {
            throw SQLDecodingError(
                column: column, reason: "no such column; the row has \(columns.joined(separator: ", "))")
        }
        return try get(index)
    }

    /// Reads a column by position, from 0.
    /// - Throws: ``SQLDecodingError`` that names the column, the value's type and the type asked for.
    public func get<Value: SQLDecodable>(_ index: Int, as type: Value.Type = Value.self) throws(SQLDecodingError)
        -> Value
    {
        guard values.indices.contains(index) else {
            throw SQLDecodingError(column: "#\(index)", reason: "the row has \(values.count) columns")
        }
        guard let value = Value.decode(values[index]) else {
            throw SQLDecodingError(
                column: columns[index], reason: "\(values[index].typeName) does not read as \(Value.self)")
        }
        return value
    }
}

/// A column that could not be read as the type asked for.
public struct SQLDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The column's name, or `#` and its position.
    public let column: String
    /// What does not fit. Never holds the value itself.
    public let reason: String

    /// An error for a column.
    public init(column: String, reason: String) {
        self.column = column
        self.reason = reason
    }

    /// One line for a log.
    public var description: String { "column \(column): \(reason)" }
}
