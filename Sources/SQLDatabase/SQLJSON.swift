#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A `Codable` value in a JSON column.
///
/// ```swift
/// struct Address: Codable { var street: String; var city: String }
/// try await database.execute("UPDATE patients SET address = \(SQLJSON(address)) WHERE id = \(id)")
/// let address = try row["address", as: SQLJSON<Address>.self].value
/// ```
///
/// It is bound as `jsonb` on PostgreSQL and as text on SQLite, with its keys sorted, and reads from `json`, `jsonb` and
/// text. Dates are ISO 8601 text, to the microsecond.
public struct SQLJSON<Value> {
    /// The value.
    public var value: Value

    /// Wraps a value.
    public init(_ value: Value) { self.value = value }
}

extension SQLJSON: Sendable where Value: Sendable {}
extension SQLJSON: Equatable where Value: Equatable {}
extension SQLJSON: Hashable where Value: Hashable {}

extension SQLJSON: SQLEncodable where Value: Encodable {
    /// The value as `jsonb`.
    /// - Throws: ``SQLQueryError`` when the value cannot be encoded.
    public var sqlValue: SQLValue {
        get throws(SQLQueryError) {
            do {
                let data = try JSONColumn.encoder().encode(value)
                return .other(text: String(decoding: data, as: UTF8.self), typeOID: 3802)
            } catch {
                throw SQLQueryError("\(Value.self) does not encode as JSON; JSON holds no NaN, infinity or such values")
            }
        }
    }
}

extension SQLJSON: SQLDecodable where Value: Decodable {
    /// Reads a value from JSON text.
    public static func decode(_ value: SQLValue) -> SQLJSON<Value>? {
        guard let text = JSONColumn.text(of: value), let value = try? JSONColumn.decode(Value.self, from: text) else {
            return nil
        }
        return SQLJSON(value)
    }
}

/// JSON in columns, the same for ``SQLJSON`` and for rows that are read into `Decodable` types.
enum JSONColumn {
    /// The text of a column that may hold JSON.
    static func text(of value: SQLValue) -> String? {
        switch value {
        case .text(let text), .other(let text, 114), .other(let text, 3802): text
        default: nil
        }
    }

    static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            guard case .text(let text) = try date.sqlValue.basic else { return }
            try container.encode(text)
        }
        return encoder
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        guard JSONText.isValid(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: "no JSON, or an object with the same key twice")
            )
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = Date.decode(.text(try container.decode(String.self))) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no date")
            }
            return date
        }
        return try decoder.decode(type, from: Data(text.utf8))
    }
}
