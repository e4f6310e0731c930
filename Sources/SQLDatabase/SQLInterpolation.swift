extension SQLQuery {
    /// Collects the text and the bound values of an interpolated literal.
    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        var sql = ""
        var parameters: [SQLValue] = []
        var defect: SQLQueryError?
        /// Whether the last thing appended was a placeholder or a fragment, which the next character must not prolong.
        private var endsInToken = false
        /// Whether the text behind ``closed`` may end inside a quoted text or a comment.
        private var mayBeQuoted = false
        /// The length in bytes of the beginning of the text that is known to end outside quoted texts and comments.
        private var closed = 0
        /// How many placeholders the interpolations appended.
        private var placeholders = 0
        /// Whether a literal contains `$` and a digit, which is a placeholder unless it is quoted.
        private var mayContainPlaceholders = false

        /// Creates an empty statement.
        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserveCapacity(literalCapacity + 4 * interpolationCount)
            parameters.reserveCapacity(interpolationCount)
        }

        /// Appends text of the program.
        public mutating func appendLiteral(_ literal: StaticString) {
            literal.withUTF8Buffer { bytes in
                guard let first = bytes.first else { return }
                if endsInToken { separate(from: first) }
                if SQLQuotes.mayStayOpen(UnsafeRawBufferPointer(bytes)) {
                    mayBeQuoted = true
                    mayContainPlaceholders = mayContainPlaceholders || SQLFragment.mayContainPlaceholders(bytes)
                }
                // The standard library's way to append ASCII without a temporary string.
                if literal.isASCII { sql._writeASCII(bytes) } else { sql += String(decoding: bytes, as: UTF8.self) }
            }
            if literal.utf8CodeUnitCount > 0 { endsInToken = false }
        }

        /// Binds a value; an array binds one array parameter.
        public mutating func appendInterpolation(_ value: some SQLEncodable) {
            do {
                parameters.append(try value.sqlValue)
            } catch {
                parameters.append(.null)
                refuse("parameter \(parameters.count): \(error.reason)")
            }
            appendPlaceholder()
        }

        /// Binds a value, or NULL.
        public mutating func appendInterpolation(_ value: (some SQLEncodable)?) {
            if let value {
                appendInterpolation(value)
            } else {
                parameters.append(.null)
                appendPlaceholder()
            }
        }

        /// Binds the raw value of an enumeration or of another type that a raw value represents.
        @_disfavoredOverload
        public mutating func appendInterpolation<Value: RawRepresentable>(_ value: Value)
        where Value.RawValue: SQLEncodable {
            appendInterpolation(value.rawValue)
        }

        /// Binds the raw value of an enumeration, or NULL.
        @_disfavoredOverload
        public mutating func appendInterpolation<Value: RawRepresentable>(_ value: Value?)
        where Value.RawValue: SQLEncodable {
            appendInterpolation(value?.rawValue)
        }

        /// Embeds a query: its text becomes part of this one and its placeholders are renumbered.
        ///
        /// The parameter is generic on purpose. A literal is inferred as a parameter's concrete type but never as one
        /// of a generic parameter, so text without the type ``SQLQuery`` is bound, whatever expression it comes from.
        public mutating func appendInterpolation(_ fragment: some SQLQueryConvertible) {
            append(fragment.sqlQuery)
        }

        /// Appends text that is not checked. Never pass text that comes from outside the program.
        public mutating func appendInterpolation(unsafe text: String) {
            mayBeQuoted = true
            mayContainPlaceholders = mayContainPlaceholders || SQLFragment.mayContainPlaceholders(text.utf8)
            appendText(text)
        }

        /// Reports that a value of this type cannot be bound: conform the type to ``SQLEncodable``, bind `SQLJSON(value)` or
        /// `Array(sequence)`, write the type of a fragment, or splice text with `\(unsafe:)`.
        @available(*, unavailable, message: "conform it to SQLEncodable, bind SQLJSON, or write a fragment's type")
        public mutating func appendInterpolation<Value>(_ value: Value) {}

        /// Splices a literal.
        @available(*, unavailable, renamed: "appendInterpolation(unsafe:)")
        public mutating func appendInterpolation(unescaped text: StaticString) {}

        // MARK: Parts

        /// Appends text that must not run together with what is before it.
        mutating func appendText(_ text: String) {
            if endsInToken, let first = text.utf8.first { separate(from: first) }
            if !text.isEmpty { endsInToken = false }
            sql += text
        }

        /// Appends a name in double quotes, which is refused inside a quoted text or a comment.
        mutating func appendQuotedName(_ text: String) {
            refuseQuoted("an identifier")
            if let first = text.utf8.first { separate(from: first) }
            sql += text
            endsInToken = true
            if !mayBeQuoted { closed = sql.utf8.count }
        }

        /// Records why the statement cannot be sent. The first reason stays.
        mutating func refuse(_ reason: String) {
            if defect == nil { defect = SQLQueryError(reason) }
        }

        /// Appends a blank where a byte would become part of the token that the text ends with.
        private mutating func separate(from first: UInt8) {
            if let last = sql.utf8.last, SQLQuotes.merges(last, first) { sql += " " }
        }

        private mutating func appendPlaceholder() {
            if mayBeQuoted { refuseQuoted("parameter \(parameters.count)") }
            if let last = sql.utf8.last, SQLLexer.isWord(last) { sql += " " }
            switch parameters.count {
            case 1...9:
                withUnsafeBytes(of: (UInt8(ascii: "$"), UInt8(ascii: "0") + UInt8(parameters.count))) {
                    sql._writeASCII($0.assumingMemoryBound(to: UInt8.self))
                }
            default: sql += "$\(parameters.count)"
            }
            placeholders += 1
            endsInToken = true
        }

        private mutating func append(_ fragment: SQLQuery) {
            if let defect = fragment.defect {
                self.defect = self.defect ?? defect
                return
            }
            switch SQLFragment.renumbered(fragment, after: parameters.count) {
            case .success(let (text, count)):
                refuseQuoted("an embedded query")
                guard let first = text.utf8.first else { return }
                separate(from: first)
                sql += text
                parameters += fragment.parameters
                placeholders += count
                endsInToken = true
                // A fragment ends outside quoted texts and comments.
                if !mayBeQuoted { closed = sql.utf8.count }
            case .failure(let error): defect = defect ?? error
            }
        }

        // MARK: Quoted text

        /// Refuses an interpolation inside a quoted text or a comment, where no engine recognizes placeholders.
        mutating func refuseQuoted(_ what: String) {
            guard mayBeQuoted else { return }
            guard let place = SQLQuotes.open(at: sql.utf8.dropFirst(closed)) else {
                mayBeQuoted = false
                closed = sql.utf8.count
                return
            }
            let remedy =
                place == .comment
                ? "end the comment before it"
                : "end the quote before it, as in '%' || \\(x) || '%' or \\(i) * interval '1 day'"
            refuse("\(what) is interpolated inside \(place.rawValue), where it would be text; \(remedy)")
        }

        /// Why the placeholders that the literals write out cannot be told from the interpolated ones; `nil` where the
        /// literals contain none.
        var placeholderDefect: SQLQueryError? {
            guard mayContainPlaceholders, !parameters.isEmpty else { return nil }
            var lexer = SQLLexer(Array(sql.utf8), dialect: .postgres)
            guard lexer.countPlaceholders() != placeholders else { return nil }
            return SQLQueryError(
                "its text writes out a placeholder such as $1 beside interpolated values; interpolate every value, or "
                    + "use SQLQuery(unsafe:_:) and number every placeholder")
        }
    }
}
