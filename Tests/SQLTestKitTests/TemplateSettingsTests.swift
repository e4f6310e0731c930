import SQLTestKit
import Testing

/// A copy of a template has the settings that the template's closure gave to its database.
@Suite("Settings of a template", needsPostgres)
struct TemplateSettingsTests {
    private static let clinic = PostgresTemplate { database in
        try await database.withConnection {
            try await $0.executeScript(
                """
                CREATE SCHEMA app; CREATE SCHEMA "Other, one";
                DO $$ BEGIN
                    EXECUTE format('ALTER DATABASE %I SET search_path = app, "Other, one", "$user"', current_database());
                    EXECUTE format('ALTER DATABASE %I SET app.tenant = %L', current_database(), 'it''s = \\ 42');
                    EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''',
                        current_database());
                    EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET work_mem = ''7MB''', current_database());
                END $$
                """)
        }
    }

    private static let empty = PostgresTemplate { database in
        try await database.withConnection {
            try await $0.executeScript(
                """
                DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = ''''', current_database()); END $$
                """)
        }
    }

    @Test func `copies have the settings of their template, for all roles and for one`() async throws {
        for _ in 0..<2 {
            try await PostgresTestServer.shared().withDatabase(template: Self.clinic) { database in
                let row = try await database.query(
                    """
                    SELECT current_setting('search_path') AS path, current_setting('app.tenant') AS tenant,
                        current_setting('default_transaction_isolation') AS isolation,
                        current_setting('work_mem') AS memory, current_schemas(false)::text AS schemas
                    """)[0]
                #expect(try row["path", as: String.self] == #"app, "Other, one", "$user""#)
                #expect(try row["tenant", as: String.self] == #"it's = \ 42"#)
                #expect(try row["isolation", as: String.self] == "repeatable read")
                #expect(try row["memory", as: String.self] == "7MB")
                #expect(try row["schemas", as: String.self] == #"{app,"Other, one"}"#)
            }
        }
    }

    @Test func `an empty list of schemas stays empty`() async throws {
        try await PostgresTestServer.shared().withDatabase(template: Self.empty) { database in
            let found = try await database.query("SELECT current_setting('search_path')")[0].decode(String.self)
            #expect(found == #""""#)
        }
    }
}
