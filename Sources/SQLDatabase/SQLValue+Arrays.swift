/// A list bound as one array parameter: `WHERE id = ANY(\(SQLArray(ids)))`, `FROM unnest(\(SQLArray(names))::text[])`.
///
/// PostgreSQL only; SQLite binds it as JSON for `json_each`.
public struct SQLArray: SQLEncodable, Sendable, Hashable {
    /// The elements.
    public let values: [SQLValue]

    /// An array of values of one type.
    public init(_ values: some Sequence<some SQLEncodable>) {
        self.values = values.map(\.sqlValue)
    }

    /// An array whose elements may be NULL.
    public init<Value: SQLEncodable>(_ values: some Sequence<Value?>) {
        self.values = values.map { $0?.sqlValue ?? .null }
    }

    /// An array.
    public var sqlValue: SQLValue { .array(values) }
}

/// The elements of an array column: `let tags = try row.get("tags", as: SQLList<String>.self).values`.
public struct SQLList<Element: SQLDecodable & Sendable>: SQLDecodable, Sendable {
    /// The elements.
    public let values: [Element]

    /// Reads an array all of whose elements read as `Element`.
    public static func decode(_ value: SQLValue) -> SQLList<Element>? {
        guard case .array(let values) = value else { return nil }
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for value in values {
            guard let element = Element.decode(value) else { return nil }
            elements.append(element)
        }
        return SQLList(values: elements)
    }
}
