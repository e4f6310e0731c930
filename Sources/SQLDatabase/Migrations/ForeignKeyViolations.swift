/// The rows of a SQLite database that refer to no row.
struct ForeignKeyViolations: Sendable {
    /// What makes two violations one and the same: the row, by its primary key or else its number, the columns of the
    /// foreign key, and what it refers to.
    private struct Identity: Hashable {
        let reference: Reference
        let columns: [Int]
        let row: ExactText
        let values: ExactText
    }

    private struct Reference: Hashable {
        let table: ObjectName
        /// The table that is referred to; `nil` where the key cannot be checked.
        let parent: ObjectName?
    }

    /// What identifies a table and its columns before and after a change of the schema.
    struct Table: Sendable {
        /// The table's first page, which it keeps when it is renamed.
        let rootPage: Int
        let columns: [ObjectName]

        /// The place of a column in an earlier form of the table. It keeps its place when it is renamed, and its name when
        /// the table is built anew or loses a column.
        func origin(of column: Int, in earlier: Table) -> Int {
            guard columns.indices.contains(column) else { return column }
            if rootPage == earlier.rootPage, columns.count == earlier.columns.count { return column }
            return earlier.columns.firstIndex(of: columns[column]) ?? column
        }
    }

    private var identified: [Identity: Int] = [:]
    private var unidentified: [Reference: Int] = [:]
    /// The tables of the database, by name.
    var tables: [ObjectName: Table] = [:]

    /// Adds a violation.
    /// - Parameters:
    ///   - table: The table that refers.
    ///   - columns: The places of the foreign key's columns in the table.
    ///   - parent: The table that is referred to; `nil` where the key cannot be checked.
    ///   - row: Identifies the row in the table.
    ///   - values: The values of the columns.
    mutating func add(table: ObjectName, columns: [Int], parent: ObjectName?, row: String, values: String) {
        let identity = Identity(
            reference: Reference(table: table, parent: parent), columns: columns, row: ExactText(row),
            values: ExactText(values))
        identified[identity, default: 0] += 1
    }

    /// Adds violations whose rows are not known.
    mutating func addUnidentified(_ count: Int, table: ObjectName, parent: ObjectName) {
        guard count > 0 else { return }
        unidentified[Reference(table: table, parent: parent), default: 0] += count
    }

    /// The numbers of violations that are not among earlier ones, by tables.
    func introduced(since earlier: Self) -> [(table: String, parent: String?, count: Int)] {
        var rest = earlier.identified
        var names: [Int: ObjectName] = [:]
        for (name, table) in earlier.tables where table.rootPage > 0 { names[table.rootPage] = name }

        /// The names that a table may have had: that of the table that had its first page, and the one it has.
        func origins(_ name: ObjectName) -> [ObjectName] {
            guard let renamed = tables[name].flatMap({ names[$0.rootPage] }), renamed != name else { return [name] }
            return [renamed, name]
        }

        /// What a violation was, if it was one, in a table of an earlier name.
        func origins(_ identity: Identity) -> [Identity] {
            let parents = identity.reference.parent.map { origins($0).map(Optional.some) } ?? [nil]
            return origins(identity.reference.table).flatMap { table in
                var columns = identity.columns
                if let now = tables[identity.reference.table], let before = earlier.tables[table] {
                    columns = columns.map { now.origin(of: $0, in: before) }
                }
                return parents.map { parent in
                    Identity(
                        reference: Reference(table: table, parent: parent), columns: columns, row: identity.row,
                        values: identity.values)
                }
            }
        }

        var introduced = unidentified
        for (identity, count) in identified {
            var count = count
            for origin in origins(identity) {
                let found = min(rest[origin] ?? 0, count)
                if found > 0 { rest[origin, default: 0] -= found }
                count -= found
            }
            if count > 0 { introduced[identity.reference, default: 0] += count }
        }
        return introduced.map { ($0.key.table, $0.key.parent, $0.value) }
            .sorted { ($0.0, $0.1 ?? $0.0) < ($1.0, $1.1 ?? $1.0) }
            .map { ($0.0.text, $0.1?.text, $0.2) }
    }
}
