/// Reads one column into a `Decodable` value: its value where the type is ``SQLDecodable`` or asks for a single value,
/// otherwise its JSON text.
struct ColumnDecoder: Decoder, SingleValueDecodingContainer {
    let column: String
    let value: SQLValue
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// Thrown where a type asks for more than a single value, so that it is read from JSON.
    private struct NeedsJSON: Error {}

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let type = type as? any SQLDecodable.Type {
            guard let decoded = try exactly(type) as? Value else { throw mismatch(Value.self) }
            return decoded
        }
        do {
            let decoded = try Value(from: self)
            if let raw = decoded as? any RawRepresentable<String>, let text = String.decode(value),
                !raw.stands(for: text)
            {
                throw mismatch(type)
            }
            return decoded
        } catch is NeedsJSON {
            return try json(type)
        } catch is DecodingError {
            throw mismatch(type)
        } catch is SQLDecodingError {
            // The value inside the type, such as an enumeration's raw value, did not fit.
            throw mismatch(type)
        }
    }

    /// The value as a type whose own failure to read it is told from a `nil` that it read.
    private func exactly<Known: SQLDecodable>(_ type: Known.Type) throws -> Known {
        guard let decoded = type.decode(value) else { throw mismatch(type) }
        return decoded
    }

    private func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let text = JSONColumn.text(of: value) else { throw mismatch(type) }
        do {
            return try JSONColumn.decode(type, from: text)
        } catch {
            guard let reason = JSONColumn.problem(reading: type, error) else { throw error }
            throw SQLDecodingError(column: column, reason: reason)
        }
    }

    private func mismatch(_ type: Any.Type) -> SQLDecodingError {
        SQLDecodingError(column: column, value: value, type: type)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> { throw NeedsJSON() }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NeedsJSON() }
    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { if case .null = value { true } else { false } }
}

extension DecodingError {
    var path: [any CodingKey] {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context.codingPath
        case .keyNotFound(let key, let context): context.codingPath + [key]
        @unknown default: []
        }
    }

    /// What is wrong and where, without anything that the data may contain: keys are named only where the program
    /// declares them.
    var summary: String {
        let path = path.map { key in
            if key.intValue != nil { return "[]" }
            let isData = ["_DictionaryCodingKey", "_CodingKey", "_JSONKey"].contains("\(Swift.type(of: key))")
            return isData ? "*" : key.stringValue
        }
        let place = path.isEmpty ? "" : " at \(path.joined(separator: "."))"
        switch self {
        case .typeMismatch(let type, _) where type == [Any].self:
            // Also what Swift expects for a dictionary whose keys are an enumeration.
            return "an array expected\(place); a dictionary whose keys are an enumeration needs them to be "
                + "CodingKeyRepresentable"
        case .typeMismatch(let type, _): return "\(type) expected\(place)"
        case .valueNotFound(let type, _): return "\(type) expected instead of null\(place)"
        case .keyNotFound: return "a key is missing\(place)"
        default: return "the text is not valid\(place)"
        }
    }
}
