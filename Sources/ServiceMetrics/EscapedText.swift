/// Text as the formats escape it.
enum EscapedText {
    private static let backslash = UInt8(ascii: "\\")
    private static let quote = UInt8(ascii: "\"")

    /// Stands for NUL, at which some readers end a text.
    private static let replacement = "\u{FFFD}"

    /// A label's value as it can be written: two that are written alike are one series.
    static func writable(_ value: String) -> String {
        guard value.utf8.contains(0) else { return value }
        return value.unicodeScalars.map { $0 == "\0" ? replacement : String($0) }.joined()
    }

    /// A label's value: `\`, `"` and LF.
    static func label(_ text: String) -> [UInt8] { escape(text, quotes: true) }

    /// A help text: `\` and LF, in OpenMetrics `"` too.
    static func help(_ text: String, openMetrics: Bool) -> [UInt8] { escape(text, quotes: openMetrics) }

    private static func escape(_ text: String, quotes: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case backslash: bytes += [backslash, backslash]
            case 0x0A: bytes += [backslash, UInt8(ascii: "n")]
            case quote where quotes: bytes += [backslash, quote]
            case 0: bytes += Array(replacement.utf8)
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    /// `a="x",b="y"`.
    static func labels(_ pairs: [(name: String, value: String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for pair in pairs {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += Array(pair.name.utf8)
            bytes += [UInt8(ascii: "="), quote]
            bytes += label(pair.value)
            bytes.append(quote)
        }
        return bytes
    }
}
