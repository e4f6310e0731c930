/// Switches SQLite's enforcement of foreign keys around a transaction, which cannot do so itself, and finds the
/// rows that the transaction would leave without the row they refer to.
struct ForeignKeyCheck<Connection: SQLConnection>: Sendable {
    let connection: Connection

    /// Runs the body with enforcement as wanted and restores it afterwards, whatever happens.
    /// - Parameters:
    ///   - enforced: Whether foreign keys are enforced meanwhile; `nil` for as the connection has them.
    ///   - body: Receives whether enforcement was switched off, so that the body has to check.
    func run<Result: Sendable>(enforced: Bool?, _ body: (Bool) async throws -> Result) async throws -> Result {
        guard connection.dialect == .sqlite else { return try await body(false) }
        let usual = try await setting()
        let wanted = enforced ?? usual
        if wanted != usual {
            try await connection.executeScript("PRAGMA foreign_keys = \(wanted ? "ON" : "OFF")", timeout: .unlimited)
        }
        do {
            let result = try await body(usual && !wanted)
            try await restore(usual)
            return result
        } catch {
            try? await restore(usual)
            throw error
        }
    }

    private func setting() async throws -> Bool {
        try await connection.query("PRAGMA foreign_keys", timeout: .unlimited).first?.decode(0, as: Int.self) == 1
    }

    private func restore(_ usual: Bool) async throws {
        let connection = connection
        let isRestored = await uncancelled {
            try? await connection.executeScript("PRAGMA foreign_keys = \(usual ? "ON" : "OFF")", timeout: .unlimited)
            let rows = try? await connection.query("PRAGMA foreign_keys", timeout: .unlimited)
            return try? rows?.first?.decode(0, as: Int.self)
        }
        guard isRestored == (usual ? 1 : 0) else {
            throw MigrationError(
                .failed, "PRAGMA foreign_keys could not be restored after a migration; restart the program")
        }
    }

    // MARK: Checking

    /// Whether statements can leave a row without the row it refers to.
    func isNeeded(after statements: [MigrationStatement]) -> Bool {
        !statements.allSatisfy { statement in
            statement.words.first == "CREATE" && !statement.words.contains("AS") && !statement.words.contains("TRIGGER")
        }
    }

    /// Finds the rows that refer to no row.
    func violations() async throws -> ForeignKeyViolations {
        let tables = try await connection.query(
            "SELECT name, rootpage FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0", timeout: .unlimited)
        var found = ForeignKeyViolations()
        for row in tables {
            let name = try row.decode("name", as: String.self)
            let columns = try await columns(of: name)
            found.tables[ObjectName(name)] = ForeignKeyViolations.Table(
                rootPage: try row.decode("rootpage"), columns: columns.map { ObjectName($0.name) })
            let keys = try await foreignKeys(of: name)
            guard !keys.isEmpty else { continue }
            do {
                let counts = try await connection.query(
                    """
                    SELECT fkid, count(*) AS "all", count(rowid) AS numbered
                    FROM pragma_foreign_key_check(\(name), 'main') GROUP BY fkid
                    """, timeout: .unlimited)
                for count in counts {
                    let id = try count.decode("fkid", as: Int.self)
                    guard let key = keys.first(where: { $0.id == id }) else { continue }
                    try await add(
                        Child(name: name, columns: columns), key, all: try count.decode("all"),
                        numbered: try count.decode("numbered"), to: &found)
                }
            } catch let error as any SQLClassifiedError where error.statusCode == "1" {
                // SQLite checks none of the table's keys where one refers to columns that are not unique; using the table
                // will say so.
                found.add(table: ObjectName(name), columns: [], parent: nil, row: "", values: "")
                let child = Child(name: name, columns: columns)
                for key in keys { try add(try await unmatched(child, key), child, key, to: &found) }
            }
        }
        return found
    }

    /// A column; `rank` is its place in the primary key, from 1, or 0.
    private struct Column {
        let name: String
        let rank: Int
    }

    private struct Child {
        let name: String
        let columns: [Column]

        /// The names of the primary key's columns.
        var primary: [String] { columns.filter { $0.rank > 0 }.sorted { $0.rank < $1.rank }.map(\.name) }

        /// The name by which a row's number is read; `nil` where columns have all its names.
        var rowID: String? {
            let taken = Set(columns.map { ObjectName($0.name) })
            return ["rowid", "_rowid_", "oid"].first { !taken.contains(ObjectName($0)) }
        }

        /// The columns that identify a row; `nil` where none do.
        var identity: [String]? { primary.isEmpty ? rowID.map { [$0] } : primary }

        func places(of names: [String]) -> [Int] {
            names.map { name in columns.firstIndex { ObjectName($0.name) == ObjectName(name) } ?? -1 }
        }
    }

    private struct ForeignKey {
        let id: Int
        let parent: String
        var child: [String] = []
        /// The columns that are referred to; `nil` for those of the primary key.
        var referred: [String?] = []
    }

    private func columns(of table: String) async throws -> [Column] {
        try await connection.query(
            "SELECT name, pk FROM pragma_table_xinfo(\(table), 'main') ORDER BY cid", timeout: .unlimited
        ).map { Column(name: try $0.decode("name"), rank: try $0.decode("pk")) }
    }

