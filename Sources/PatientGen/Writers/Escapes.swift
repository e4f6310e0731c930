extension [UInt8] {
    /// Text as XML has it in elements and attributes. What XML 1.0 cannot hold becomes U+FFFD; tabs and line ends
    /// become references, so that attributes keep them.
    mutating func appendXMLText(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: append("&amp;" as StaticString)
            case 0x3c: append("&lt;" as StaticString)
            case 0x3e: append("&gt;" as StaticString)
            case 0x22: append("&quot;" as StaticString)
            case 0x09: append("&#9;" as StaticString)
            case 0x0a: append("&#10;" as StaticString)
            case 0x0d: append("&#13;" as StaticString)
            case 0..<0x20, 0xfffe, 0xffff: append("\u{fffd}" as StaticString)
            default: append(contentsOf: UTF8.encode(scalar) ?? .init())
            }
        }
    }

    /// Text in one line: control characters become spaces.
    mutating func appendLine(_ text: String) {
        for byte in text.utf8 { append(byte < 0x20 || byte == 0x7f ? 0x20 : byte) }
    }

    /// A number of tenths: 371 is `37.1`.
    mutating func appendTenths(_ tenths: Int) {
        append(tenths / 10)
        append(UInt8(ascii: "."))
        append(tenths % 10)
    }
}
