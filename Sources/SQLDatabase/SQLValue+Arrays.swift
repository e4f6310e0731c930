extension Array: SQLEncodable where Element: SQLEncodable {
    /// One array parameter, as in `WHERE id = ANY(\(ids))`; of `UInt8`, bytes. SQLite binds an array as JSON, for
    /// `json_each`.
    public var sqlValue: SQLValue {
        get throws(SQLQueryError) {
            if Element.self == UInt8.self, let bytes = self as? [UInt8] { return .blob(bytes) }
            return .array(try values(of: self))
        }
    }
}

extension Array: SQLDecodable where Element: SQLDecodable {
    /// Reads an array all of whose elements read as `Element`, the array's text form where the driver does not know the
    /// type (`ARRAY['ok']::mood[]`), and a JSON array in text; of `UInt8`, bytes.
    public static func decode(_ value: SQLValue) -> [Element]? {
        if Element.self == UInt8.self {
            if case .blob(let bytes) = value { return bytes as? [Element] }
            return nil
        }
        let values: [SQLValue]
        switch value {
        case .array(let elements): values = elements
        case .other(let text, let type):
            guard let elements = PostgresArrayText.values(text, typeOID: type) else { return nil }
            values = elements
        case .text(let text):
            guard let elements = JSONText.values(text) else { return nil }
            values = elements
        default: return nil
        }
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for value in values {
            guard let element = Element.decode(value) else { return nil }
            elements.append(element)
        }
        return elements
    }
}

/// A sequence that is not an array, bound as one array parameter: `WHERE id = ANY(\(SQLArray(1...9)))`.
public struct SQLArray: SQLEncodable, Sendable, Hashable {
    /// The elements.
    public let values: [SQLValue]
    /// Why an element cannot be bound; `nil` when all can.
    let defect: SQLQueryError?

    /// Creates an array of values of one type, which may be NULL where it is an `Optional`.
    public init(_ values: some Sequence<some SQLEncodable>) {
        do {
            self.values = try SQLDatabase.values(of: values)
            defect = nil
        } catch {
            self.values = []
            defect = error
        }
    }

    /// An array.
    public var sqlValue: SQLValue {
        get throws(SQLQueryError) {
            if let defect { throw defect }
            return .array(values)
        }
    }
}

private func values(of elements: some Sequence<some SQLEncodable>) throws(SQLQueryError) -> [SQLValue] {
    var values: [SQLValue] = []
    values.reserveCapacity(elements.underestimatedCount)
    for element in elements {
        do {
            values.append(try element.sqlValue)
        } catch {
            throw SQLQueryError("element \(values.count + 1) of the array: \(error.reason)")
        }
    }
    return values
}

/// The elements of an array column. A plain array, `row["tags", as: [String].self]`, reads the same columns.
public struct SQLList<Element: SQLDecodable & Sendable>: SQLDecodable, Sendable {
    /// The elements.
    public let values: [Element]

    /// Reads an array all of whose elements read as `Element`.
    public static func decode(_ value: SQLValue) -> SQLList<Element>? {
        [Element].decode(value).map { SQLList(values: $0) }
    }
}
