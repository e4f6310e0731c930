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
    /// Reads a double, an integer that a double holds exactly, or a decimal, to the nearest double.
    public static func decode(_ value: SQLValue) -> Double? {
        switch value {
        case .double(let value): value
        case .integer(let value): Double(exactly: value)
        case .decimal("NaN"): .nan
        case .decimal("Infinity"): .infinity
        case .decimal("-Infinity"): -.infinity
        case .decimal(let digits): DecimalText(digits)?.nearest(Double(digits))
        default: nil
        }
    }
}

extension Float: SQLEncodable, SQLDecodable {
    /// A double of the same value.
    public var sqlValue: SQLValue { .double(Double(self)) }
    /// Reads a double or an integer that a float holds exactly, or a decimal, to the nearest float.
    public static func decode(_ value: SQLValue) -> Float? {
        switch value {
        case .double(let value): value.isNaN ? .nan : Float(exactly: value)
        case .integer(let value): Float(exactly: value)
        case .decimal("NaN"): .nan
        case .decimal("Infinity"): .infinity
        case .decimal("-Infinity"): -.infinity
        case .decimal(let digits): DecimalText(digits)?.nearest(Float(digits))
        default: nil
        }
    }
}

extension String: SQLEncodable, SQLDecodable {
    /// Text.
    public var sqlValue: SQLValue { .text(self) }
    /// Reads text, and a UUID, a moment, a day, a decimal or a value of another type as its text.
    public static func decode(_ value: SQLValue) -> String? {
        switch value {
        case .text(let value), .decimal(let value), .other(let value, _): value
        case .uuid, .timestamp, .date: if case .text(let text) = value.basic { text } else { nil }
        default: nil
        }
    }
}

extension Substring: SQLEncodable {
    /// Text.
    public var sqlValue: SQLValue { .text(String(self)) }
}

extension Optional: SQLEncodable where Wrapped: SQLEncodable {
    /// The wrapped value, or NULL.
    public var sqlValue: SQLValue {
        get throws(SQLQueryError) {
            guard let self else { return .null }
            return try self.sqlValue
        }
    }
}

extension Optional: SQLDecodable where Wrapped: SQLDecodable {
    /// `nil` for NULL, otherwise what the wrapped type reads.
    public static func decode(_ value: SQLValue) -> Wrapped?? {
        if case .null = value { return .some(nil) }
        return Wrapped.decode(value).map { .some($0) }
    }
}

extension SQLEncodable where Self: RawRepresentable, RawValue: SQLEncodable {
    /// The raw value.
    public var sqlValue: SQLValue {
        get throws(SQLQueryError) { try rawValue.sqlValue }
    }
}

extension RawRepresentable where RawValue == String {
    /// Whether the value stands for a text, and not for one that only Swift takes for equal to it.
    func stands(for text: String) -> Bool { rawValue.isExactly(text) || rawValue != text }
}

extension SQLDecodable where Self: RawRepresentable, RawValue == String {
    /// Reads a raw value that stands for one of the type's values, by its bytes.
    public static func decode(_ value: SQLValue) -> Self? {
        guard let text = String.decode(value), let decoded = Self(rawValue: text), decoded.stands(for: text) else {
            return nil
        }
        return decoded
    }
}

extension SQLDecodable where Self: RawRepresentable, RawValue: SQLDecodable {
    /// Reads a raw value that stands for one of the type's values.
    public static func decode(_ value: SQLValue) -> Self? {
        RawValue.decode(value).flatMap { Self(rawValue: $0) }
    }
}
