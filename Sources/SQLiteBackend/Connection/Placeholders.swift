import CVitalsSQLite

/// The placeholders of a statement: `$1` onwards, each with the number of its parameter.
///
/// SQLite numbers parameters of every form in one sequence, so that a `?`, `?2`, `:a` or `@a` beside numbered ones would be
/// given another parameter's value. These forms are refused.
struct Placeholders {
    /// For each of SQLite's parameters, from 1, the position in the query's list.
    let positions: [Int]
    /// Why no parameters can be bound; `nil` where they can.
    let refusal: SQLiteError?

    init(of statement: OpaquePointer) {
        let count = sqlite3_bind_parameter_count(statement)
        guard count > 0 else {
            (positions, refusal) = ([], nil)
            return
        }
        let numbers = (1...count).map { Self.number(sqlite3_bind_parameter_name(statement, $0)) }
        positions = numbers.map { ($0 ?? 0) - 1 }
        if numbers.contains(nil) {
            refusal = SQLiteError(
                .misuse,
                "the statement's text writes out a placeholder that is not numbered from $1 to $32766, such as ?, ?2 or :name; "
                    + "interpolate the value, or write $1 onwards in SQLQuery(unsafe:_:)")
        } else if let unused = Self.firstUnused(positions) {
            refusal = SQLiteError(
                .misuse,
                "the statement has no placeholder for parameter \(unused): is it inside quotes, brackets or a comment?")
        } else {
            refusal = nil
        }
    }

    /// The number in `$2`, and in `$2::text`, of which SQLite takes the cast for a part of the name; `nil` for other forms.
    private static func number(_ name: UnsafePointer<CChar>?) -> Int? {
        guard let name else { return nil }
        let text = Substring(String(cString: name))
        guard text.first == "$", let number = Int(text.dropFirst().prefix { $0 != ":" }), (1...32_766).contains(number),
            text == "$\(number)" || text.hasPrefix("$\(number)::")
        else { return nil }
        return number
    }

    /// The first parameter without a placeholder, counted from 1.
    private static func firstUnused(_ positions: [Int]) -> Int? {
        if positions.indices.allSatisfy({ positions[$0] == $0 }) { return nil }
        let used = Set(positions)
        return (0..<(positions.max() ?? -1) + 1).first { !used.contains($0) }.map { $0 + 1 }
    }
}
