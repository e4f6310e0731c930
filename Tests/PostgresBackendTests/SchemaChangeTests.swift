import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// A statement that is kept prepared does what it would do if it were prepared now.
@Suite(needsServer, .serialized) struct SchemaChangeTests {
    /// A column's type and texts that it takes, each of which the next type may take otherwise.
    private static let types = [
        "int", "bigint", "numeric", "text", "varchar(20)", "char(8)", "timestamptz", "timestamp", "date", "interval",
        "jsonb", "json", "uuid", "bool", "schema_mood", "schema_count", "bytea", "inet", "float8", "name", "time",
    ]
    private static let texts = [
        " 007", "01.500", "2026-01-01 12:00+05", "{\"a\": 1,  \"a\": 2}", "yes", "ok", "\\x41", "1e3", "  x  ",
        "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "10.0.0.1/32", "1 day 24:00", "infinity", "",
    ]

    private func outcome(_ body: () async throws -> [SQLRow]) async -> String {
        do {
            return try await body().map { "\($0.values)" }.joined(separator: ";")
        } catch let error as PostgresError {
            return error.sqlState?.rawValue ?? error.code.rawValue
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: 0..<4) func `text is stored as a statement prepared now stores it, whatever the column was before`(
        seed: UInt64
    ) async throws {
        var random = SplitMix64(seed: seed)
        var compared = 0
        try await withConnection { other in
            try await other.executeScript(
                """
                DROP TABLE IF EXISTS schema_column; DROP TYPE IF EXISTS schema_mood; DROP DOMAIN IF EXISTS schema_count;
                CREATE TYPE schema_mood AS ENUM ('ok', 'yes', ''); CREATE DOMAIN schema_count AS int;
                """)
            try await withConnection { kept in
                for _ in 0..<60 {
                    let type = Self.types.randomElement(using: &random) ?? "text"
                    try await other.executeScript(
                        "DROP TABLE IF EXISTS schema_column; CREATE TABLE schema_column (v \(type))")
                    for _ in 0..<4 {
                        let text = Self.texts.randomElement(using: &random) ?? ""
                        let insert: SQLQuery = "INSERT INTO schema_column VALUES (\(text)) RETURNING v::text"
                        let find: SQLQuery = "SELECT count(*) FROM schema_column WHERE v = \(text)"
                        for query in [insert, find] {
                            let fresh = await outcome { try await other.run(query, prepared: false).rows }
                            let reused = await outcome { try await kept.query(query) }
                            compared += 1
                            #expect(reused == fresh, "\(type), \(text): \(query.sql)")
                        }
                    }
                }
            }
            try await other.executeScript(
                "DROP TABLE schema_column; DROP TYPE schema_mood; DROP DOMAIN schema_count")
        }
        print("schema changes: seed \(seed), \(compared) statements compared")
    }

    @Test func `tenants with different types under one name get what is theirs`() async throws {
        try await withConnection { connection in
            try await connection.executeScript(
                """
                DROP SCHEMA IF EXISTS tenant_a, tenant_b CASCADE; CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b;
                CREATE TABLE tenant_a.k (v int); CREATE TABLE tenant_b.k (v text);
                """)
            for round in 0..<6 {
                let tenant = round % 2 == 0 ? "tenant_a" : "tenant_b"
                let stored = try await connection.withTransaction(retry: .standard) { connection in
                    _ = try await connection.query("SELECT set_config('search_path', \(tenant), true)")
                    return try await connection.query("INSERT INTO k VALUES (\(" 08")) RETURNING v::text AS v")
                }
                #expect(try stored[0].decode("v", as: String.self) == (round % 2 == 0 ? "8" : " 08"))
            }
            try await connection.executeScript("DROP SCHEMA tenant_a, tenant_b CASCADE")
        }
    }

    @Test func `a type that is dropped and made again is found again`() async throws {
        try await withConnection { connection in
            for labels in ["'a', 'b'", "'b', 'c'", "'c'"] {
                try await connection.executeScript(
                    """
                    DROP TABLE IF EXISTS schema_again; DROP TYPE IF EXISTS schema_kind;
                    CREATE TYPE schema_kind AS ENUM (\(labels)); CREATE TABLE schema_again (k schema_kind);
                    """)
                let label = String(labels.suffix(2).first ?? "c")
                for _ in 0..<3 {
                    try await connection.execute("INSERT INTO schema_again VALUES (\(label))")
                    let count = try await connection.number("SELECT count(*) FROM schema_again WHERE k = \(label)")
                    #expect(count > 0)
                }
            }
            try await connection.executeScript("DROP TABLE schema_again; DROP TYPE schema_kind")
        }
    }

    @Test func `a pipeline of ten thousand texts costs the same a text as one of a thousand`() async throws {
        try await withConnection { connection in
            func time(_ count: Int, _ salt: String) async throws -> Duration {
                let queries = (0..<count).map { SQLQuery(unsafe: "SELECT \($0) AS \(salt)") }
                let start = ContinuousClock.now
                let results = try await connection.pipeline(queries)
                #expect(results.count == count)
                return (ContinuousClock.now - start) / count
            }
            _ = try await time(1000, "warm")
            let (small, large) = (try await time(1000, "a"), try await time(10_000, "b"))
            #expect(large < small * 4, "\(small) and \(large) a statement")
        }
    }

    @Test func `in a transaction the error tells to run it again, and a retry does`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        let query: SQLQuery = "SELECT * FROM changed WHERE k < \(5)"
        try await withConnection(dsn: dsn) { other in
            try await withDatabase(size: 1, dsn: dsn) { database in
                try await other.executeScript("CREATE TABLE changed AS SELECT 1 AS k, 2 AS v")
                for (retries, type) in [(false, "text"), (true, "int")] {
                    for _ in 0..<3 { _ = try await database.query(query) }
                    try await other.executeScript("ALTER TABLE changed ALTER v TYPE \(type) USING v::\(type)")
                    if retries {
                        let rows = try await database.withTransaction(retry: .standard) { try await $0.query(query) }
                        #expect(try rows[0].decode("v", as: Int.self) == 2)
                    } else {
                        let error = await #expect(throws: PostgresError.self) {
                            try await database.withTransaction { try await $0.query(query) }
                        }
                        #expect(error?.isRetryable == true && error?.outcome == .notApplied)
                        #expect(error?.description.hasSuffix("changed; run the transaction again)") == true)
                    }
                }
            }
        }
    }

    @Test func `what was to be prepared again when its time was over ends as interrupted`() async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        let query: SQLQuery = "SELECT * FROM changed"
        try await withConnection(dsn: dsn) { other in
            try await other.executeScript("CREATE TABLE changed (a int)")
            try await withDatabase(size: 1, dsn: dsn, configure: { $0.hosts[0].port = proxy.port }) { database in
                for (round, way) in InterruptedWay.allCases.enumerated() {
                    for isCancelled in [false, true] {
                        for _ in 0..<2 { _ = try await database.query(query) }
                        try await other.executeScript("ALTER TABLE changed ADD COLUMN b\(round)\(isCancelled) int")
                        // The answer is on its way, or the statement is, when the time is over.
                        proxy.delay(.milliseconds(100))
                        let task = Task { try await way.send(query, isCancelled ? nil : .milliseconds(60), database) }
                        if isCancelled {
                            try await Task.sleep(for: .milliseconds(60))
                            task.cancel()
                        }
                        let result = await task.result
                        proxy.heal()
                        switch result {
                        case .success: Issue.record("\(way): the statement ran")
                        case .failure(let error as PostgresError):
                            // A batch tells what became of each statement.
                            #expect(error.code == (isCancelled ? .cancelled : .timeout), "\(way): \(error)")
                            #expect(!isCancelled || way == .batch, "\(way): \(error)")
                            #expect(error.outcome == .notApplied && !error.isRetryable, "\(way): \(error)")
                        case .failure(let error): #expect(isCancelled && error is CancellationError, "\(way): \(error)")
                        }
                    }
                }
            }
        }
    }

    /// The ways of sending a statement that may be stale.
    private enum InterruptedWay: CaseIterable {
        case single, pipeline, batch, relayed, reading

        func send(_ query: SQLQuery, _ timeout: Duration?, _ database: PostgresDatabase) async throws {
            switch self {
            case .single: try await database.withConnection { _ = try await $0.query(query, timeout: timeout) }
            case .pipeline:
                try await database.withConnection { _ = try await $0.pipeline(["SELECT 1", query], timeout: timeout) }
            case .batch:
                try await database.withConnection {
                    _ = try await $0.batch(["SELECT 1", query], timeout: timeout)[1].get()
                }
            case .relayed: _ = try await database.query(query, timeout: timeout)
            case .reading: try await database.read { _ = try await $0.query(query, timeout: timeout) }
            }
        }
    }
}
