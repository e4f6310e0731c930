/// How the names of a type's properties correspond to those of columns.
public enum SQLColumnNaming: Sendable, Hashable {
    /// A property and its column have the same name.
    case same
    /// The property `postalCode` is read from the column `postal_code`, `imageURL` from `image_url`.
    case snakeCase
}

extension SQLRow {
    /// Returns a `Decodable` value whose properties are read from the columns of the same names.
    ///
    /// A property whose type is ``SQLDecodable`` is read from its column's value; one of another `Decodable` type from
    /// the JSON text in its column. Columns without a property are ignored. A property without a column is an error
    /// even where it is an `Optional`: select `NULL AS name` where it is meant to be `nil`.
    /// - Parameters:
    ///   - type: The type.
    ///   - naming: How the names of properties correspond to those of columns.
    /// - Throws: ``SQLDecodingError`` that names the column; an error of the type's own initializer unchanged.
    public func decode<Value: Decodable>(_ type: Value.Type, naming: SQLColumnNaming = .same) throws -> Value {
        try RowDecoder(self, RowDecoder.Names(naming)).decode(type)
    }

    /// Returns the value of the only column.
    /// - Throws: ``SQLDecodingError`` when the row has another number of columns, or the value does not have the type.
    public func decode<Value: SQLDecodable & Decodable>(_ type: Value.Type) throws(SQLDecodingError) -> Value {
        try onlyColumn(type)
    }
}

extension Sequence<SQLRow> {
    /// Returns the rows as `Decodable` values whose properties are read from the columns of the same names.
    ///
    /// See ``SQLRow/decode(_:naming:)``.
    /// - Parameters:
    ///   - type: The type.
    ///   - naming: How the names of properties correspond to those of columns.
    public func decode<Value: Decodable>(_ type: Value.Type, naming: SQLColumnNaming = .same) throws -> [Value] {
        let names = RowDecoder.Names(naming)
        return try map { try RowDecoder($0, names).decode(type) }
    }

    /// Returns the values of the rows' only column.
    /// - Throws: ``SQLDecodingError`` when a row has another number of columns, or a value does not have the type.
    public func decode<Value: SQLDecodable>(_ type: Value.Type) throws -> [Value] {
        try map { try $0.onlyColumn(type) }
    }

    /// Returns the values of the rows' only column.
    /// - Throws: ``SQLDecodingError`` when a row has another number of columns, or a value does not have the type.
    public func decode<Value: SQLDecodable & Decodable>(_ type: Value.Type) throws -> [Value] {
        try map { try $0.onlyColumn(type) }
    }

    /// Returns the values of all columns of each row, by position.
    /// - Throws: ``SQLDecodingError`` when a row has another number of columns, or a value does not have its type.
    public func decode<First: SQLDecodable, Second: SQLDecodable, each Rest: SQLDecodable>(
        _ first: First.Type, _ second: Second.Type, _ rest: repeat (each Rest).Type
    ) throws -> [(First, Second, repeat each Rest)] {
        try map { try $0.decode(first, second, repeat each rest) }
    }
}
