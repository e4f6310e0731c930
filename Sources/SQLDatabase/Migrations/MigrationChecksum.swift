/// Identifies the content of a migration or of a statement, so that a change is noticed.
struct MigrationChecksum: Sendable, Hashable {
    /// A part of the content.
    enum Part {
        case text(String)
        /// A text of SQL, in which blanks at the ends of lines and empty lines do not count, unless they are quoted.
        case sql(String, SQLDialect)

        var text: String {
            switch self {
            case .text(let text), .sql(let text, _): text
            }
        }
    }

    /// The form in which it is stored: `2:` and the FNV-1a hash of the parts, each with its length.
    let text: String
    /// The form of version 0.1, which is the same for some contents that differ: the hash of all lines, without empty ones
    /// and without a boundary between the parts.
    private let former: String

    /// - Parameters:
    ///   - kind: Distinguishes contents of different kinds with the same parts. Not counted by version 0.1.
    ///   - parts: The content.
    init(_ kind: StaticString, _ parts: Part...) {
        var hash = FNVHash()
        hash.add(kind.withUTF8Buffer(Array.init))
        var former = FNVHash()
        for part in parts {
            let bytes = Self.significantBytes(of: part)
            hash.add(bytes)
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.add($0) }
            for line in part.text.utf8.split(separator: 10) {
                var line = line
                while let last = line.last, Self.isBlank(last) { line.removeLast() }
                former.add(line)
                former.add(10)
            }
        }
        text = "2:" + hash.digits
        self.former = former.digits
    }

    /// Whether a stored checksum, of this version or of version 0.1, is that of the content.
    func matches(_ stored: String) -> Bool { stored == text || stored == former }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

    private static func significantBytes(of part: Part) -> [UInt8] {
        guard case .sql(let text, let dialect) = part else { return Array(part.text.utf8) }
        var lexer = SQLLexer(Array(text.utf8), dialect: dialect)
        var result: [UInt8] = []
        var blanks: [UInt8] = []
        var endsLine = false
        var copied = 0

        func append(_ bytes: ArraySlice<UInt8>) {
            if endsLine, !result.isEmpty { result.append(10) }
            endsLine = false
            result += blanks
            blanks = []
            result += bytes
        }

        while true {
            let token = lexer.next()
            for index in copied..<token.range.lowerBound {
                let byte = lexer.bytes[index]
                if byte == 10 {
                    blanks = []
                    endsLine = true
                } else if isBlank(byte) {
                    blanks.append(byte)
                } else {
                    append(lexer.bytes[index...index])
                }
            }
            if token.kind == .end { return result }
            append(lexer.bytes[token.range])
            copied = token.range.upperBound
        }
    }
}
