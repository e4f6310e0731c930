import SQLDatabase

/// Reads the text form of arrays: `{1,NULL,"with \"quotes\""}`, nested for more dimensions, with bounds such as `[2:3]=`
/// before it at times.
struct ArrayText {
    private let element: ColumnType
    private let elementOID: UInt32
    private let delimiter: UInt8
    private let bytes: [UInt8]
    private var cursor = 0

    /// A value, or `nil` when the text is no array of such elements.
    static func value(_ element: ColumnType, _ text: String, arrayOID: UInt32) -> SQLValue? {
        var reader = ArrayText(element, text, arrayOID)
        if reader.bytes.first == UInt8(ascii: "["), let equals = reader.bytes.firstIndex(of: UInt8(ascii: "=")) {
            reader.cursor = equals + 1
        }
        guard let value = reader.body(depth: 1), reader.cursor == reader.bytes.count else { return nil }
        return value
    }

    private init(_ element: ColumnType, _ text: String, _ arrayOID: UInt32) {
        self.element = element
        elementOID = ArrayTypes.elements[arrayOID] ?? 0
        // Boxes are the one built-in type whose text holds commas outside of quotes.
        delimiter = UInt8(ascii: arrayOID == 1020 ? ";" : ",")
        bytes = Array(text.utf8)
    }

    /// The most dimensions that the server allows (`MAXDIM`).
    private static let deepest = 6

    private mutating func body(depth: Int) -> SQLValue? {
        guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: "{"), depth <= Self.deepest else { return nil }
        cursor += 1
        var values: [SQLValue] = []
        if cursor < bytes.count, bytes[cursor] == UInt8(ascii: "}") {
            cursor += 1
            return .array(values)
        }
        while cursor < bytes.count {
            guard let value = bytes[cursor] == UInt8(ascii: "{") ? body(depth: depth + 1) : item() else { return nil }
            values.append(value)
            guard cursor < bytes.count else { return nil }
            cursor += 1
            switch bytes[cursor - 1] {
            case UInt8(ascii: "}"): return .array(values)
            case delimiter: break
            default: return nil
            }
        }
        return nil
    }

    private mutating func item() -> SQLValue? {
        var item: [UInt8] = []
        let isQuoted = bytes[cursor] == UInt8(ascii: "\"")
        if isQuoted { cursor += 1 }
        while cursor < bytes.count {
            let byte = bytes[cursor]
            if isQuoted ? byte == UInt8(ascii: "\"") : byte == delimiter || byte == UInt8(ascii: "}") { break }
            if byte == UInt8(ascii: "\\") { cursor += 1 }
            guard cursor < bytes.count, isQuoted || !Self.needsQuotes(byte) else { return nil }
            item.append(bytes[cursor])
            cursor += 1
        }
        // The server puts an empty text into quotes.
        guard isQuoted || !item.isEmpty else { return nil }
        if isQuoted { cursor += 1 }
        let text = String(decoding: item, as: UTF8.self)
        return !isQuoted && text == "NULL" ? .null : TextDecoding.value(element, text, typeOID: elementOID)
    }

    /// Whether the server puts an item that contains a byte into quotes (`array_out`).
    private static func needsQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "{") || byte == 32
            || (9...13).contains(byte)
    }
}
