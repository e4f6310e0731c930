/// The statement that a migration without a transaction began last and did not complete.
///
/// Stored in the column `checkpoint` of an unfinished migration that is not paused, so that what the statement left behind is
/// known whatever the migration's text is later.
struct BegunStatement: Sendable, Equatable {
    /// Identifies the statement's text, as ``Migration/checksum`` does a migration's.
    let checksum: String
    /// The index that the statement builds, with schema and quotes; `nil` where it builds none, or where an index of the
    /// name existed before. An invalid index of this name is the migrator's own.
    let index: String?

    init(_ statement: MigrationStatement, index: String?) {
        checksum = Self.content(of: statement).text
        self.index = index
    }

    /// Reads what the column holds.
    init?(checkpoint: String) {
        let parts = checkpoint.split(separator: " ", maxSplits: 1)
        guard let first = parts.first else { return nil }
        checksum = String(first)
        index = parts.count > 1 ? String(parts[1]) : nil
    }

    /// What the column holds.
    var checkpoint: String { index.map { "\(checksum) \($0)" } ?? checksum }

    /// Whether this is the statement that was begun.
    func isText(of statement: MigrationStatement) -> Bool {
        Self.content(of: statement).matches(checksum)
    }

    private static func content(of statement: MigrationStatement) -> MigrationChecksum {
        MigrationChecksum("statement", .sql(statement.text, .postgres))
    }

    /// The state of the index that the statement builds.
    func indexState(on connection: some SQLConnection) async throws -> ConcurrentIndex.State {
        guard let index else { return .missing }
        let rows = try await connection.query(
            "SELECT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass(\(index)::text)",
            timeout: .unlimited)
        guard let row = rows.first else { return .missing }
        return try row.decode(0, as: Bool.self) ? .valid : .invalid(index)
    }
}
