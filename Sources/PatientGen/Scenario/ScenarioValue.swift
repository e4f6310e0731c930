/// A parsed tree, whatever it was parsed from: JSON here, YAML by whoever has a parser for it.
public enum ScenarioValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([ScenarioValue])
    /// Keys and values in the order of the file.
    case object([Pair])

    /// A key and its value.
    public struct Pair: Sendable, Hashable {
        /// The key.
        public var key: String
        /// The value.
        public var value: ScenarioValue

        /// A pair.
        public init(_ key: String, _ value: ScenarioValue) {
            self.key = key
            self.value = value
        }
    }

    /// The value of a key of an object.
    public subscript(key: String) -> ScenarioValue? {
        if case .object(let pairs) = self { pairs.first { $0.key == key }?.value } else { nil }
    }

    /// What it is, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
        case .text(let text): "“\(text.prefix(60))”"
        case .list: "a list"
        case .object: "an object"
        }
    }
}

extension ScenarioValue {
    /// Parses JSON (RFC 8259), strictly: UTF-8, one value, no duplicate keys, at most 64 levels deep.
    /// - Throws: ``ScenarioError`` whose rule names the byte.
    public init(json bytes: [UInt8]) throws(ScenarioError) {
        var parser = JSONParser(bytes)
        self = try parser.document()
    }

    /// Writes JSON in the order of the tree, without spaces: the same tree always gives the same text.
    public var json: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value):
            value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
        case .text(let text): Self.quoted(text)
        case .list(let values): "[\(values.map(\.json).joined(separator: ","))]"
        case .object(let pairs): "{\(pairs.map { "\(Self.quoted($0.key)):\($0.value.json)" }.joined(separator: ","))}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.appendJSONString(text)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A recursive-descent parser of JSON.
private struct JSONParser {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func fail(_ rule: String) -> ScenarioError {
        ScenarioError(field: "", rule: "not JSON: \(rule) at byte \(at)")
    }

    mutating func document() throws(ScenarioError) -> ScenarioValue {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw ScenarioError(field: "", rule: "not JSON: not UTF-8")
        }
        skip()
        let value = try value(depth: 0)
        skip()
        guard at == bytes.count else { throw fail("something follows the value") }
        return value
    }

    private mutating func skip() {
        while at < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[at]) { at += 1 }
    }

    private mutating func value(depth: Int) throws(ScenarioError) -> ScenarioValue {
        guard depth < 64 else { throw fail("deeper than 64 levels") }
        guard at < bytes.count else { throw fail("the text ends too soon") }
        switch bytes[at] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: String, _ value: ScenarioValue) throws(ScenarioError) -> ScenarioValue {
        guard bytes[at...].starts(with: text.utf8) else { throw fail("an unknown word") }
        at += text.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(ScenarioError) -> ScenarioValue {
        at += 1
        var pairs: [ScenarioValue.Pair] = []
        var keys: Set<String> = []
        skip()
        if at < bytes.count, bytes[at] == UInt8(ascii: "}") { at += 1; return .object([]) }
        while true {
            skip()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw fail("a key is missing") }
            let key = try string()
            guard keys.insert(key).inserted else { throw fail("the key “\(key.prefix(60))” stands twice") }
            skip()
            guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw fail("a colon is missing") }
            at += 1
            skip()
            pairs.append(.init(key, try value(depth: depth + 1)))
            skip()
            guard at < bytes.count else { throw fail("the text ends too soon") }
            if bytes[at] == UInt8(ascii: ",") { at += 1; continue }
            guard bytes[at] == UInt8(ascii: "}") else { throw fail("a comma or brace is missing") }
            at += 1
            return .object(pairs)
        }
    }

    private mutating func list(depth: Int) throws(ScenarioError) -> ScenarioValue {
        at += 1
        var values: [ScenarioValue] = []
        skip()
        if at < bytes.count, bytes[at] == UInt8(ascii: "]") { at += 1; return .list([]) }
        while true {
            skip()
            values.append(try value(depth: depth + 1))
            skip()
            guard at < bytes.count else { throw fail("the text ends too soon") }
            if bytes[at] == UInt8(ascii: ",") { at += 1; continue }
            guard bytes[at] == UInt8(ascii: "]") else { throw fail("a comma or bracket is missing") }
            at += 1
            return .list(values)
        }
    }

    private mutating func number() throws(ScenarioError) -> ScenarioValue {
        let start = at
        func isDigit(_ place: Int) -> Bool { place < bytes.count && (0x30...0x39).contains(bytes[place]) }
        if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard isDigit(at) else { throw fail("no value") }
        if bytes[at] == UInt8(ascii: "0") { at += 1 } else { while isDigit(at) { at += 1 } }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            guard isDigit(at) else { throw fail("a digit is missing") }
            while isDigit(at) { at += 1 }
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard isDigit(at) else { throw fail("a digit is missing") }
            while isDigit(at) { at += 1 }
        }
        guard let value = Double(String(decoding: bytes[start..<at], as: UTF8.self)), value.isFinite else {
            throw fail("a number out of range")
        }
        return .number(value)
    }

    private mutating func string() throws(ScenarioError) -> String {
        at += 1
        var scalars = String.UnicodeScalarView()
        var start = at
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                scalars.append(contentsOf: String(decoding: bytes[start..<at], as: UTF8.self).unicodeScalars)
                at += 1
                return String(scalars)
            }
            guard byte >= 0x20 else { throw fail("a control character in a string") }
            guard byte == UInt8(ascii: "\\") else { at += 1; continue }
            scalars.append(contentsOf: String(decoding: bytes[start..<at], as: UTF8.self).unicodeScalars)
            at += 1
            scalars.append(try escape())
            start = at
        }
        throw fail("a string without an end")
    }

    private mutating func escape() throws(ScenarioError) -> Unicode.Scalar {
        guard at < bytes.count else { throw fail("the text ends too soon") }
        defer { at += 1 }
        switch bytes[at] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var unit = try hex()
            if (0xd800..<0xdc00).contains(unit), at + 2 < bytes.count, bytes[at + 1] == UInt8(ascii: "\\"),
                bytes[at + 2] == UInt8(ascii: "u")
            {
                at += 2
                let low = try hex()
                guard (0xdc00..<0xe000).contains(low) else { throw fail("half a surrogate pair") }
                unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw fail("half a surrogate pair") }
            return scalar
        default: throw fail("an unknown escape")
        }
    }

    /// Four digits after the `u` that `at` stands on; leaves `at` on the last.
    private mutating func hex() throws(ScenarioError) -> UInt32 {
        guard at + 4 < bytes.count,
            let value = UInt32(String(decoding: bytes[at + 1...at + 4], as: UTF8.self), radix: 16),
            bytes[at + 1] != UInt8(ascii: "+"), bytes[at + 1] != UInt8(ascii: "-")
        else { throw fail("four hexadecimal digits are missing") }
        at += 4
        return value
    }
}
