import SQLDatabase

/// The server's own tables, beside those of the job queue. Forward only; times are milliseconds since 1970.
enum Schema {
    static func migrate(_ database: some SQLClient) async throws {
        try await migrator().migrate(database)
    }

    /// Names of the migrations that are not applied. A schema that a newer server has gone on with lacks none: during a
    /// rolling restart the old ones serve on.
    static func pending(_ database: some SQLClient) async throws -> [String] {
        do {
            return try await migrator().status(of: database).pending.map(\.name)
        } catch let error as MigrationError where error.code == .newerSchema {
            return []
        }
    }

    private static func migrator() throws -> Migrator {
        try Migrator(namespace: "patient-server", migrations: migrations)
    }

    static let migrations = [
        Migration(
            id: 1, name: "configurations",
            statements: """
                CREATE TABLE configurations (
                    id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, scenario TEXT NOT NULL,
                    version BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
                CREATE TABLE configuration_versions (
                    id TEXT NOT NULL REFERENCES configurations (id) ON DELETE CASCADE, version BIGINT NOT NULL,
                    name TEXT NOT NULL, description TEXT NOT NULL, scenario TEXT NOT NULL, updated_at BIGINT NOT NULL,
                    PRIMARY KEY (id, version))
                """),
        Migration(
            id: 2, name: "keys",
            statements: """
                CREATE TABLE api_keys (
                    id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, scopes TEXT NOT NULL,
                    requests_per_minute BIGINT NOT NULL, patients_per_day BIGINT NOT NULL,
                    created_at BIGINT NOT NULL, revoked_at BIGINT);
                CREATE TABLE api_key_usage (
                    key_id TEXT NOT NULL, day BIGINT NOT NULL, patients BIGINT NOT NULL, PRIMARY KEY (key_id, day));
                CREATE TABLE audit_log (
                    at BIGINT NOT NULL, key_id TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
                    request_id TEXT NOT NULL);
                CREATE INDEX audit_log_at ON audit_log (at)
                """),
    ]
}

extension SQLClient {
    /// Rows of one statement that only reads.
    func rows(_ query: SQLQuery) async throws -> [SQLRow] { try await read { try await $0.query(query) } }

    /// Runs one statement in a transaction of its own. Returns how many rows it changed.
    @discardableResult
    func change(_ query: SQLQuery) async throws -> Int { try await write { try await $0.execute(query) } }
}
