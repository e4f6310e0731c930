/// The text form of PostgreSQL's arrays (`src/backend/utils/adt/arrayfuncs.c`, `array_out`): `{1,NULL,"a b"}`, nested
/// for more dimensions, preceded by its bounds, `[2:3]=`, where they do not start at 1.
///
/// Only values of a type that the driver does not know arrive in this form. A column of type `text` is never read so.
enum PostgresArrayText {
    /// Types of the built-in ones whose text form begins with a brace or splits at something other than a comma:
    /// multiranges, and arrays of `box`.
    private static let otherForms: Set<UInt32> = [1020, 4451, 4532, 4533, 4534, 4535, 4536]

    /// The element types of the built-in arrays that have no case of their own; an element of any other type is 0.
    private static let elementTypes: [UInt32: UInt32] = [
        1187: 1186, 1183: 1083, 1270: 1266, 1041: 869, 651: 650, 1040: 829, 775: 774, 791: 790, 1561: 1560, 1563: 1562,
        3807: 3802, 199: 114,
    ]

    /// Reads an array; `nil` where the text is not one.
    static func values(_ text: String, typeOID: UInt32) -> [SQLValue]? {
        guard !otherForms.contains(typeOID) else { return nil }
        var reader = Reader(bytes: Array(text.utf8), elementType: elementTypes[typeOID] ?? 0)
        reader.skipBounds()
        guard let values = reader.array(depth: 0), reader.cursor == reader.bytes.count else { return nil }
        return values
    }

    private struct Reader {
        let bytes: [UInt8]
        let elementType: UInt32
        var cursor = 0

        private var byte: UInt8? { cursor < bytes.count ? bytes[cursor] : nil }

        /// Skips `[2:3][-1:0]=`.
        mutating func skipBounds() {
            guard byte == UInt8(ascii: "[") else { return }
            var end = cursor
            while end < bytes.count, SQLLexer.isDigit(bytes[end]) || "[]:-+".utf8.contains(bytes[end]) { end += 1 }
            if end < bytes.count, bytes[end] == UInt8(ascii: "=") { cursor = end + 1 }
        }

        mutating func array(depth: Int) -> [SQLValue]? {
            guard depth < 6, byte == UInt8(ascii: "{") else { return nil }
            cursor += 1
            var values: [SQLValue] = []
            if byte == UInt8(ascii: "}") {
                cursor += 1
                return values
            }
            while true {
                if byte == UInt8(ascii: "{") {
                    guard let inner = array(depth: depth + 1) else { return nil }
                    values.append(.array(inner))
                } else {
                    guard let element = element() else { return nil }
                    values.append(element)
                }
                let separator = byte
                cursor += 1
                if separator == UInt8(ascii: "}") { return values }
                guard separator == UInt8(ascii: ",") else { return nil }
            }
        }

        private mutating func element() -> SQLValue? {
            let isQuoted = byte == UInt8(ascii: "\"")
            if isQuoted { cursor += 1 }
            var text: [UInt8] = []
            while let next = byte {
                switch next {
                case UInt8(ascii: "\""):
                    guard isQuoted else { return nil }
                    cursor += 1
                    return .other(text: String(decoding: text, as: UTF8.self), typeOID: elementType)
                case UInt8(ascii: "\\"):
                    guard cursor + 1 < bytes.count else { return nil }
                    text.append(bytes[cursor + 1])
                    cursor += 2
                case UInt8(ascii: ",") where !isQuoted, UInt8(ascii: "}") where !isQuoted:
                    return unquoted(text)
                case UInt8(ascii: "{") where !isQuoted: return nil
                default:
                    text.append(next)
                    cursor += 1
                }
            }
            return nil
        }

        /// An array's empty text is quoted. A piece that begins with a bracket and does not end with one is part of a
        /// multirange, not an element.
        private func unquoted(_ text: [UInt8]) -> SQLValue? {
            guard let first = text.first, let last = text.last else { return nil }
            if first == UInt8(ascii: "[") || first == UInt8(ascii: "("),
                last != UInt8(ascii: "]"), last != UInt8(ascii: ")")
            {
                return nil
            }
            let text = String(decoding: text, as: UTF8.self)
            return text == "NULL" ? .null : .other(text: text, typeOID: elementType)
        }
    }
}
