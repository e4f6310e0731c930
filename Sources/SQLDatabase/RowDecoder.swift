/// Reads one row into a `Decodable` value.
struct RowDecoder: Decoder {
    /// The column names of properties, worked out once for all rows.
    final class Names {
        private let naming: SQLColumnNaming
        private var snakeCase: [ExactText: String] = [:]
        /// A column whose name a dictionary would take for that of another one.
        private(set) var merged: String?

        init(_ naming: SQLColumnNaming) { self.naming = naming }

        func column(of key: any CodingKey) -> String {
            let property = key.stringValue
            guard naming == .snakeCase else { return property }
            if let known = snakeCase[ExactText(property)] { return known }
            let name = Self.snakeCase(property)
            snakeCase[ExactText(property)] = name
            return name
        }

        /// The keys of a type that the columns name. A type that reads its keys from the data, such as a dictionary,
        /// reads the columns' names; one that no property's name becomes, such as `_id`, stays as it is.
        func keys<Key: CodingKey>(_ type: Key.Type, of columns: [String]) -> [Key] {
            var exact: [String: ExactText] = [:]
            return columns.compactMap { column in
                let property = naming == .snakeCase ? property(of: column, among: columns) : column
                guard let key = Key(stringValue: property) else { return nil }
                let name = ExactText(key.stringValue)
                if exact.updateValue(name, forKey: name.text) ?? name != name { merged = column }
                return key
            }
        }

        private func property(of column: String, among columns: [String]) -> String {
            let property = Self.camelCase(column)
            if Self.snakeCase(property).isExactly(column), !columns.contains(where: property.isExactly) {
                return property
            }
            snakeCase[ExactText(column)] = column
            return column
        }

        /// `postal_code` → `postalCode`.
        static func camelCase(_ name: String) -> String {
            let words = name.split(separator: "_")
            return words.dropFirst().reduce(words.first.map(String.init) ?? name) { text, word in
                text + word.prefix(1).uppercased() + word.dropFirst()
            }
        }

        /// `postalCode` → `postal_code`, `imageURL` → `image_url`, `URLPath` → `url_path`.
        static func snakeCase(_ name: String) -> String {
            let letters = Array(name)
            var result = ""
            for (index, letter) in letters.enumerated() {
                let follows = index > 0 && letters[index - 1] != "_"
                let startsWord =
                    follows && letter.isUppercase
                    && (!letters[index - 1].isUppercase
                        || index + 1 < letters.count && letters[index + 1].isLowercase)
                if startsWord { result += "_" }
                result += letter.lowercased()
            }
            return result
        }
    }

    let row: SQLRow
    let names: Names
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    init(_ row: SQLRow, _ names: Names) {
        self.row = row
        self.names = names
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do {
            return try Value(from: self)
        } catch let error as DecodingError {
            let column = error.path.first.map(names.column(of:)) ?? "#0"
            throw SQLDecodingError(column: column, reason: "it does not read as part of \(type): \(error.summary)")
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RowContainer(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw SQLDecodingError(
            column: "#0", reason: "a row reads into a type with named properties; read a sequence from an array column")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        guard row.values.count == 1 else {
            throw SQLDecodingError(
                column: "#1",
                reason: "the row has \(row.values.count) columns and the type takes one value; select one column")
        }
        return ColumnDecoder(column: row.name(at: 0), value: row.values[0])
    }

    /// Reads one column.
    func decode<Value: Decodable>(_ type: Value.Type, at index: Int) throws -> Value {
        try ColumnDecoder(column: row.name(at: index), value: row.values[index]).decode(type)
    }
}

private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: RowDecoder

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] {
        decoder.names.keys(Key.self, of: decoder.row.columns)
    }

    private func index(_ key: Key) throws -> Int {
        if let column = decoder.names.merged {
            throw SQLDecodingError(
                column: column,
                reason:
                    "Swift takes its name for that of another column, so that a dictionary would keep one of them; name each "
                    + "with AS")
        }
        return try decoder.row.position(of: decoder.names.column(of: key))
    }

    func contains(_ key: Key) -> Bool { (try? index(key)) != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        if case .null = decoder.row.values[try index(key)] { true } else { false }
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try decoder.decode(type, at: try index(key))
    }

    // A column that is missing is an error, never NULL. The library's own versions of the methods below, one for each
    // type, return nil for it.
    private func optional<Value: Decodable>(_ key: Key) throws -> Value? {
        let index = try index(key)
        if case .null = decoder.row.values[index] { return nil }
        return try decoder.decode(Value.self, at: index)
    }

    func decodeIfPresent<Value: Decodable>(_: Value.Type, forKey key: Key) throws -> Value? { try optional(key) }
    func decodeIfPresent(_: Bool.Type, forKey key: Key) throws -> Bool? { try optional(key) }
    func decodeIfPresent(_: String.Type, forKey key: Key) throws -> String? { try optional(key) }
    func decodeIfPresent(_: Double.Type, forKey key: Key) throws -> Double? { try optional(key) }
    func decodeIfPresent(_: Float.Type, forKey key: Key) throws -> Float? { try optional(key) }
    func decodeIfPresent(_: Int.Type, forKey key: Key) throws -> Int? { try optional(key) }
    func decodeIfPresent(_: Int8.Type, forKey key: Key) throws -> Int8? { try optional(key) }
    func decodeIfPresent(_: Int16.Type, forKey key: Key) throws -> Int16? { try optional(key) }
    func decodeIfPresent(_: Int32.Type, forKey key: Key) throws -> Int32? { try optional(key) }
    func decodeIfPresent(_: Int64.Type, forKey key: Key) throws -> Int64? { try optional(key) }
    func decodeIfPresent(_: UInt.Type, forKey key: Key) throws -> UInt? { try optional(key) }
    func decodeIfPresent(_: UInt8.Type, forKey key: Key) throws -> UInt8? { try optional(key) }
    func decodeIfPresent(_: UInt16.Type, forKey key: Key) throws -> UInt16? { try optional(key) }
    func decodeIfPresent(_: UInt32.Type, forKey key: Key) throws -> UInt32? { try optional(key) }
    func decodeIfPresent(_: UInt64.Type, forKey key: Key) throws -> UInt64? { try optional(key) }
    func decodeIfPresent(_: Int128.Type, forKey key: Key) throws -> Int128? { try optional(key) }
    func decodeIfPresent(_: UInt128.Type, forKey key: Key) throws -> UInt128? { try optional(key) }
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try decoder.decode(type, at: try index(key)) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try decoder.decode(type, at: try index(key))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
        -> KeyedDecodingContainer<Nested>
    {
        throw unsupported(key)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw unsupported(key) }

    func superDecoder() throws -> any Decoder { decoder }

    func superDecoder(forKey key: Key) throws -> any Decoder { decoder }

    private func unsupported(_ key: Key) -> SQLDecodingError {
        SQLDecodingError(
            column: decoder.names.column(of: key),
            reason: "a nested container does not read from a column; decode a nested type, which reads from JSON")
    }
}
