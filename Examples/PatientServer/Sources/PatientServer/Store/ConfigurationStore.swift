import Foundation
import HTTPTypes
import PatientGen
import SQLDatabase

/// Saved scenarios. Every change is a version of its own; none is lost until the configuration is deleted.
struct ConfigurationStore: Sendable {
    let database: any SQLClient

    /// A saved scenario.
    struct Configuration: Sendable {
        var id: String
        var name: String
        var description: String
        /// Canonical JSON.
        var scenario: String
        var version: Int
        var createdAt: Int64
        var updatedAt: Int64

        func value() throws -> ScenarioValue {
            .object([
                .init("id", .text(id)), .init("name", .text(name)), .init("description", .text(description)),
                .init("scenario", try ScenarioValue(json: Array(scenario.utf8))),
                .init("version", .number(Double(version))), .init("created_at", .text(moment(createdAt))),
                .init("updated_at", .text(moment(updatedAt))),
            ])
        }
    }

    func create(name: String, description: String, scenario: Scenario) async throws -> Configuration {
        let now = milliseconds()
        let made = Configuration(
            id: UUID().uuidString.lowercased(), name: name, description: description, scenario: scenario.value.json,
            version: 1, createdAt: now, updatedAt: now)
        try await database.write { connection in
            try await connection.execute(
                """
                INSERT INTO configurations (id, name, description, scenario, version, created_at, updated_at)
                VALUES (\(made.id), \(made.name), \(made.description), \(made.scenario), 1, \(now), \(now))
                """)
            try await keep(made, on: connection)
        }
        return made
    }

    /// Changes a configuration when its version is still the one given, or whatever it is for `nil`.
    /// - Returns: `nil` when there is none.
    func update(
        _ id: String, name: String, description: String, scenario: Scenario, expecting version: Int?
    ) async throws -> Configuration? {
        let now = milliseconds()
        return try await database.write { connection in
            // The lock on the row orders two writers; SQLite has one writer anyway.
            let lock: SQLQuery =
                switch connection.dialect {
                case .postgres: "SELECT * FROM configurations WHERE id = \(id) FOR UPDATE"
                case .sqlite: "SELECT * FROM configurations WHERE id = \(id)"
                }
            guard var found = try await connection.query(lock).first.map(configuration) else { return nil }
            if let version, version != found.version {
                throw APIError(
                    status: .preconditionFailed,
                    detail: "the configuration is at version \(found.version) by now; read it again")
            }
            found.name = name
            found.description = description
            found.scenario = scenario.value.json
            found.version += 1
            found.updatedAt = now
            try await connection.execute(
                """
                UPDATE configurations SET name = \(name), description = \(description), scenario = \(found.scenario),
                    version = \(found.version), updated_at = \(now) WHERE id = \(id)
                """)
            try await keep(found, on: connection)
            return found
        }
    }

    /// A configuration as it is, or as it was in a version.
    func find(_ id: String, version: Int? = nil) async throws -> Configuration? {
        guard let version else {
            return try await database.rows("SELECT * FROM configurations WHERE id = \(id)").first.map(configuration)
        }
        return try await database.rows(
            """
            SELECT v.id, v.name, v.description, v.scenario, v.version, c.created_at, v.updated_at
            FROM configuration_versions v JOIN configurations c ON c.id = v.id
            WHERE v.id = \(id) AND v.version = \(version)
            """
        ).first.map(configuration)
    }

    /// Configurations by id, those after one.
    func list(after id: String, limit: Int) async throws -> [Configuration] {
        try await database.rows("SELECT * FROM configurations WHERE id > \(id) ORDER BY id LIMIT \(limit)")
            .map(configuration)
    }

    /// Whether there was one.
    func delete(_ id: String) async throws -> Bool {
        try await database.write { connection in
            try await connection.execute("DELETE FROM configuration_versions WHERE id = \(id)")
            return try await connection.execute("DELETE FROM configurations WHERE id = \(id)") > 0
        }
    }

    private func keep(_ made: Configuration, on connection: some SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO configuration_versions (id, version, name, description, scenario, updated_at)
            VALUES (\(made.id), \(made.version), \(made.name), \(made.description), \(made.scenario), \(made.updatedAt))
            """)
    }
}

private func configuration(_ row: SQLRow) throws -> ConfigurationStore.Configuration {
    ConfigurationStore.Configuration(
        id: try row.decode("id"), name: try row.decode("name"), description: try row.decode("description"),
        scenario: try row.decode("scenario"), version: try row.decode("version"),
        createdAt: try row.decode("created_at"),
        updatedAt: try row.decode("updated_at"))
}

/// Milliseconds since 1970.
func milliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

/// ISO 8601 of milliseconds since 1970.
func moment(_ milliseconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
}
