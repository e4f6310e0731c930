extension UTF8Sink {
    /// Text in quotes, escaped as JSON asks (RFC 8259). Text that needs no escape, nearly all, is copied as a whole.
    @inline(__always)
    mutating func appendJSONString(_ text: String) {
        append(UInt8(ascii: "\""))
        appendJSONText(text)
        append(UInt8(ascii: "\""))
    }

    /// The same without the quotes.
    @inline(__always)
    mutating func appendJSONText(_ text: String) {
        let isDone =
            text.utf8.withContiguousStorageIfAvailable { bytes in
                guard Self.isPlain(bytes) else { return false }
                append(bytes)
                return true
            } ?? false
        if !isDone { appendEscaped(text) }
    }

    /// Whether no byte is a quote, a backslash or a control: eight bytes at a time.
    @inline(__always)
    private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let raw = UnsafeRawBufferPointer(bytes)
        var at = 0
        while at + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5c)
            let found = (word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (slash &- ones) & ~slash
            if found & tops != 0 { return false }
            at += 8
        }
        while at < raw.count {
            let byte = raw[at]
            if byte < 0x20 || byte == 0x22 || byte == 0x5c { return false }
            at += 1
        }
        return true
    }

    @inline(never)
    private mutating func appendEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\r"): append("\\r")
            case UInt8(ascii: "\t"): append("\\t")
            case 0..<0x20:
                append(byte < 16 ? "\\u000" : "\\u001")
                append(byte % 16 < 10 ? 0x30 + byte % 16 : 0x57 + byte % 16)
            default: append(byte)
            }
        }
    }

    /// Text as XML has it in elements and attributes. What XML 1.0 cannot hold becomes U+FFFD; tabs and line ends
    /// become references, so that attributes keep them.
    mutating func appendXMLText(_ text: String) {
        let isDone =
            text.utf8.withContiguousStorageIfAvailable { bytes in
                // 0xEF begins U+FFFE and U+FFFF.
                for byte in bytes
                where byte < 0x20 || byte == 0xef || byte == 0x26 || byte == 0x3c || byte == 0x3e
                    || byte == 0x22
                {
                    return false
                }
                append(bytes)
                return true
            } ?? false
        guard !isDone else { return }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: append("&amp;")
            case 0x3c: append("&lt;")
            case 0x3e: append("&gt;")
            case 0x22: append("&quot;")
            case 0x09: append("&#9;")
            case 0x0a: append("&#10;")
            case 0x0d: append("&#13;")
            case 0..<0x20, 0xfffe, 0xffff: append("\u{fffd}")
            default: for byte in UTF8.encode(scalar) ?? .init() { append(byte) }
            }
        }
    }

    /// Text of XHTML that stands in a JSON string: escaped as XML, and what JSON escapes besides.
    mutating func appendNarrative(_ text: String) {
        let isPlain = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 != 0x22 && $0 != 0x26 && $0 != 0x3c && $0 != 0x3e && $0 != 0x5c && $0 != 0xef
        }
        if isPlain { return appendText(text) }
        var xml = UTF8Sink(capacity: text.utf8.count * 2)
        xml.appendXMLText(text)
        appendJSONText(xml.withBytes { String(decoding: $0, as: UTF8.self) })
    }

    /// Text in one line: control characters become spaces.
    mutating func appendLine(_ text: String) {
        for byte in text.utf8 { append(byte < 0x20 || byte == 0x7f ? 0x20 : byte) }
    }

    /// The first letter of a name in NFC.
    mutating func appendInitial(_ name: String) {
        guard let first = name.unicodeScalars.first else { return }
        appendText(first.properties.uppercaseMapping)
    }
}

extension [UInt8] {
    /// Text in quotes, escaped as JSON asks.
    mutating func appendJSONString(_ text: String) {
        var sink = UTF8Sink(capacity: text.utf8.count + 2)
        sink.appendJSONString(text)
        sink.withBytes { append(contentsOf: $0) }
    }
}
