extension SQLQuery.StringInterpolation {
    /// Appends the name of a table, a column or another object in double quotes.
    ///
    /// Several names are joined by dots: `\(identifier: "clinic", "wards")` is `"clinic"."wards"`. A name that is
    /// empty, contains a NUL or is longer than the 63 bytes that PostgreSQL keeps of it makes the query one that every
    /// driver refuses.
    /// - Parameter names: The name, preceded by those that qualify it.
    public mutating func appendInterpolation(identifier names: String...) {
        appendIdentifier(names)
    }

    /// Appends the name of an object in double quotes, from an array of the name and those that qualify it.
    public mutating func appendInterpolation(identifier names: [String]) {
        appendIdentifier(names)
    }

    mutating func appendIdentifier(_ names: [String]) {
        var text = ""
        for (index, name) in names.enumerated() {
            if let problem = Self.problem(of: name) { refuse("name \(index + 1) of an identifier \(problem)") }
            if index > 0 { text += "." }
            text += name.quotedName
        }
        if names.isEmpty { refuse("an identifier has no name; pass at least one") }
        appendQuotedName(text)
    }

    static func problem(of name: String) -> String? {
        if name.isEmpty { return "is empty; pass a name" }
        if name.utf8.contains(0) { return "contains a NUL, which no name can; remove it" }
        if name.utf8.count > 63 {
            return
                "has \(name.utf8.count) bytes, of which PostgreSQL would keep 63; shorten it, or use \\(unsafe:) where "
                + "only SQLite is meant"
        }
        return nil
    }
}

/// One term of an `ORDER BY` clause that is put together at run time.
public struct SQLOrder: Sendable, Hashable {
    /// Where NULL sorts.
    public enum Nulls: Sendable, Hashable {
        /// Before every value.
        case first
        /// After every value.
        case last
    }

    /// The column's name, preceded by those that qualify it.
    let column: [ExactText]
    let isDescending: Bool
    let nulls: Nulls?

    /// Sorts from the smallest value to the largest.
    /// - Parameters:
    ///   - column: The column's name, preceded by its table's where needed.
    ///   - nulls: Where NULL sorts; where the engine puts it when `nil`: PostgreSQL last, SQLite first.
    public static func ascending(_ column: String..., nulls: Nulls? = nil) -> SQLOrder {
        SQLOrder(column: column.map(ExactText.init), isDescending: false, nulls: nulls)
    }

    /// Sorts from the largest value to the smallest.
    /// - Parameters:
    ///   - column: The column's name, preceded by its table's where needed.
    ///   - nulls: Where NULL sorts; where the engine puts it when `nil`: PostgreSQL first, SQLite last.
    public static func descending(_ column: String..., nulls: Nulls? = nil) -> SQLOrder {
        SQLOrder(column: column.map(ExactText.init), isDescending: true, nulls: nulls)
    }
}

extension SQLQuery.StringInterpolation {
    /// Appends an `ORDER BY` clause, the words included; nothing when there are no terms.
    public mutating func appendInterpolation(orderBy terms: [SQLOrder]) {
        for (index, term) in terms.enumerated() {
            appendText(index == 0 ? "ORDER BY " : ", ")
            appendIdentifier(term.column.map(\.text))
            appendText(term.isDescending ? " DESC" : " ASC")
            switch term.nulls {
            case .first: appendText(" NULLS FIRST")
            case .last: appendText(" NULLS LAST")
            case nil: break
            }
        }
    }

    /// Appends an `ORDER BY` clause of the given terms, the words included.
    public mutating func appendInterpolation(orderBy first: SQLOrder, _ others: SQLOrder...) {
        appendInterpolation(orderBy: [first] + others)
    }

    /// Appends a `VALUES` clause of rows of bound values, the word included.
    ///
    /// The text differs for each number of rows, so that each is prepared anew. For many rows on PostgreSQL, bind one
    /// array a column and insert from `unnest`. Rows of different lengths, or none, make the query one that every
    /// driver refuses.
    /// - Parameter rows: The rows, all of the same length.
    public mutating func appendInterpolation(values rows: [[any SQLEncodable & Sendable]]) {
        guard let width = rows.first?.count, width > 0, rows.allSatisfy({ $0.count == width }) else {
            return refuse(
                rows.isEmpty
                    ? "VALUES has no rows; do not send the statement when there is nothing to insert"
                    : "the rows of VALUES differ in length or are empty; give each the same number of values")
        }
        appendText("VALUES ")
        for (index, row) in rows.enumerated() {
            appendText(index == 0 ? "(" : ", (")
            for (column, value) in row.enumerated() {
                if column > 0 { appendText(", ") }
                appendInterpolation(value)
            }
            appendText(")")
        }
    }
}
