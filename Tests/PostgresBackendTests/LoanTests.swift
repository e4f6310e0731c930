import ConnectionPool
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Lends a pool of one connection, directly or through a pooler of transactions, in an empty schema.
private func withPool(
    isPooled: Bool = false, _ body: (PostgresDatabase) async throws -> Void
) async throws {
    let server = try await PostgresServer.shared()
    let pooler = isPooled ? try await PgBouncerServer.start(for: server, mode: .transaction) : nil
    let dsn = pooler?.dsn(of: server, parameters: ["pooling": "transaction"]) ?? server.dsn()
    let database = try PostgresDatabase(
        configuration: PostgresConfiguration(dsn), poolConfiguration: PoolConfiguration(size: 1, maxOverflow: 0))
    let result: Result<Void, any Error>
    do { result = .success(try await body(database)) } catch { result = .failure(error) }
    await database.shutdown()
    await pooler?.remove()
    try result.get()
}

/// How a statement can be sent.
private enum Way: CaseIterable {
    case execute, query, again, unprepared, pipeline, second, batch, rows, script, copyOut

    func send(_ sql: String, _ connection: PostgresConnection) async throws {
        let query = SQLQuery(unsafe: sql)
        switch self {
        case .execute: try await connection.execute(query)
        case .query: _ = try await connection.query(query)
        case .again: for _ in 0...2 { _ = try await connection.query(query) }
        case .unprepared: _ = try await connection.run(query, prepared: false)
        case .pipeline: _ = try await connection.pipeline([query])
        case .second: _ = try await connection.pipeline(["SELECT 1", query])
        case .batch:
            let results = try await connection.batch(["SELECT 1", query, "SELECT 2"])
            let neighbours = try [results[0], results[2]].map { try $0.get().rows.count }
            #expect(neighbours == [1, 1])
            _ = try results[1].get()
        case .rows: try await connection.withRows(of: query) { rows in for try await _ in rows {} }
        case .script: try await connection.executeScript("SELECT 1; " + sql)
        case .copyOut:
            guard sql.hasSuffix("RETURNING 1") || sql.hasPrefix("SELECT") else {
                throw PostgresError(.notSupported, "no query")
            }
            _ = try await connection.copyOut("COPY (\(sql)) TO STDOUT") { chunks in for try await _ in chunks {} }
        }
    }
}

/// What a borrower may do with a connection, and for how long.
@Suite(needsServer, .serialized) struct LoanTests {
    private static let writes = [
        "INSERT INTO loan_rows VALUES (1)", "UPDATE loan_rows SET a = 2", "DELETE FROM loan_rows RETURNING 1",
        "INSERT INTO loan_rows VALUES (3) RETURNING 1", "TRUNCATE loan_rows", "CREATE TABLE loan_more (a int)",
        "WITH new AS (INSERT INTO loan_rows VALUES (4) RETURNING a) SELECT a FROM new", "SELECT loan_write()",
        "SELECT * INTO loan_more FROM loan_rows", "SELECT nextval('loan_numbers')", "DROP TABLE loan_rows",
        "SELECT a FROM loan_rows FOR UPDATE", "DO 'BEGIN INSERT INTO loan_rows VALUES (5); END'",
        "CALL loan_commit()", "EXPLAIN ANALYZE INSERT INTO loan_rows VALUES (6)", "ALTER TABLE loan_rows ADD b int",
        "CREATE INDEX CONCURRENTLY loan_index ON loan_rows (a)", "VACUUM FULL loan_rows",
        "BEGIN", "COMMIT", "START TRANSACTION READ WRITE", "ROLLBACK",
        "SELECT set_config('transaction_read_only', 'off', true), loan_write()",
    ]
    private static let setup = """
        DROP TABLE IF EXISTS loan_rows, loan_more; DROP SEQUENCE IF EXISTS loan_numbers;
        CREATE TABLE loan_rows (a int); INSERT INTO loan_rows VALUES (0); CREATE SEQUENCE loan_numbers;
        CREATE OR REPLACE FUNCTION loan_write() RETURNS int LANGUAGE SQL AS 'INSERT INTO loan_rows VALUES (7) RETURNING a';
        CREATE OR REPLACE PROCEDURE loan_commit() LANGUAGE plpgsql AS
            'BEGIN COMMIT; INSERT INTO loan_rows VALUES (8); END';
        """

    @Test(arguments: [false, true]) func `read refuses every statement that writes, however it is sent`(
        isPooled: Bool
    ) async throws {
        try await withPool(isPooled: isPooled) { database in
            try await database.withWriter { try await $0.executeScript(Self.setup) }
            var refused = 0
            var opened = database.pool.statistics.created
            for sql in Self.writes {
                for way in Way.allCases {
                    do {
                        try await database.read { try await way.send(sql, $0) }
                        Issue.record("\(sql) ran, sent by \(way)")
                    } catch let error as PostgresError {
                        let isRight = [.readOnly, .notSupported, .server, .dataError].contains(error.code)
                        #expect(isRight && error.outcome == .notApplied, "\(sql), sent by \(way): \(error)")
                        refused += 1
                    }
                    let (state, names) = try await database.read { connection in
                        (
                            try await connection.number("SELECT coalesce(sum(a), -1) FROM loan_rows"),
                            try await connection.number("SELECT count(*) FROM pg_class WHERE relname LIKE 'loan\\_%'")
                        )
                    }
                    // A refusal costs no connection.
                    #expect(database.pool.statistics.created == opened, "\(sql), sent by \(way)")
                    opened = database.pool.statistics.created
                    try #require(state == 0 && names == 2, "\(sql), sent by \(way), wrote")
                }
                try await database.write { try await $0.execute("UPDATE loan_rows SET a = a") }
            }
            print("read: \(refused) refused")
        }
    }

