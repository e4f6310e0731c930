/// Switches SQLite's enforcement of foreign keys off around a transaction, which cannot do so itself, and finds the
/// rows that the transaction would leave without the row they refer to.
struct ForeignKeyCheck<Connection: SQLConnection>: Sendable {
    let connection: Connection

    /// Rows that refer to no row, by the table that holds them and the one they refer to.
    typealias Violations = [Reference: Int]

    struct Reference: Hashable, Sendable {
        let table: String
        let parent: String
    }

    /// Runs the body with enforcement as wanted and restores it afterwards, whatever happens.
    /// - Parameters:
    ///   - enforced: Whether foreign keys are enforced meanwhile. They never are where the connection's setting is off.
    ///   - body: Receives whether enforcement was switched off, so that the body has to check.
    func run<Result: Sendable>(enforced: Bool, _ body: (Bool) async throws -> Result) async throws -> Result {
        guard connection.dialect == .sqlite else { return try await body(false) }
        let usual = try await setting()
        if usual, !enforced {
            try await connection.executeScript("PRAGMA foreign_keys = OFF", timeout: .unlimited)
        }
        do {
            let result = try await body(usual && !enforced)
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

    /// Counts the rows that refer to no row.
    func violations() async throws -> Violations {
        let tables = try await connection.query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%REFERENCES%'", timeout: .unlimited
        ).decode(String.self)
        var found: Violations = [:]
        for table in tables {
            do {
                let rows = try await connection.query(
                    """
                    SELECT parent, count(*) AS rows FROM pragma_foreign_key_check(\(table)) GROUP BY parent
                    """, timeout: .unlimited)
                for row in rows {
                    found[Reference(table: table, parent: try row.decode("parent"))] = try row.decode("rows")
                }
            } catch let error as any SQLClassifiedError where error.statusCode == "1" {
                // A key that refers to columns that are not unique cannot be checked; using the table will say so.
                found[Reference(table: table, parent: "")] = 1
            }
        }
        return found
    }

    /// Throws when there are violations that were not there before.
    func refuse(_ after: Violations, before: Violations, label: String, migration: Int) throws {
        let introduced = after.filter { $0.value > before[$0.key, default: 0] }
        guard !introduced.isEmpty else { return }
        let parts = introduced.sorted { ($0.key.table, $0.key.parent) < ($1.key.table, $1.key.parent) }.map { entry in
            let (reference, count) = (entry.key, entry.value - before[entry.key, default: 0])
            return reference.parent.isEmpty
                ? "the foreign keys of \(reference.table) do not match a unique key"
                : "\(count) \(count == 1 ? "row" : "rows") of \(reference.table) would refer to no row of \(reference.parent)"
        }
        throw MigrationError(
            .foreignKeyViolation,
            "\(label) was rolled back: \(parts.joined(separator: "; ")). Foreign keys and ON DELETE actions are off while "
                + "it runs: correct its statements, or pass enforcesForeignKeys: true", migration: migration)
    }
}
