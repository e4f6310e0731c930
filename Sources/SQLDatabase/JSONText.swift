/// The JSON form of values, in which an engine without arrays stores them.
enum JSONText {
    /// An array. Bytes become hexadecimal digits; an infinity becomes a number beyond the range of doubles, which reads
    /// back as one; NaN becomes null, as SQLite stores it.
    static func array(_ values: [SQLValue]) -> String {
        var text = "["
        for (index, value) in values.enumerated() {
            if index > 0 { text += "," }
            append(value, to: &text)
        }
        return text + "]"
    }

    private static func append(_ value: SQLValue, to text: inout String) {
        switch value.basic {
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .double(let value):
            text += value.isFinite ? "\(value)" : value.isNaN ? "null" : value < 0 ? "-9e999" : "9e999"
        case .text(let string):
            if case .array = value { text += string } else { appendQuoted(string, to: &text) }
        case .blob(let bytes):
            text += "\""
            for byte in bytes { text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
            text += "\""
        default: text += "null"
        }
    }

    private static func appendQuoted(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// Reads an array whose elements are numbers, strings, booleans, null and arrays; `nil` where the text is not one.
    static func values(_ text: String) -> [SQLValue]? {
        var reader = Reader(bytes: Array(text.utf8))
        reader.skipBlanks()
        guard let values = reader.array(depth: 0) else { return nil }
        reader.skipBlanks()
        return reader.cursor == reader.bytes.count ? values : nil
    }

    /// Why a text is not taken for JSON.
    enum Problem: String, Error {
        case malformed = "the text is not JSON as RFC 8259 defines it, which has no NaN, infinity or trailing comma"
        /// Of such keys the engines and a dictionary keep different ones.
        case repeatedKey =
            "an object has a key twice, or two keys that Swift takes for equal: they differ only in how a letter is composed"
        case tooDeep = "the text is nested more than 512 levels deep"
    }

    /// Checks that a text is JSON as RFC 8259 defines it, without repeated keys. Foundation reads and writes more than that, such
    /// as a comma behind the last element and the `NaN` of a `Decimal`.
    static func check(_ text: String) throws(Problem) {
        var reader = Reader(bytes: Array(text.utf8))
        guard reader.skipValue(depth: 0), reader.cursor == reader.bytes.count else { throw reader.problem }
    }

    private struct Reader {
        let bytes: [UInt8]
        var cursor = 0
        /// Why a value could not be skipped.
        private(set) var problem = Problem.malformed

        private var byte: UInt8? { cursor < bytes.count ? bytes[cursor] : nil }

        mutating func skipBlanks() {
            while let byte, byte == 32 || (9...10).contains(byte) || byte == 13 { cursor += 1 }
        }

        private mutating func take(_ word: StaticString) -> Bool {
            word.withUTF8Buffer { word in
                guard bytes[cursor...].starts(with: word) else { return false }
                cursor += word.count
                return true
            }
        }

        mutating func array(depth: Int) -> [SQLValue]? {
            guard depth < 64, take("[") else { return nil }
            var values: [SQLValue] = []
            skipBlanks()
            if take("]") { return values }
            while true {
                skipBlanks()
                guard let value = value(depth: depth) else { return nil }
                values.append(value)
                skipBlanks()
                if take("]") { return values }
                guard take(",") else { return nil }
            }
        }

        /// Skips a value and the blanks around it.
        mutating func skipValue(depth: Int) -> Bool {
            guard depth < 512 else {
                problem = .tooDeep
                return false
            }
            skipBlanks()
            defer { skipBlanks() }
            switch byte {
            case UInt8(ascii: "{"):
                var keys: Set<String> = []
                return skipItems(from: "{", to: "}") { reader in
                    reader.skipBlanks()
                    guard reader.byte == UInt8(ascii: "\""), let key = reader.string() else { return false }
                    guard keys.insert(key).inserted else {
                        reader.problem = .repeatedKey
                        return false
                    }
                    reader.skipBlanks()
                    return reader.take(":") && reader.skipValue(depth: depth + 1)
                }
            case UInt8(ascii: "["): return skipItems(from: "[", to: "]") { $0.skipValue(depth: depth + 1) }
            case UInt8(ascii: "\""): return string() != nil
            case UInt8(ascii: "n"): return take("null")
            case UInt8(ascii: "t"): return take("true")
            case UInt8(ascii: "f"): return take("false")
            default: return skipNumber()
            }
        }

        private mutating func skipItems(
            from open: StaticString, to close: StaticString, _ item: (inout Reader) -> Bool
        ) -> Bool {
            guard take(open) else { return false }
            skipBlanks()
            if take(close) { return true }
            while item(&self) {
                if take(close) { return true }
                guard take(",") else { return false }
            }
            return false
        }

        private mutating func value(depth: Int) -> SQLValue? {
            switch byte {
            case UInt8(ascii: "["): return array(depth: depth + 1).map { .array($0) }
            case UInt8(ascii: "\""): return string().map { .text($0) }
            case UInt8(ascii: "n"): return take("null") ? .null : nil
            case UInt8(ascii: "t"): return take("true") ? .bool(true) : nil
            case UInt8(ascii: "f"): return take("false") ? .bool(false) : nil
            default: return number()
            }
        }

        /// Skips digits, one at least; more than one may not begin with 0 where `isPlain` is `false`.
        private mutating func skipDigits(isPlain: Bool) -> Bool {
            let start = cursor
            while let byte, SQLLexer.isDigit(byte) { cursor += 1 }
            return cursor == start + 1 || cursor > start && (isPlain || bytes[start] != UInt8(ascii: "0"))
        }

        /// Skips a number of the form of RFC 8259, section 6.
        private mutating func skipNumber() -> Bool {
            _ = take("-")
            guard skipDigits(isPlain: false) else { return false }
            if take("."), !skipDigits(isPlain: true) { return false }
            guard take("e") || take("E") else { return true }
            _ = take("+") || take("-")
            return skipDigits(isPlain: true)
        }

        /// An integer where it fits 64 bits; digits beyond that stay a decimal.
        private mutating func number() -> SQLValue? {
            let start = cursor
            guard skipNumber() else { return nil }
            let text = String(decoding: bytes[start..<cursor], as: UTF8.self)
            guard let number = Double(text) else { return nil }
            if text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || SQLLexer.isDigit($0) }), text != "-0" {
                return Int64(text).map { .integer($0) } ?? .decimal(text)
            }
            return .double(number)
        }

        private mutating func string() -> String? {
            cursor += 1
            var result: [UInt8] = []
            while let byte {
                cursor += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let scalar = escape() else { return nil }
                    result += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
                case 0..<32: return nil
                default: result.append(byte)
                }
            }
            return nil
        }

        private mutating func escape() -> Unicode.Scalar? {
            guard let byte else { return nil }
            cursor += 1
            switch byte {
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{C}"
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
            case UInt8(ascii: "u"):
                guard let high = codeUnit() else { return nil }
                guard high & 0xFC00 == 0xD800 else { return Unicode.Scalar(high) }
                guard take("\\u"), let low = codeUnit(), low & 0xFC00 == 0xDC00 else { return nil }
                return Unicode.Scalar(0x10000 + (UInt32(high & 0x3FF) << 10 | UInt32(low & 0x3FF)))
            default: return nil
            }
        }

        private mutating func codeUnit() -> UInt16? {
            guard cursor + 4 <= bytes.count else { return nil }
            let digits = bytes[cursor..<cursor + 4]
            cursor += 4
            guard digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }) else { return nil }
            return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        }
    }
}
