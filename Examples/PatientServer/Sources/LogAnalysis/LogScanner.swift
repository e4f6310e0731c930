/// What a line says that an analysis wants to know. Texts are the bytes between the quotes, escapes and all.
struct LogFields {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    var time: Bytes?
    var level: Bytes?
    var message: Bytes?
    var endpoint: Bytes?
    var fingerprint: Bytes?
    var statement: Bytes?
    var status: Int?
    var duration: Double?
    var poolWait: Double?
    var dropped: Int?
    /// `request_id`, `trace_id` and `job_id`.
    var ids: (Bytes?, Bytes?, Bytes?) = (nil, nil, nil)

    fileprivate mutating func take(_ key: Bytes, text: Bytes) {
        switch key.count {
        case 2 where key.equals("ts"): time = text
        case 3 where key.equals("msg"): message = text
        case 5 where key.equals("level"): level = text
        case 6:
            if key.equals("status") { status = text.integer } else if key.equals("job_id") { ids.2 = text }
        case 7 where key.equals("dropped"): dropped = text.integer
        case 8:
            if key.equals("endpoint") { endpoint = text } else if key.equals("trace_id") { ids.1 = text }
        case 9 where key.equals("statement"): statement = text
        case 10 where key.equals("request_id"): ids.0 = text
        case 11:
            if key.equals("duration_ms") {
                duration = text.decimal
            } else if key.equals("fingerprint") {
                fingerprint = text
            }
        case 12 where key.equals("pool_wait_ms"): poolWait = text.decimal
        default: break
        }
    }
}

/// Reads one line of JSON where it lies, without making a tree of it.
struct LogScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The fields of an object; `nil` when the line is no object, or a broken one.
    mutating func fields() -> LogFields? {
        var fields = LogFields()
        skipSpace()
        guard eat(UInt8(ascii: "{")) else { return nil }
        skipSpace()
        if !eat(UInt8(ascii: "}")) {
            repeat {
                skipSpace()
                guard let key = string() else { return nil }
                skipSpace()
                guard eat(UInt8(ascii: ":")) else { return nil }
                skipSpace()
                guard index < bytes.count else { return nil }
                switch bytes[index] {
                case UInt8(ascii: "\""):
                    guard let text = string() else { return nil }
                    fields.take(key, text: text)
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    guard skipNested() else { return nil }
                default:
                    guard let text = bare() else { return nil }
                    fields.take(key, text: text)
                }
                skipSpace()
            } while eat(UInt8(ascii: ","))
            guard eat(UInt8(ascii: "}")) else { return nil }
        }
        skipSpace()
        return index == bytes.count ? fields : nil
    }

    private mutating func eat(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 || bytes[index] == 0x0D { index += 1 }
    }

    private mutating func string() -> UnsafeBufferPointer<UInt8>? {
        guard eat(UInt8(ascii: "\"")) else { return nil }
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return UnsafeBufferPointer(rebasing: bytes[start..<index - 1])
            case UInt8(ascii: "\\"): index += 2
            case 0..<0x20: return nil
            default: index += 1
            }
        }
        return nil
    }

    /// A number or a word.
    private mutating func bare() -> UnsafeBufferPointer<UInt8>? {
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09, 0x0D:
                return index > start ? UnsafeBufferPointer(rebasing: bytes[start..<index]) : nil
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
                UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                index += 1
            default: return nil
            }
        }
        return nil
    }

    /// An object or array within; of it only its end is looked for.
    private mutating func skipNested() -> Bool {
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                index += 1
                if depth == 0 { return true }
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
            default: index += 1
            }
        }
        return false
    }
}

extension UnsafeBufferPointer<UInt8> {
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && text.withUTF8Buffer { elementsEqual($0) }
    }

    var integer: Int? { decimal.flatMap { Int(exactly: $0) } }

    /// A number with or without decimals; one with an exponent takes the long way.
    var decimal: Double? {
        guard count > 0 else { return nil }
        var whole: UInt64 = 0
        var scale = 1.0
        var isFraction = false
        for (place, byte) in enumerated() {
            if byte == UInt8(ascii: ".") && !isFraction && place > 0 {
                isFraction = true
            } else if byte &- UInt8(ascii: "0") < 10, place < 17 {
                whole = whole * 10 + UInt64(byte - UInt8(ascii: "0"))
                if isFraction { scale *= 10 }
            } else {
                return Double(String(decoding: self, as: UTF8.self))
            }
        }
        return Double(whole) / scale
    }

    /// The text of a JSON string.
    var unescaped: String {
        guard contains(UInt8(ascii: "\\")) else { return String(decoding: self, as: UTF8.self) }
        var units: [UInt16] = []
        var index = 0
        var plain: [UInt8] = []
        func flush() {
            units.append(contentsOf: String(decoding: plain, as: UTF8.self).utf16)
            plain.removeAll()
        }
        while index < count {
            guard self[index] == UInt8(ascii: "\\"), index + 1 < count else {
                plain.append(self[index])
                index += 1
                continue
            }
            flush()
            let code = self[index + 1]
            index += 2
            switch code {
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "u"):
                let digits = String(decoding: self[index..<Swift.min(index + 4, count)], as: UTF8.self)
                units.append(UInt16(digits, radix: 16) ?? 0xFFFD)
                index = Swift.min(index + 4, count)
            default: units.append(UInt16(code))
            }
        }
        flush()
        return String(decoding: units, as: UTF16.self)
    }
}
