/// Finds out where a text is inside a quoted text or a comment.
package enum SQLQuotes {
    /// What may enclose an interpolation.
    enum Place: String {
        case string = "a quoted text"
        case name = "a quoted name"
        case comment = "a comment"
    }

    /// Whether text may end inside a quoted text or a comment, if it begins outside.
    ///
    /// On the path of every query, most of which contain no quote: reads eight bytes at a time, and looks closer only where
    /// one of them may matter.
    static func mayStayOpen(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let count = bytes.count
        guard count >= 8 else { return mayStayOpenByBytes(bytes) }
        var found: UInt64 = 0
        var offset = 0
        while offset < count &- 8 {
            found |= openers(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        found |= openers(bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
        return found != 0 && mayStayOpenByBytes(bytes)
    }

    /// Quotes of one kind, without backslashes, leave nothing open when their number is even. Anything else is for the lexer.
    private static func mayStayOpenByBytes(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var (last, quote, isOpen) = (UInt8(0), UInt8(0), false)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                if quote != 0, quote != byte { return true }
                quote = byte
                isOpen.toggle()
            case UInt8(ascii: "$"), UInt8(ascii: "\\"): return true
            case UInt8(ascii: "-") where last == byte, UInt8(ascii: "*") where last == UInt8(ascii: "/"): return true
            default: break
            }
            last = byte
        }
        return isOpen
    }

    /// A number other than zero when one of eight bytes is a quote, a dollar, a minus or a slash.
    private static func openers(_ word: UInt64) -> UInt64 {
        zeros(word ^ every(0x27)) | zeros(word ^ every(0x22)) | zeros(word ^ every(0x24))
            // The minus and the slash differ in one bit.
            | zeros((word | every(0x02)) ^ every(0x2F))
    }

    private static func every(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

    /// A number other than zero when one of eight bytes is zero.
    private static func zeros(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    /// What is open at the end of a text that begins outside quoted texts and comments; `nil` for nothing.
    ///
    /// PostgreSQL's rules decide for both engines. Where SQLite would not find a placeholder that PostgreSQL finds, as in
    /// brackets, a parameter has no placeholder, which its driver refuses.
    static func open(at text: some Collection<UInt8>) -> Place? {
        var lexer = SQLLexer(Array(text), dialect: .postgres)
        while true {
            let token = lexer.next()
            if token.isUnterminated { return token.kind == .quotedName ? .name : .string }
            if token.kind == .end { return lexer.endsInComment || lexer.endsInLineComment ? .comment : nil }
        }
    }

    /// The position in UTF-8 at which a block comment begins that does not end; `nil` where there is none.
    package static func unterminatedComment(in sql: String, _ dialect: SQLDialect) -> Int? {
        var lexer = SQLLexer(Array(sql.utf8), dialect: dialect)
        while lexer.next().kind != .end {}
        return lexer.endsInComment ? lexer.commentStart : nil
    }

    /// Whether the first byte of a text would become part of the token that ends with another byte, or open a comment with
    /// it.
    static func merges(_ last: UInt8, _ first: UInt8) -> Bool {
        switch first {
        // `E` and `'…'` are two tokens, `E'…'` is one; so are `'a'` and `'b'`.
        case UInt8(ascii: "'"): last == first || SQLLexer.isWord(last) || last == UInt8(ascii: "&")
        case UInt8(ascii: "\""): last == first || last == UInt8(ascii: "&")
        case UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "*"): last == first || last == UInt8(ascii: "/")
        default: SQLLexer.isWord(first) && SQLLexer.isWord(last)
        }
    }
}
