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
            "SELECT name, rootpage, sql LIKE '%REFERENCES%' AS refers FROM sqlite_schema WHERE type = 'table'",
            timeout: .unlimited)
        var found = ForeignKeyViolations()
        for row in tables {
            let table = try row.decode("name", as: String.self)
            found.rootPages[table.lowercased()] = try row.decode("rootpage", as: Int.self)
            guard try row.decode("refers", as: Bool.self) else { continue }
            do {
                let keys = try await connection.query(
                    "SELECT fkid, min(parent) AS parent FROM pragma_foreign_key_check(\(table)) GROUP BY fkid",
                    timeout: .unlimited)
                for key in keys {
                    try await add(
                        table, key: try key.decode("fkid"), parent: try key.decode("parent"), to: &found)
                }
            } catch let error as any SQLClassifiedError where error.statusCode == "1" {
                // A key that refers to columns that are not unique cannot be checked; using the table will say so.
                found.add(table: table, parent: "", row: "", values: "")
            }
        }
        return found
    }

    /// Adds the rows of a table that one of its foreign keys finds without a parent.
    private func add(
        _ table: String, key: Int, parent: String, to found: inout ForeignKeyViolations
    ) async throws {
        let columns = try await connection.query(
            "SELECT name, pk FROM pragma_table_xinfo(\(table)) ORDER BY pk", timeout: .unlimited
        ).map { (name: try $0.decode("name", as: String.self), rank: try $0.decode("pk", as: Int.self)) }
        let child = try await connection.query(
            #"SELECT "from" AS name FROM pragma_foreign_key_list(\#(table)) WHERE id = \#(key) ORDER BY seq"#,
            timeout: .unlimited
        ).map { try $0.decode("name", as: String.self) }
        let primary = columns.filter { $0.rank > 0 }.map(\.name)
        let taken = Set(columns.map { $0.name.lowercased() })
        let rowID = ["rowid", "_rowid_", "oid"].first { !taken.contains($0) }
        let check: SQLQuery = "pragma_foreign_key_check(\(table)) v"
        let count = try await connection.query(
            "SELECT count(*), count(v.rowid) FROM \(check) WHERE v.fkid = \(key)", timeout: .unlimited
        ).first?.decode(Int.self, Int.self)
        guard let (all, numbered) = count else { return }
        guard numbered == all, let rowID else {
            // Rows without a number: the rows are found by their key, and only those of a null-free foreign key that
            // match no parent by SQLite's own count are taken for identified.
            try await addUnnumbered(table, key, parent, primary, child, all, to: &found)
            return
        }
        let identity = Self.text(of: primary.isEmpty ? [rowID] : primary)
        let rows = try await connection.query(
            """
            SELECT \(identity) AS id, \(Self.text(of: child)) AS content FROM \(check)
            JOIN \(identifier: table) c ON c.\(unsafe: rowID) = v.rowid WHERE v.fkid = \(key)
            """, timeout: .unlimited)
        for row in rows {
            found.add(
                table: table, parent: parent, row: try row.decode("id"), values: try row.decode("content"))
        }
        // Whatever could not be read counts as new.
        for _ in rows.count..<max(rows.count, all) { found.addUnidentified(table: table, parent: parent) }
    }

    private func addUnnumbered(
        _ table: String, _ key: Int, _ parent: String, _ primary: [String], _ child: [String], _ all: Int,
        to found: inout ForeignKeyViolations
    ) async throws {
        let referred = try await connection.query(
            #"SELECT "to" AS name FROM pragma_foreign_key_list(\#(table)) WHERE id = \#(key) ORDER BY seq"#,
            timeout: .unlimited
        ).map { try $0.decode("name", as: String?.self) }
        var names = referred.compactMap { $0 }
        if names.count < referred.count {
            names = try await connection.query(
                "SELECT name FROM pragma_table_info(\(parent)) WHERE pk > 0 ORDER BY pk", timeout: .unlimited
            ).decode(String.self)
        }
        let exists =
            try await connection.query(
                "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(\(parent))",
                timeout: .unlimited
            ).count > 0
        var rows: [SQLRow] = []
        if !primary.isEmpty, !exists || names.count == child.count {
            let isSet = SQLQuery.all(of: child.map { "c.\(identifier: $0) IS NOT NULL" })
            let matches = SQLQuery.all(
                of: zip(names, child).map { "p.\(identifier: $0.0) = c.\(identifier: $0.1)" })
            let lacks: SQLQuery =
                exists ? "NOT EXISTS (SELECT 1 FROM \(identifier: parent) p WHERE \(matches))" : "1 = 1"
            rows = try await connection.query(
                """
                SELECT \(Self.text(of: primary)) AS id, \(Self.text(of: child)) AS content FROM \(identifier: table) c
                WHERE \(isSet) AND \(lacks)
                """, timeout: .unlimited)
        }
        guard rows.count == all else {
            for _ in 0..<all { found.addUnidentified(table: table, parent: parent) }
            return
        }
        for row in rows {
            found.add(
                table: table, parent: parent, row: try row.decode("id"), values: try row.decode("content"))
        }
    }

    /// The values of columns as one text, in which values of different types differ.
    private static func text(of columns: [String]) -> SQLQuery {
        SQLQuery.joined(columns.map { "quote(c.\(identifier: $0))" }, separator: " || ',' || ")
    }

    /// Throws when there are violations that were not there before.
    func refuse(
        _ after: ForeignKeyViolations, before: ForeignKeyViolations, label: String, migration: Int
    ) throws {
        let introduced = after.introduced(since: before)
        guard !introduced.isEmpty else { return }
        let parts = introduced.map { table, parent, count in
            parent.isEmpty
                ? "the foreign keys of \(table) do not match a unique key"
                : "\(count) \(count == 1 ? "row" : "rows") of \(table) would refer to no row of \(parent)"
        }
        throw MigrationError(
            .foreignKeyViolation,
            "\(label) was rolled back: \(parts.joined(separator: "; ")). Foreign keys and ON DELETE actions are off while "
                + "it runs: correct its statements, or pass enforcesForeignKeys: true", migration: migration)
    }
}
