import SQLDatabase

/// COPY's text format: `\N` for NULL, backslashes before what would end a value.
enum CopyText {
    static func append(_ value: SQLValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(contentsOf: "\\N".utf8)
        case .bool, .integer, .double, .decimal, .uuid, .timestamp, .date: TextEncoding.append(value, to: &bytes)
        case .text(let text), .other(let text, _): append(escaping: text.utf8, to: &bytes)
        case .blob, .array:
            var text: [UInt8] = []
            TextEncoding.append(value, to: &text)
            append(escaping: text, to: &bytes)
        }
    }

    private static func append(escaping text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            default: bytes.append(byte)
            }
        }
    }
}