    @Test(arguments: [false, true]) func `read returns what a query returns, and its errors say where`(
        isPooled: Bool
    ) async throws {
        try await withPool(isPooled: isPooled) { database in
            let query: SQLQuery = "SELECT i, i::text AS t FROM generate_series(1, \(3)) i"
            let expected = try await database.query(query)
            try await database.read { connection in
                for _ in 0...2 {
                    let single = try await connection.query(query)
                    #expect(single == expected)
                    let both = try await connection.pipeline([query, query]).map(\.rows)
                    #expect(both == [expected, expected])
                    let batch = try await connection.batch([query, "SELECT 1 / 0", query])
                    let neighbours = try [batch[0], batch[2]].map { try $0.get().rows }
                    #expect(neighbours == [expected, expected])
                    #expect(throws: PostgresError.self) { _ = try batch[1].get() }
                    let streamed = try await connection.withRows(of: query) { rows in
                        try await rows.reduce(into: []) { $0.append($1) }
                    }
                    #expect(streamed == expected)
                    let copied = try await connection.copyOut("COPY (SELECT 5) TO STDOUT") { chunks in
                        try await chunks.reduce(into: []) { $0 += $1 }
                    }
                    #expect(copied == Array("5\n".utf8))
                    try await connection.withTransaction { connection in
                        let rows = try await connection.query(query)
                        #expect(rows == expected)
                    }
                }
                for opening in [
                    "SET TRANSACTION READ WRITE", "SELECT set_config('transaction_read_only', 'off', true)",
                ] {
                    await #expect(throws: PostgresError.self) {
                        try await connection.withTransaction { connection in
                            try await connection.execute(SQLQuery(unsafe: opening))
                        }
                    }
                }
                for (sql, place) in [("SELECT 'é'; SELECT nothing", 20), ("SELECT 1; SELECT )", 18)] {
                    let error = await #expect(throws: PostgresError.self) { try await connection.executeScript(sql) }
                    #expect(error?.position == place, "\(sql)")
                }
                let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT nothing") }
                #expect(error?.position == 8)
            }
        }
    }

    @Test func `read goes on after the server has discarded its prepared statements`() async throws {
        try await withPool { database in
            try await database.withWriter {
                try await $0.executeScript(
                    """
                    CREATE OR REPLACE FUNCTION loan_forget() RETURNS void LANGUAGE plpgsql AS
                        'BEGIN DEALLOCATE ALL; END'
                    """)
            }
            for _ in 0...2 {
                try await database.read { connection in
                    #expect(try await connection.number("SELECT 1") == 1)
                    // The driver cannot see what it does.
                    _ = try await connection.query("SELECT loan_forget()")
                    #expect(try await connection.number("SELECT 1") == 1)
                    _ = try await connection.query("SELECT loan_forget()")
                    let both = try await connection.batch(["SELECT 1", "SELECT 2"]).map { try $0.get().rows.count }
                    #expect(both == [1, 1])
                }
            }
        }
    }

    @Test func `a connection is refused after its loan, whatever it is asked for`() async throws {
        try await withPool { database in
            try await database.withWriter { try await $0.executeScript(Self.setup) }
            for isReadOnly in [false, true] {
                let kept =
                    if isReadOnly { try await database.read { $0 } } else { try await database.withConnection { $0 } }
                // The same session is another borrower's now, within a transaction.
                try await database.withTransaction { connection in
                    for way in Way.allCases {
                        let error = await #expect(throws: PostgresError.self) {
                            try await way.send("SELECT 1", kept)
                        }
                        #expect(error?.code == .notSupported || way == .copyOut, "\(way)")
                    }
                    let transaction = await #expect(throws: PostgresError.self) {
                        try await kept.withTransaction { _ in }
                    }
                    #expect(transaction?.code == .notSupported)
                    await #expect(throws: PostgresError.self) { try await kept.withSavepoint { _ in } }
                    await #expect(throws: PostgresError.self) {
                        try await kept.copyIn("COPY loan_rows FROM STDIN") { _ in }
                    }
                    let rows = try await connection.number("SELECT count(*) FROM loan_rows")
                    #expect(rows == 1)
                }
            }
        }
    }

    @Test func `a statement that waits in line when its loan ends never runs`() async throws {
        try await withPool { database in
            try await database.withWriter { try await $0.executeScript(Self.setup) }
            var refusals = 0
            for _ in 0..<50 {
                let late = try await database.withConnection { connection in
                    let late = Task {
                        try await connection.execute("INSERT INTO loan_rows VALUES (9)")
                    }
                    _ = try await connection.query("SELECT 1")
                    return late
                }
                do {
                    _ = try await database.write { try await $0.query("SELECT pg_sleep(0.001)") }
                    _ = try await late.value
                } catch let error as PostgresError {
                    #expect(error.code == .notSupported)
                    refusals += 1
                }
            }
            let rows = try await database.read { try await $0.number("SELECT count(*) FROM loan_rows WHERE a = 9") }
            #expect(rows == 50 - refusals)
        }
    }
}
