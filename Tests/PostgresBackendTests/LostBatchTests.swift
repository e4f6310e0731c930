import ConnectionPool
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// What is said of a request of several statements whose connection is lost.
@Suite(needsServer) struct LostBatchTests {
    @Test(arguments: [
        "SELECT 1/0", "SELECT raise_it('40001')", "SELECT raise_it('23505')", "INSERT INTO lost VALUES (1)",
    ])
    func `the error of one statement is not that of a lost connection`(statement: String) async throws {
        try await withDatabase(size: 1) { database in
            try await database.withConnection { connection in
                try await connection.executeScript(
                    """
                    CREATE TEMPORARY TABLE lost (a int PRIMARY KEY);
                    CREATE OR REPLACE FUNCTION pg_temp.raise_it(state text) RETURNS int LANGUAGE plpgsql
                    AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = state; END $$
                    """)
                let query = SQLQuery(unsafe: statement.replacing("raise_it", with: "pg_temp.raise_it"))
                let error = await #expect(throws: PostgresError.self) {
                    _ = try await connection.batch([
                        "INSERT INTO lost VALUES (1)", query, "SELECT pg_terminate_backend(pg_backend_pid())",
                        "INSERT INTO lost VALUES (2)",
                    ])
                }
                #expect(error?.closesConnection == true && error?.isRetryable == false)
                #expect(error?.outcome == .unknown)
                // What comes later on the same loan is told of the loss, not of that statement.
                let later = await #expect(throws: PostgresError.self) { _ = try await connection.query("SELECT 1") }
                #expect(later?.closesConnection == true && later?.isRetryable == false)
            }
            #expect(try await database.query("SELECT 1").count == 1)
        }
    }
}

/// A read-only transaction stays one.
@Suite(needsServer) struct ReadOnlySettingTests {
    static let statements = [
        "SELECT set_config('transaction_read_only', NULL, true)",
        "select pg_catalog.SET_CONFIG('Transaction_Read_Only','off',true)",
        "RESET transaction_read_only", "SET LOCAL transaction_read_only = DEFAULT", "SET\ttransaction_read_only TO off",
        "SET transaction_read_only=0", "SET SESSION transaction_read_only TO DEFAULT",
        "DO $$ BEGIN PERFORM set_config('transaction_read_only', NULL, true); END $$",
        "/* transaction_read_only */ SET /**/ \"transaction_read_only\" = DEFAULT",
    ]

    @Test(arguments: statements) func `nothing puts transaction_read_only back`(statement: String) async throws {
        try await withDatabase(size: 1) { database in
            try await database.execute("CREATE TABLE IF NOT EXISTS read_only_marks (a text)")
            let insert: SQLQuery = "INSERT INTO read_only_marks VALUES (\(statement))"
            let query = SQLQuery(unsafe: statement)
            _ = try? await database.read { connection in
                try await connection.withTransaction { connection in
                    _ = try await connection.query(query)
                    try await connection.execute(insert)
                }
            }
            _ = try? await database.read { connection in
                try await connection.executeScript(statement + "; INSERT INTO read_only_marks VALUES ('x')")
            }
            _ = try? await database.read { connection in try await connection.pipeline([query, insert]) }
            let error = await #expect(throws: PostgresError.self) {
                try await database.withTransaction(readOnly: true) { connection in
                    _ = try await connection.query("SELECT 1")
                    _ = try await connection.query(query)
                    try await connection.execute(insert)
                }
            }
            #expect(error?.code == .readOnly || error?.code == .notSupported)
            #expect(try await database.query("SELECT 1 FROM read_only_marks WHERE a IN ('x', \(statement))").isEmpty)
        }
    }

    @Test func `the setting may be read`() async throws {
        try await withDatabase(size: 1) { database in
            let values = try await database.read { connection in
                try await connection.query("SELECT current_setting('transaction_read_only')").decode(String.self)
                    + connection.query("SHOW transaction_read_only").decode(String.self)
            }
            #expect(values.first == "on" && values.count == 2)
        }
    }
}
