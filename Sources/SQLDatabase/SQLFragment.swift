/// Embeds one query in another.
enum SQLFragment {
    /// Whether text contains `$` and a digit, quoted or not.
    static func mayContainPlaceholders(_ bytes: some Sequence<UInt8>) -> Bool {
        var followsDollar = false
        for byte in bytes {
            if followsDollar, SQLLexer.isDigit(byte) { return true }
            followsDollar = byte == UInt8(ascii: "$")
        }
        return false
    }

    /// The text of a query whose placeholders are moved behind those of the query that embeds it, and how many
    /// placeholders it contains. Quoted text and comments are left as they are.
    static func renumbered(_ query: SQLQuery, after offset: Int) -> Result<(text: String, count: Int), SQLQueryError> {
        var lexer = SQLLexer(Array(query.sql.utf8), dialect: .postgres)
        var text: [UInt8] = []
        text.reserveCapacity(lexer.bytes.count + 8)
        var copied = 0
        var count = 0
        var highest = 0
        while true {
            let token = lexer.next()
            if token.kind == .end { break }
            if token.isUnterminated { return .failure(unterminated) }
            guard token.kind == .placeholder else { continue }
            let digits = String(decoding: lexer.bytes[token.range].dropFirst(), as: UTF8.self)
            guard let number = Int(digits), (1...query.parameters.count + 1).contains(number) else {
                return .failure(mismatch(query))
            }
            count += 1
            highest = max(highest, number)
            text += lexer.bytes[copied..<token.range.lowerBound]
            text += "$\(number + offset)".utf8
            copied = token.range.upperBound
        }
        if lexer.endsInComment { return .failure(unterminated) }
        guard highest == query.parameters.count else { return .failure(mismatch(query)) }
        text += lexer.bytes[copied...]
        // A line comment must not hide what follows the fragment.
        if lexer.endsInLineComment { text.append(10) }
        return .success((String(decoding: text, as: UTF8.self), count))
    }

    /// A condition in parentheses, out of which it cannot reach.
    fileprivate static func condition(_ query: SQLQuery) -> SQLQuery {
        var interpolation = SQLQuery.StringInterpolation(literalCapacity: 2, interpolationCount: 1)
        interpolation.appendLiteral("(")
        if !isBalanced(query) {
            interpolation.refuse(
                "a condition of all(of:) or any(of:) closes a parenthesis that it does not open, or leaves one open, as one of "
                    + "the engines reads it; balance its parentheses, and leave comments out")
        }
        interpolation.appendInterpolation(query)
        interpolation.appendLiteral(")")
        return SQLQuery(stringInterpolation: interpolation)
    }

    private static func isBalanced(_ query: SQLQuery) -> Bool {
        let telling = "()-/".utf8
        guard query.sql.utf8.contains(where: telling.contains) else { return true }
        let postgres = lastToken(of: query, .postgres)
        // Comments end elsewhere for the other engine: in PostgreSQL they nest, and lines end with a carriage return.
        return postgres.isBalanced && postgres.end == lastToken(of: query, .sqlite).end
    }

    /// Where the last token ends, and whether each parenthesis before it was closed.
    private static func lastToken(of query: SQLQuery, _ dialect: SQLDialect) -> (end: Int, isBalanced: Bool) {
        var lexer = SQLLexer(Array(query.sql.utf8), dialect: dialect)
        var (depth, end, isBalanced) = (0, 0, true)
        while true {
            let token = lexer.next()
            if token.kind == .end { return (end, isBalanced && depth == 0) }
            end = token.range.upperBound
            guard token.kind == .symbol else { continue }
            switch lexer.bytes[token.range.lowerBound] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            default: break
            }
            if depth < 0 { isBalanced = false }
        }
    }

    private static let unterminated = SQLQueryError(
        "an embedded query ends inside a quoted text or a comment; close it in the query itself")

    private static func mismatch(_ query: SQLQuery) -> SQLQueryError {
        SQLQueryError(
            "an embedded query has \(query.parameters.count) parameters, but the placeholders of its text number "
                + "others; write one placeholder, $1 onwards, for each parameter")
    }
}

// In an extension of the protocol, so that `\(.all(of: conditions))` needs no type in front of it.
extension SQLQueryConvertible where Self == SQLQuery {
    /// Returns one query of several, with a separator between them.
    ///
    /// ```swift
    /// let columns = SQLQuery.joined(names.map { "\(identifier: $0)" })
    /// ```
    ///
    /// Conditions that may contain `OR` are joined by ``all(of:)`` or ``any(of:)``, which put each in parentheses.
    /// - Parameters:
    ///   - fragments: The queries, whose placeholders are renumbered.
    ///   - separator: The text between two of them.
    public static func joined(_ fragments: some Sequence<SQLQuery>, separator: SQLQuery = ", ") -> SQLQuery {
        var interpolation = SQLQuery.StringInterpolation(literalCapacity: 64, interpolationCount: 4)
        for (index, fragment) in fragments.enumerated() {
            if index > 0 { interpolation.appendInterpolation(separator) }
            interpolation.appendInterpolation(fragment)
        }
        return SQLQuery(stringInterpolation: interpolation)
    }

    /// Returns the condition that holds when every one of the conditions does; one that always holds when there are
    /// none.
    public static func all(of conditions: some Sequence<SQLQuery>) -> SQLQuery {
        let parts = conditions.map(SQLFragment.condition)
        return parts.isEmpty ? "(1 = 1)" : "(\(joined(parts, separator: " AND ")))"
    }

    /// Returns the condition that holds when at least one of the conditions does; one that never holds when there are
    /// none.
    public static func any(of conditions: some Sequence<SQLQuery>) -> SQLQuery {
        let parts = conditions.map(SQLFragment.condition)
        return parts.isEmpty ? "(1 = 0)" : "(\(joined(parts, separator: " OR ")))"
    }
}
