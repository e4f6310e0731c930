/// One row of a result: values by position or by column name.
///
/// ```swift
/// let name = try row["name", as: String.self]
/// let (id, born) = try row.decode(Int.self, Date?.self)
/// let patient = try row.decode(Patient.self)
/// ```
public struct SQLRow: Sendable {
    private let layout: SQLColumns
    /// The values, in the order of the columns.
    public let values: [SQLValue]

    /// Creates a row.
    /// - Parameters:
    ///   - columns: The columns, one object for all rows of a result.
    ///   - values: As many values.
    public init(_ columns: SQLColumns, values: [SQLValue]) {
        layout = columns
        self.values = values
    }

    /// Creates a row that shares its columns with no other.
    /// - Parameters:
    ///   - columns: The names of the columns.
    ///   - values: As many values.
    public init(columns: [String], values: [SQLValue]) {
        self.init(SQLColumns(columns), values: values)
    }

    /// The names of the columns.
    public var columns: [String] { layout.names }

    /// Returns the value of a column, by name.
    ///
    /// Names are compared exactly as the server returns them; PostgreSQL folds names without quotes to lower case.
    /// - Throws: ``SQLDecodingError`` when no column or several have the name, or the value does not have the type.
    public func decode<Value: SQLDecodable>(_ column: String, as type: Value.Type = Value.self)
        throws(SQLDecodingError) -> Value
    {
        try decode(try position(of: column), as: type)
    }

    /// Returns the value of a column, by position from 0.
    /// - Throws: ``SQLDecodingError`` when there is no such column, or the value does not have the type.
    public func decode<Value: SQLDecodable>(_ index: Int, as type: Value.Type = Value.self) throws(SQLDecodingError)
        -> Value
    {
        guard values.indices.contains(index) else {
            throw SQLDecodingError(column: "#\(index)", reason: "the row has \(values.count) columns")
        }
        guard let value = Value.decode(values[index]) else {
            throw SQLDecodingError(column: name(at: index), value: values[index], type: Value.self)
        }
        return value
    }

    /// The value of a column, by name.
    ///
    /// The getter throws what ``decode(_:as:)-(String,_)`` throws.
    public subscript<Value: SQLDecodable>(column: String, as type: Value.Type = Value.self) -> Value {
        get throws(SQLDecodingError) { try decode(column, as: type) }
    }

    /// The value of a column, by position from 0.
    ///
    /// The getter throws what ``decode(_:as:)-(Int,_)`` throws.
    public subscript<Value: SQLDecodable>(index: Int, as type: Value.Type = Value.self) -> Value {
        get throws(SQLDecodingError) { try decode(index, as: type) }
    }

    /// Reports that the type of the value is not known.
    @available(*, unavailable, message: "state the type of the value: row[\"name\", as: String.self]")
    @_disfavoredOverload
    public subscript(column: String) -> SQLValue { .null }

    /// Reports that the type of the value is not known.
    @available(*, unavailable, message: "state the type of the value: row[0, as: String.self]")
    @_disfavoredOverload
    public subscript(index: Int) -> SQLValue { .null }

    /// Returns the value of the only column.
    /// - Throws: ``SQLDecodingError`` when the row has another number of columns, or the value does not have the type.
    public func decode<Value: SQLDecodable>(_ type: Value.Type) throws(SQLDecodingError) -> Value {
        try onlyColumn(type)
    }

    /// Returns the values of all columns, by position.
    ///
    /// ```swift
    /// let (name, beds) = try row.decode(String.self, Int.self)
    /// ```
    /// - Throws: ``SQLDecodingError`` when the row has another number of columns, or a value does not have its type.
    public func decode<First: SQLDecodable, Second: SQLDecodable, each Rest: SQLDecodable>(
        _ first: First.Type, _ second: Second.Type, _ rest: repeat (each Rest).Type
    ) throws(SQLDecodingError) -> (First, Second, repeat each Rest) {
        var count = 2
        for _ in repeat each rest { count += 1 }
        try requireCount(count)
        var index = 1
        func next<Value: SQLDecodable>(_ type: Value.Type) throws(SQLDecodingError) -> Value {
            index += 1
            return try decode(index, as: type)
        }
        return (try decode(0, as: first), try decode(1, as: second), repeat try next(each rest))
    }

    // MARK: Finding columns

    /// The name of a column for an error; its position where it has no name or one that may contain a literal.
    func name(at index: Int) -> String {
        guard layout.names.indices.contains(index), SQLDecodingError.isPlain(layout.names[index]) else {
            return "#\(index)"
        }
        return layout.names[index]
    }

    func position(of column: String) throws(SQLDecodingError) -> Int {
        switch layout.position(of: column) {
        case .at(let index) where index < values.count: return index
        case .at(let index):
            throw SQLDecodingError(
                column: column, reason: "it is column \(index) and the row has \(values.count) values")
        case .missing:
            throw SQLDecodingError(
                column: column,
                reason: "no such column; the row has \(columns.indices.map { name(at: $0) }.joined(separator: ", "))")
        case .ambiguous(let count):
            throw SQLDecodingError(
                column: column, reason: "\(count) columns have this name; name each with AS, or read them by position")
        }
    }

    func onlyColumn<Value: SQLDecodable>(_ type: Value.Type) throws(SQLDecodingError) -> Value {
        try requireCount(1)
        return try decode(0, as: type)
    }

    private func requireCount(_ count: Int) throws(SQLDecodingError) {
        guard values.count == count else {
            throw SQLDecodingError(
                column: "#\(min(values.count, count))",
                reason: "the row has \(values.count) columns and \(count) types were given; select as many columns")
        }
    }
}

extension SQLRow: Hashable {
    /// Whether two rows have the same column names and values.
    public static func == (one: SQLRow, other: SQLRow) -> Bool {
        one.layout == other.layout && one.values == other.values
    }

    /// Hashes the column names and the values.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(layout)
        hasher.combine(values)
    }
}
