/// The tables in which a database lists its migrations: `vitals_migrations` for those that are applied, and
/// `vitals_unfinished_migrations`, made when it is first needed, for those that are applied in several transactions.
///
/// On PostgreSQL every statement qualifies the tables with their schema, so that a migration may change `search_path`.
struct MigrationStore: Sendable {
    let dialect: SQLDialect
    let namespace: String
    /// The schema of the tables: `main` on SQLite.
    let schema: String
    let schemaExists: Bool
    let hasTable: Bool
    let hasUnfinishedTable: Bool

    /// Whether the list still exists, which needs no right.
    func exists(on connection: some SQLConnection) async throws -> Bool {
        switch dialect {
        case .postgres:
            let rows = try await connection.query(
                """
                SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname::text = \(schema) AND c.relname = 'vitals_migrations'
                """, timeout: .unlimited)
            return !rows.isEmpty
        case .sqlite:
            return try await MigrationStore.locate(on: connection, namespace: namespace, schema: nil).hasTable
        }
    }

    private var table: SQLQuery { "\(identifier: schema, "vitals_migrations")" }
    private var unfinishedTable: SQLQuery { "\(identifier: schema, "vitals_unfinished_migrations")" }

    // MARK: Finding and creating the tables

    /// Looks for the tables; changes nothing. On PostgreSQL they are in the first schema of `search_path` that has
    /// them, or else would be created in the first one that exists.
    static func locate(
        on connection: some SQLConnection, namespace: String, schema: String?, timeout: Duration? = .unlimited
    ) async throws -> MigrationStore {
        guard connection.dialect == .postgres else {
            let names = try await connection.query(
                """
                SELECT name FROM main.sqlite_schema WHERE type = 'table'
                AND name IN ('vitals_migrations', 'vitals_unfinished_migrations')
                """, timeout: timeout
            ).decode(String.self)
            return MigrationStore(
                dialect: .sqlite, namespace: namespace, schema: "main", schemaExists: true,
                hasTable: names.contains("vitals_migrations"),
                hasUnfinishedTable: names.contains("vitals_unfinished_migrations"))
        }
        let home: SQLQuery =
            if let schema {
                "SELECT CAST(\(schema) AS text) AS name"
            } else {
                """
                SELECT coalesce((
                    SELECT p.name::text FROM unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p (name, place)
                    WHERE EXISTS (
                        SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        WHERE n.nspname = p.name AND c.relname = 'vitals_migrations')
                    ORDER BY p.place LIMIT 1), pg_catalog.current_schema()::text) AS name
                """
            }
        let tables: SQLQuery = """
            SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname::text = home.name
            """
        let rows = try await connection.query(
            """
            SELECT home.name AS name,
                EXISTS (SELECT 1 FROM pg_catalog.pg_namespace n WHERE n.nspname::text = home.name) AS has_schema,
                'vitals_migrations' IN (\(tables)) AS has_table,
                'vitals_unfinished_migrations' IN (\(tables)) AS has_unfinished
            FROM (\(home)) AS home
            """, timeout: timeout)
        guard let row = rows.first, let found = try row.decode("name", as: String?.self) else {
            throw MigrationError(
                .noSchema,
                "no schema of search_path exists, so the table vitals_migrations has no place; create one, or pass "
                    + "schema: to the migrator")
        }
        return MigrationStore(
            dialect: .postgres, namespace: namespace, schema: found, schemaExists: try row.decode("has_schema"),
            hasTable: try row.decode("has_table"), hasUnfinishedTable: try row.decode("has_unfinished"))
    }

