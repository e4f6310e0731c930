/// Reads the tokens of SQL text as PostgreSQL's own scanner does (`src/backend/parser/scan.l`), as far as the driver
/// needs them.
struct SQLScanner {
    enum Token: Equatable {
        /// A key word or an identifier without quotes, in lower case.
        case word(String)
        /// An identifier in double quotes, as it is.
        case quoted(String)
        /// `U&"…"`, whose escapes are not read here.
        case escaped
        /// `$1`.
        case parameter(Int)
        case literal
        case semicolon
        case symbol(UInt8)
        case end
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func next() -> Token {
        skipBlanks()
        guard let byte = peek() else { return .end }
        switch byte {
        case UInt8(ascii: "'"):
            skipString(escapes: false)
            return .literal
        case UInt8(ascii: "\""): return .quoted(quotedIdentifier())
        case UInt8(ascii: ";"):
            position += 1
            return .semicolon
        case UInt8(ascii: "$"): return dollar()
        default: break
        }
        if Self.beginsWord(byte) { return word() }
        if Self.isDigit(byte) {
            skipNumber()
            return .literal
        }
        position += 1
        return .symbol(byte)
    }

    private func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func beginsWord(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
            || byte >= 0x80
    }

    /// Blanks and comments; `/* … */` nests.
    private mutating func skipBlanks() {
        while let byte = peek() {
            if byte == 32 || (9...13).contains(byte) {
                position += 1
            } else if byte == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
                while let byte = peek(), byte != 10, byte != 13 { position += 1 }
            } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() {
        var depth = 0
        while let byte = peek() {
            if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                position += 2
            } else if byte == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                position += 2
                if depth == 0 { return }
            } else {
                position += 1
            }
        }
    }

    /// Digits, a point and an exponent. A word may follow at once: servers before version 15 read `1into` as two tokens.
    private mutating func skipNumber() {
        while let byte = peek(), Self.isDigit(byte) || byte == UInt8(ascii: ".") { position += 1 }
        guard let letter = peek(), letter | 0x20 == UInt8(ascii: "e") else { return }
        let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
        guard let digit = peek(1 + sign), Self.isDigit(digit) else { return }
        position += 1 + sign
        while let byte = peek(), Self.isDigit(byte) { position += 1 }
    }

    private mutating func skipString(escapes: Bool) {
        position += 1
        while let byte = peek() {
            position += 1
            if byte == UInt8(ascii: "\\"), escapes {
                position += 1
            } else if byte == UInt8(ascii: "'") {
                if peek() == UInt8(ascii: "'") {
                    position += 1
                } else if !escapes || !continuesOnNextLine() {
                    return
                }
            }
        }
    }

    /// Whether a string goes on behind blanks with a line feed among them, as it began. Moves behind its quotation mark.
    private mutating func continuesOnNextLine() -> Bool {
        var end = position
        var hasLineFeed = false
        while end < bytes.count {
            let byte = bytes[end]
            if byte == 10 || byte == 13 {
                hasLineFeed = true
            } else if byte == UInt8(ascii: "-"), end + 1 < bytes.count, bytes[end + 1] == UInt8(ascii: "-") {
                while end + 1 < bytes.count, bytes[end + 1] != 10, bytes[end + 1] != 13 { end += 1 }
            } else if byte != 32, byte != 9, byte != 11, byte != 12 {
                break
            }
            end += 1
        }
        guard hasLineFeed, end < bytes.count, bytes[end] == UInt8(ascii: "'") else { return false }
        position = end + 1
        return true
    }

    private mutating func quotedIdentifier() -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek() {
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard peek() == UInt8(ascii: "\"") else { break }
                position += 1
            }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func word() -> Token {
        let start = position
        while let byte = peek(), Self.beginsWord(byte) || Self.isDigit(byte) || byte == UInt8(ascii: "$") {
            position += 1
        }
        let text = bytes[start..<position]
        if text.count == 1, let next = peek() {
            let letter = text[start] | 0x20
            if next == UInt8(ascii: "'") {
                skipString(escapes: letter == UInt8(ascii: "e"))
                return .literal
            }
            if letter == UInt8(ascii: "u"), next == UInt8(ascii: "&") {
                if peek(1) == UInt8(ascii: "'") {
                    position += 1
                    skipString(escapes: false)
                    return .literal
                }
                if peek(1) == UInt8(ascii: "\"") {
                    position += 1
                    _ = quotedIdentifier()
                    return .escaped
                }
            }
        }
        return .word(
            String(
                decoding: text.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 },
                as: UTF8.self))
    }

    /// `$1`, or a string in dollar quotes.
    private mutating func dollar() -> Token {
        var end = position + 1
        while end < bytes.count, Self.isDigit(bytes[end]) { end += 1 }
        if end > position + 1 {
            let number = Int(String(decoding: bytes[(position + 1)..<end], as: UTF8.self)) ?? 0
            position = end
            return .parameter(number)
        }
        while end < bytes.count, Self.beginsWord(bytes[end]) || Self.isDigit(bytes[end]) { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else {
            position += 1
            return .symbol(UInt8(ascii: "$"))
        }
        let tag = bytes[position...end]
        var candidate = end + 1
        while candidate + tag.count <= bytes.count {
            if bytes[candidate..<(candidate + tag.count)].elementsEqual(tag) {
                position = candidate + tag.count
                return .literal
            }
            candidate += 1
        }
        position = bytes.count
        return .literal
    }
}