    private func foreignKeys(of table: String) async throws -> [ForeignKey] {
        let rows = try await connection.query(
            """
            SELECT id, "table" AS parent, "from" AS child, "to" AS referred
            FROM pragma_foreign_key_list(\(table), 'main') ORDER BY id, seq
            """, timeout: .unlimited)
        var keys: [ForeignKey] = []
        for row in rows {
            let id = try row.decode("id", as: Int.self)
            if keys.last?.id != id { keys.append(ForeignKey(id: id, parent: try row.decode("parent"))) }
            keys[keys.count - 1].child.append(try row.decode("child"))
            keys[keys.count - 1].referred.append(try row.decode("referred", as: String?.self))
        }
        return keys
    }

    /// Adds the rows of a table that one of its foreign keys finds without a parent.
    private func add(
        _ child: Child, _ key: ForeignKey, all: Int, numbered: Int, to found: inout ForeignKeyViolations
    ) async throws {
        let rows: [SQLRow]
        if numbered == all, let rowID = child.rowID, let identity = child.identity {
            rows = try await connection.query(
                """
                SELECT \(Self.text(of: identity)) AS id, \(Self.text(of: key.child)) AS content
                FROM pragma_foreign_key_check(\(child.name), 'main') v
                JOIN main.\(Self.quoted(child.name)) c ON c.\(unsafe: rowID) = v.rowid WHERE v.fkid = \(key.id)
                """, timeout: .unlimited)
        } else {
            let found = try await unmatched(child, key)
            rows = found.count == all ? found : []
        }
        try add(rows, child, key, to: &found)
        // Whatever could not be read counts as new.
        found.addUnidentified(all - rows.count, table: ObjectName(child.name), parent: ObjectName(key.parent))
    }

    private func add(
        _ rows: [SQLRow], _ child: Child, _ key: ForeignKey, to found: inout ForeignKeyViolations
    ) throws {
        for row in rows {
            found.add(
                table: ObjectName(child.name), columns: child.places(of: key.child), parent: ObjectName(key.parent),
                row: try row.decode("id"), values: try row.decode("content"))
        }
    }

    /// Finds the rows whose foreign key has no NULL and matches no parent, without SQLite's own check; none where the
    /// columns that are referred to are not known.
    private func unmatched(_ child: Child, _ key: ForeignKey) async throws -> [SQLRow] {
        var names = key.referred.compactMap { $0 }
        if names.count < key.referred.count {
            names = try await columns(of: key.parent).filter { $0.rank > 0 }.sorted { $0.rank < $1.rank }.map(\.name)
        }
        let exists =
            try await connection.query(
                "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = \(key.parent) COLLATE NOCASE",
                timeout: .unlimited
            ).count > 0
        let known = exists ? Set(try await columns(of: key.parent).map { ObjectName($0.name) }) : []
        guard let identity = child.identity,
            !exists || names.count == key.child.count && names.allSatisfy({ known.contains(ObjectName($0)) })
        else { return [] }
        let isSet = SQLQuery.all(of: key.child.map { "c.\(Self.quoted($0)) IS NOT NULL" })
        let matches = SQLQuery.all(of: zip(names, key.child).map { "p.\(Self.quoted($0.0)) = c.\(Self.quoted($0.1))" })
        let lacks: SQLQuery =
            exists ? "NOT EXISTS (SELECT 1 FROM main.\(Self.quoted(key.parent)) p WHERE \(matches))" : "1 = 1"
        return try await connection.query(
            """
            SELECT \(Self.text(of: identity)) AS id, \(Self.text(of: key.child)) AS content
            FROM main.\(Self.quoted(child.name)) c WHERE \(isSet) AND \(lacks)
            """, timeout: .unlimited)
    }

    /// The values of columns as one text of ASCII, in which different values differ: texts and bytes as the digits of
    /// all their bytes, whatever these are.
    private static func text(of columns: [String]) -> SQLQuery {
        let parts = columns.map { name -> SQLQuery in
            let column: SQLQuery = "c.\(Self.quoted(name))"
            return """
                CASE typeof(\(column)) WHEN 'text' THEN 't' || hex(\(column)) WHEN 'blob' THEN 'b' || hex(\(column))
                ELSE quote(\(column)) END
                """
        }
        return .joined(parts, separator: " || ',' || ")
    }

    /// A name in double quotes, which on SQLite may be of any length.
    private static func quoted(_ name: String) -> SQLQuery {
        SQLQuery(unsafe: name.quotedName)
    }

    /// Throws when there are violations that were not there before.
    func refuse(
        _ after: ForeignKeyViolations, before: ForeignKeyViolations, label: String, migration: Int
    ) throws {
        let introduced = after.introduced(since: before)
        guard !introduced.isEmpty else { return }
        let parts = introduced.map { table, parent, count in
            parent.map { "\(count) \(count == 1 ? "row" : "rows") of \(table) would refer to no row of \($0)" }
                ?? "the foreign keys of \(table) do not match a unique key"
        }
        throw MigrationError(
            .foreignKeyViolation,
            "\(label) was rolled back: \(parts.joined(separator: "; ")). Foreign keys and ON DELETE actions are off while "
                + "it runs: correct its statements, or pass enforcesForeignKeys: true", migration: migration)
    }
}
