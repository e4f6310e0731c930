import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// A statement that is kept prepared runs on the tables that its names mean now, also where a table was created in front
/// of another: the server notices when a table goes, not when one comes.
@Suite(needsServer) struct NameChangeTests {
    private struct Undo: Error {}

    private static let delete: SQLQuery = "DELETE FROM t"

    /// Lends a session in which `DELETE FROM t` is prepared, and expects the three rows of the permanent table `t` to be
    /// there afterwards.
    private func withPreparedDelete(_ body: (PostgresConnection) async throws -> Void) async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withConnection(dsn: dsn) { connection in
            // The first temporary table changes the session's search path; later ones change nothing that the server checks.
            try await connection.executeScript("CREATE TABLE t (v text); CREATE TEMP TABLE other (v text)")
            for _ in 0..<3 { try await connection.execute(Self.delete) }
            try await connection.executeScript("INSERT INTO t VALUES ('a'), ('b'), ('c')")
            try await body(connection)
        }
        try await withConnection(dsn: dsn) { connection in
            let count = try await connection.number("SELECT count(*) FROM public.t")
            #expect(count == 3)
        }
    }

    private static let creations = [
        "CREATE TEMP TABLE t (v text)", "create /* t */ temporary view t as select 'x' as v from other",
        "SELECT 'x' AS v INTO TEMP t", "WITH w AS (SELECT 'x' AS v) SELECT * INTO TEMPORARY TABLE t FROM w",
        "ALTER TABLE other RENAME TO t", "EXPLAIN (ANALYZE) CREATE TEMP TABLE t AS SELECT 'x' AS v",
        "CREATE TEMP TABLE t AS SELECT 'x' AS v", "DO $$ BEGIN CREATE TEMP TABLE t (v text); END $$",
    ]

    @Test(arguments: creations) func `a statement of its own that creates or renames`(creation: String) async throws {
        let query = SQLQuery(unsafe: creation)
        let isView = creation.contains("view")
        nonisolated(nonsending) func delete(_ connection: PostgresConnection) async throws {
            do { try await connection.execute(Self.delete) } catch {
                // There is no deleting from such a view.
                guard isView else { throw error }
            }
        }
        try await withPreparedDelete { connection in
            try await connection.execute(query)
            for _ in 0..<3 { try await delete(connection) }
        }
        await #expect(throws: Never.self) {
            try await withPreparedDelete { connection in
                try await connection.executeScript("SELECT 1; \(creation)")
                try await delete(connection)
            }
        }
        try await withPreparedDelete { connection in
            try await connection.withRows(of: query) { rows in for try await _ in rows {} }
            try await delete(connection)
        }
        try await withPreparedDelete { connection in
            let results = try await connection.batch([query, Self.delete, Self.delete])
            for result in results where !isView { _ = try result.get() }
            try await delete(connection)
        }
        guard !isView else { return }
        try await withPreparedDelete { connection in
            _ = try await connection.pipeline([query, Self.delete, Self.delete])
            try await delete(connection)
        }
        try await withPreparedDelete { connection in
            try await connection.withTransaction { connection in
                try await connection.execute(query)
                try await connection.withSavepoint { try await $0.execute(Self.delete) }
                try await connection.execute(Self.delete)
            }
            try await delete(connection)
        }
    }

    @Test func `a table in an earlier schema of the search path`() async throws {
        try await withPreparedDelete { connection in
            try await connection.executeScript("CREATE SCHEMA s1; SET search_path = s1, public")
            try await connection.withTransaction { connection in
                for _ in 0..<3 { try await connection.execute("DELETE FROM t WHERE v = 'no'") }
            }
            try await connection.execute("CREATE TABLE s1.t (v text)")
            try await connection.execute("INSERT INTO t VALUES ('no')")
            try await connection.execute("DELETE FROM t WHERE v = 'no'")
            let left = try await connection.number("SELECT count(*) FROM s1.t")
            #expect(left == 0)
        }
    }

    @Test(arguments: [false, true])
    func `what a rolled back DROP or RENAME has brought back`(usesSavepoint: Bool) async throws {
        for change in ["DROP TABLE pg_temp.t", "ALTER TABLE pg_temp.t RENAME TO gone"] {
            try await withPreparedDelete { connection in
                try await connection.execute("CREATE TEMP TABLE t (v text)")
                try await connection.withTransaction { connection in
                    nonisolated(nonsending) func changeAndUndo(_ connection: PostgresConnection) async throws {
                        try await connection.execute(SQLQuery(unsafe: change))
                        // On the permanent table, undone at once.
                        for _ in 0..<3 { try await connection.execute(Self.delete) }
                        throw Undo()
                    }
                    guard usesSavepoint else { return }
                    await #expect(throws: Undo.self) { try await connection.withSavepoint(changeAndUndo) }
                    try await connection.execute(Self.delete)
                }
                guard !usesSavepoint else { return }
                try await connection.executeScript("BEGIN; \(change)")
                for _ in 0..<3 { try await connection.execute(Self.delete) }
                try await connection.execute("ROLLBACK")
                try await connection.execute(Self.delete)
                try await connection.execute(Self.delete)
            }
        }
    }

    @Test func `afterwards statements are kept prepared again`() async throws {
        try await withConnection { connection in
            func isKept(_ word: String) async throws -> Bool {
                try await connection.number(
                    "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE \("SELECT '\(word)%")") == 1
            }
            for round in 0..<3 {
                _ = try await connection.query("SELECT 'before'")
                try await connection.execute(SQLQuery(unsafe: "CREATE TEMP TABLE kept\(round) (v text)"))
                _ = try await connection.query("SELECT 'after'")
                #expect(try await isKept("after"))
                #expect(try await !isKept("before"))
                // In transactions, each of which begins where no other is open.
                try await connection.withTransaction { connection in
                    try await connection.execute(SQLQuery(unsafe: "CREATE TEMP TABLE kept_too\(round) (v text)"))
                }
                try await connection.withTransaction { connection in _ = try await connection.query("SELECT 'within'") }
                #expect(try await isKept("within"))
                #expect(try await !isKept("after"))
            }
        }
    }

    @Test(arguments: [
        "SELECT 1", "INSERT INTO t VALUES (1)", "WITH w AS (INSERT INTO t VALUES (1) RETURNING v) SELECT * FROM w",
        "UPDATE t SET v = 1", "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", "BEGIN", "COMMIT", "ROLLBACK",
        "SET LOCAL search_path = s1", "TRUNCATE t", "SELECT \"create\", 'create' -- into", "SAVEPOINT a", "SHOW a",
        "EXPLAIN SELECT 1", "FETCH c", "NOTIFY a", "LOCK TABLE t", "ANALYZE", "COPY t FROM STDIN",
    ]) func `what changes no name leaves statements prepared`(statement: String) {
        #expect(!StatementTraits(statement).mayChangeNames)
    }
}
