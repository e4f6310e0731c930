import PostgresBackend
import SQLDatabase

/// The settings that `ALTER DATABASE … SET` and `ALTER ROLE … IN DATABASE … SET` give to the sessions of a database, which
/// `CREATE DATABASE … TEMPLATE` does not copy.
enum DatabaseSettings {
    /// Settings whose value is a list of names: a text would become one name.
    private static let lists: Set = [
        "search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries",
    ]

    /// Gives a database the settings of another.
    static func copy(from source: String, to name: String, with admin: PostgresDatabase) async throws {
        let rows = try await admin.query(
            """
            SELECT r.rolname::text AS role, split_part(c.setting, '=', 1) AS name,
                substr(c.setting, strpos(c.setting, '=') + 1) AS value,
                quote_literal(substr(c.setting, strpos(c.setting, '=') + 1)) AS literal
            FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole,
                unnest(s.setconfig) AS c (setting)
            WHERE d.datname = \(source) AND (s.setrole = 0 OR r.oid IS NOT NULL)
            """)
        guard !rows.isEmpty else { return }
        // In one transaction, so that the settings of lists end with it.
        try await admin.withTransaction { connection in
            for row in rows {
                let setting = try row.decode("name", as: String.self)
                let role = try row.decode("role", as: String?.self)
                let target: SQLQuery =
                    if let role {
                        "ROLE \(identifier: role) IN DATABASE \(identifier: name)"
                    } else {
                        "DATABASE \(identifier: name)"
                    }
                if lists.contains(setting) {
                    let value = try row.decode("value", as: String.self)
                    _ = try await connection.query("SELECT set_config(\(setting), \(value), true)")
                    _ = try await connection.run(
                        "ALTER \(target) SET \(identifier: setting) FROM CURRENT", prepared: false)
                } else {
                    let literal = try row.decode("literal", as: String.self)
                    _ = try await connection.run(
                        "ALTER \(target) SET \(identifier: setting) TO \(unsafe: literal)", prepared: false)
                }
            }
        }
    }
}
