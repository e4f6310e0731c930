extension SQLValue {
    /// The name of the value's type, for messages.
    public var typeName: String {
        switch self {
        case .null: "NULL"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .double: "a double"
        case .text: "text"
        case .blob: "bytes"
        case .uuid: "a UUID"
        case .timestamp: "a timestamp"
        case .date: "a date"
        case .decimal: "a decimal"
        case .array: "an array"
        case .other(_, let type): "a value of type \(type)"
        }
    }
}

extension Int64: SQLEncodable, SQLDecodable {
    /// An integer.
    public var sqlValue: SQLValue { .integer(self) }
    /// Reads an integer, or a double that is whole.
    public static func decode(_ value: SQLValue) -> Int64? {
        switch value {
        case .integer(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }
}

extension Int: SQLEncodable, SQLDecodable {
    /// An integer.
    public var sqlValue: SQLValue { .integer(Int64(self)) }
    /// Reads an integer that fits.
    public static func decode(_ value: SQLValue) -> Int? { Int64.decode(value).flatMap { Int(exactly: $0) } }
}

extension Bool: SQLEncodable, SQLDecodable {
    /// A boolean.
    public var sqlValue: SQLValue { .bool(self) }
    /// Reads a boolean, or SQLite's 0 and 1.
    public static func decode(_ value: SQLValue) -> Bool? {
        switch value {
        case .bool(let value): value
        case .integer(0): false
        case .integer(1): true
        default: nil
        }
    }
}

extension Double: SQLEncodable, SQLDecodable {
    /// A double.
    public var sqlValue: SQLValue { .double(self) }
    /// Reads a double, an integer or a decimal; the last two to the nearest double.
    public static func decode(_ value: SQLValue) -> Double? {
        switch value {
        case .double(let value): value
        case .integer(let value): Double(value)
        case .decimal(let digits): Double(digits)
        default: nil
        }
    }
}

extension String: SQLEncodable, SQLDecodable {
    /// Text.
    public var sqlValue: SQLValue { .text(self) }
    /// Reads text, and a UUID, a moment, a day or a decimal as text.
    public static func decode(_ value: SQLValue) -> String? {
        switch value {
        case .text(let value), .decimal(let value), .other(let value, _): value
        case .uuid, .timestamp, .date: if case .text(let text) = value.basic { text } else { nil }
        default: nil
        }
    }
}

extension [UInt8]: SQLEncodable, SQLDecodable {
    /// Bytes.
    public var sqlValue: SQLValue { .blob(self) }
    /// Reads bytes.
    public static func decode(_ value: SQLValue) -> [UInt8]? {
        if case .blob(let value) = value { value } else { nil }
    }
}

extension Optional: SQLDecodable where Wrapped: SQLDecodable {
    /// `nil` for NULL, otherwise what the wrapped type reads.
    public static func decode(_ value: SQLValue) -> Wrapped?? {
        if case .null = value { return .some(nil) }
        return Wrapped.decode(value).map { .some($0) }
    }
}
