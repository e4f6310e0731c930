/// The rows of a SQLite database that refer to no row.
struct ForeignKeyViolations: Sendable {
    /// What makes two violations one and the same: the row, by its primary key or else its number, and what it refers to.
    private struct Identity: Hashable {
        let table: String
        let parent: String
        let row: String
        let values: String
    }

    private struct Reference: Hashable {
        let table: String
        let parent: String
    }

    private var identified: [Identity: Int] = [:]
    private var unidentified: [Reference: Int] = [:]
    /// The first page of each table, by its name in lower case: a table that is renamed keeps it.
    var rootPages: [String: Int] = [:]

    /// Adds a violation.
    /// - Parameter parent: The table that is referred to; empty where the key cannot be checked.
    mutating func add(table: String, parent: String, row: String, values: String) {
        identified[Identity(table: table, parent: parent, row: row, values: values), default: 0] += 1
    }

    /// Adds a violation whose row is not known.
    mutating func addUnidentified(table: String, parent: String) {
        unidentified[Reference(table: table, parent: parent), default: 0] += 1
    }

    /// The numbers of violations that are not among earlier ones, by tables.
    func introduced(since earlier: Self) -> [(table: String, parent: String, count: Int)] {
        var rest: [Identity: Int] = [:]
        for (identity, count) in earlier.identified {
            let key = Identity(
                table: identity.table.lowercased(), parent: identity.parent.lowercased(), row: identity.row,
                values: identity.values)
            rest[key, default: 0] += count
        }
        var names: [Int: String] = [:]
        for (name, page) in earlier.rootPages where page > 0 { names[page] = name }

        /// The names that a table may have had: the one it has, and that of the table that had its first page.
        func origins(_ table: String) -> [String] {
            let name = table.lowercased()
            let renamed = rootPages[name].flatMap { names[$0] }
            return renamed.map { $0 == name ? [name] : [$0, name] } ?? [name]
        }

        var introduced = unidentified
        for (identity, count) in identified {
            var count = count
            for table in origins(identity.table) {
                for parent in origins(identity.parent) {
                    let key = Identity(table: table, parent: parent, row: identity.row, values: identity.values)
                    guard count > 0, let found = rest[key], found > 0 else { continue }
                    rest[key] = found - min(found, count)
                    count -= min(found, count)
                }
            }
            if count > 0 { introduced[Reference(table: identity.table, parent: identity.parent), default: 0] += count }
        }
        return introduced.map { ($0.key.table, $0.key.parent, $0.value) }
            .sorted { ($0.table, $0.parent) < ($1.table, $1.parent) }
    }
}