    /// Creates the tables that are missing, within a transaction.
    func createTables(unfinished: Bool, on connection: some SQLConnection) async throws {
        if !schemaExists { try await connection.execute("CREATE SCHEMA \(identifier: schema)", timeout: .unlimited) }
        let now: SQLQuery =
            switch dialect {
            case .postgres: "timestamptz NOT NULL DEFAULT pg_catalog.now()"
            case .sqlite: "TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
            }
        if !hasTable {
            try await connection.execute(
                """
                CREATE TABLE \(table) (
                    namespace TEXT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
                    applied_at \(now), PRIMARY KEY (namespace, id))
                """, timeout: .unlimited)
        }
        if unfinished, !hasUnfinishedTable {
            try await connection.execute(
                """
                CREATE TABLE \(unfinishedTable) (
                    namespace TEXT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
                    state TEXT NOT NULL, completed BIGINT NOT NULL, checkpoint TEXT,
                    started_at \(now), PRIMARY KEY (namespace, id))
                """, timeout: .unlimited)
        }
    }

    // MARK: Applied migrations

    func records(
        on connection: some SQLConnection, timeout: Duration? = .unlimited
    ) async throws -> [MigrationRecord] {
        guard hasTable else { return [] }
        return try await connection.query(
            "SELECT id, name, checksum FROM \(table) WHERE namespace = \(namespace) ORDER BY id", timeout: timeout
        ).map { row in
            MigrationRecord(
                id: try row.decode("id"), name: try row.decode("name"), checksum: try row.decode("checksum"))
        }
    }

    /// Lists a migration as applied, or renews its entry.
    func insert(_ migration: Migration, on connection: some SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO \(table) (namespace, id, name, checksum)
            VALUES (\(namespace), \(migration.id), \(migration.name), \(migration.checksum))
            ON CONFLICT (namespace, id) DO UPDATE SET name = excluded.name, checksum = excluded.checksum
            """, timeout: .unlimited)
    }

    func remove(_ id: Int, on connection: some SQLConnection) async throws {
        try await connection.execute(
            "DELETE FROM \(table) WHERE namespace = \(namespace) AND id = \(id)", timeout: .unlimited)
    }

    // MARK: Unfinished migrations

    func unfinished(
        on connection: some SQLConnection, timeout: Duration? = .unlimited
    ) async throws -> [UnfinishedMigration] {
        guard hasUnfinishedTable else { return [] }
        return try await connection.query(
            """
            SELECT id, checksum, state, completed, checkpoint FROM \(unfinishedTable)
            WHERE namespace = \(namespace) ORDER BY id
            """, timeout: timeout
        ).map { row in
            UnfinishedMigration(
                id: try row.decode("id"), checksum: try row.decode("checksum"),
                state: UnfinishedMigration.State(rawValue: try row.decode("state")) ?? .started,
                completed: try row.decode("completed"), checkpoint: try row.decode("checkpoint", as: String?.self))
        }
    }

    func setUnfinished(
        _ migration: Migration, _ state: UnfinishedMigration.State, completed: Int, checkpoint: String? = nil,
        on connection: some SQLConnection
    ) async throws {
        let state = state.rawValue
        try await connection.execute(
            """
            INSERT INTO \(unfinishedTable) (namespace, id, name, checksum, state, completed, checkpoint)
            VALUES (\(namespace), \(migration.id), \(migration.name), \(migration.checksum), \(state), \(completed),
                \(checkpoint))
            ON CONFLICT (namespace, id) DO UPDATE SET name = excluded.name, checksum = excluded.checksum,
                state = excluded.state, completed = excluded.completed, checkpoint = excluded.checkpoint
            """, timeout: .unlimited)
    }

    /// Has a migration begin anew, without forgetting the statement that it began last.
    func rewindUnfinished(_ id: Int, on connection: some SQLConnection) async throws {
        try await connection.execute(
            """
            UPDATE \(unfinishedTable) SET completed = 0, state = \(UnfinishedMigration.State.failed)
            WHERE namespace = \(namespace) AND id = \(id)
            """, timeout: .unlimited)
    }

    func removeUnfinished(_ id: Int, on connection: some SQLConnection) async throws {
        guard hasUnfinishedTable else { return }
        try await connection.execute(
            "DELETE FROM \(unfinishedTable) WHERE namespace = \(namespace) AND id = \(id)", timeout: .unlimited)
    }
}
