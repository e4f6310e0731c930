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
                let text = String(decoding: try JSONColumn.encoder().encode(value), as: UTF8.self)
                try JSONText.check(text)
                return .other(text: text, typeOID: 3802)
            } catch let problem as JSONText.Problem {
                throw SQLQueryError("\(Value.self) does not encode as JSON that can be read: \(problem.rawValue)")
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

/// A type that can say why a value does not read as it.
protocol SQLDiagnosable {
    /// The reason, without anything that the value contains; `nil` where the types say it all.
    static func problem(reading value: SQLValue) -> String?
}

extension SQLJSON: SQLDiagnosable where Value: Decodable {
    static func problem(reading value: SQLValue) -> String? {
        JSONColumn.text(of: value).flatMap { JSONColumn.problem(reading: Value.self, from: $0) }
    }
}

extension Optional: SQLDiagnosable where Wrapped: SQLDiagnosable {
    static func problem(reading value: SQLValue) -> String? { Wrapped.problem(reading: value) }
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
        try JSONText.check(text)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = Date.decode(.text(try container.decode(String.self))) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no date")
            }
            return date
        }
        let data = Data(text.utf8)
        // Texts of ASCII alone are equal only when their bytes are.
        guard text.utf8.contains(where: { $0 >= 0x80 || $0 == UInt8(ascii: "\\") }) else {
            return try decoder.decode(type, from: data)
        }
        return try decoder.decode(ExactJSON<Value>.self, from: data).value
    }

    /// Why a text does not read as a type; `nil` where it does, or the type's own initializer throws.
    static func problem<Value: Decodable>(reading type: Value.Type, from text: String) -> String? {
        do {
            _ = try decode(type, from: text)
            return nil
        } catch {
            return problem(reading: type, error)
        }
    }

    /// What an error of reading JSON says; `nil` for one of the type's own.
    static func problem(reading type: Any.Type, _ error: any Error) -> String? {
        let summary = (error as? JSONText.Problem)?.rawValue ?? (error as? DecodingError)?.summary
        return summary.map { "its JSON does not read as \(type): \($0)" }
    }
}
