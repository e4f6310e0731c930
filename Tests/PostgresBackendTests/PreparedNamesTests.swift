import ConnectionPool
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Prepared statements behind a proxy that gives each transaction any of few server sessions, without the setting for it.
@Suite(.enabled(if: PgBouncerServer.canStart, "needs pgbouncer and PostgreSQL's programs")) struct PreparedNamesTests {
    @Test func `behind an unannounced pooler of transactions each client runs its own statements`() async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let name = String(dsn.split(separator: "/").last ?? "")
        try await server.run(
            sql: """
                CREATE TABLE kept (n int);
                INSERT INTO kept SELECT generate_series(1, 100);
                ALTER DATABASE \(name) SET vitals.settings = 'sent';
                """, database: name)
        let pooler = try await PgBouncerServer.start(
            for: server, mode: .transaction,
            settings: ["ignore_startup_parameters": "options", "default_pool_size": "3"])
        let clients = try (0..<4).map { _ in
            try PostgresDatabase(
                configuration: PostgresConfiguration(pooler.dsn(of: server, database: name)),
                poolConfiguration: PoolConfiguration(size: 3))
        }
        var wrong = 0
        try await withThrowingTaskGroup(of: Int.self) { group in
            for (number, client) in clients.enumerated() {
                group.addTask {
                    var wrong = 0
                    for round in 0..<150 {
                        // Statements of many texts, in another order for each client.
                        let text = (round * (number + 3)) % 17
                        let query = SQLQuery(
                            unsafe: "SELECT \(text)::int4 AS text, $1::int4 AS n", [.integer(Int64(round))])
                        let row = try await client.query(query)[0]
                        let answer = try row.decode(Int.self, Int.self)
                        if answer != (text, round) { wrong += 1 }
                        if round % 10 == 0 {
                            try await client.execute("DELETE FROM kept WHERE n = \(-1 - round) AND n < \(number)")
                        }
                    }
                    return wrong
                }
            }
            for try await count in group { wrong += count }
        }
        #expect(wrong == 0)
        let left = try await clients[0].query("SELECT count(*) FROM kept")[0].decode(0, as: Int.self)
        #expect(left == 100)
        for client in clients { await client.shutdown() }
        await pooler.remove()
    }

    @Test func `another client's statement of the same text serves this one, and a lost one is prepared again`()
        async throws
    {
        try await withConnection { connection in
            let query: SQLQuery = "SELECT \(7) AS n, 'prepared once' AS words"
            _ = try await connection.query(query)
            let name = try await connection.query(
                "SELECT name FROM pg_prepared_statements WHERE statement LIKE '%prepared once%' AND statement NOT LIKE '%LIKE%'"
            )[0]
            .decode(0, as: String.self)
            // As another client of the pooler would leave the session: without ours, then with one of that name.
            try await connection.executeScript("DEALLOCATE \(name)")
            for _ in 0..<2 {
                #expect(try await connection.query(query)[0].decode("n", as: Int.self) == 7)
                let results = try await connection.batch([query, query])
                for result in results { #expect(try result.get().rows[0].decode("n", as: Int.self) == 7) }
                connection.session.statements.removeAll()
                #expect(try await connection.query(query)[0].decode("n", as: Int.self) == 7)
                try await connection.executeScript("DEALLOCATE \(name)")
            }
        }
    }

    @Test(arguments: ["C", "de_DE"]) func `a changed table is no error in any language`(language: String) async throws {
        try await withConnection { connection in
            // Messages in German where the server has them; the SQLSTATE and the routine's name decide.
            _ = try? await connection.executeScript("SET lc_messages = '\(language).UTF-8'")
            try await connection.executeScript("CREATE TEMP TABLE changing (a int); INSERT INTO changing VALUES (1)")
            for round in 0..<3 {
                for _ in 0..<2 {
                    let rows = try await connection.query("SELECT * FROM changing")
                    #expect(rows[0].columns.count == round + 1)
                }
                try await connection.executeScript("ALTER TABLE changing ADD COLUMN b\(round) int")
                for result in try await connection.batch(["SELECT * FROM changing", "SELECT 1"]) {
                    _ = try result.get()
                }
                try await connection.executeScript("ALTER TABLE changing DROP COLUMN b\(round)")
                _ = try await connection.pipeline(["SELECT * FROM changing", "SELECT 1"])
                try await connection.executeScript("ALTER TABLE changing ADD COLUMN b\(round) int")
            }
        }
    }

    @Test func `a cursor that is declared anew is read by its own columns`() async throws {
        try await withConnection { connection in
            try await connection.withTransaction { connection in
                try await connection.execute("DECLARE c CURSOR FOR SELECT 1::int4 AS a FROM generate_series(1, 9)")
                for _ in 0..<3 {
                    let row = try await connection.query("FETCH c")[0]
                    #expect(row.values == [.integer(1)])
                }
                try await connection.execute("CLOSE c")
                try await connection.execute("DECLARE c CURSOR FOR SELECT 'ABCD'::text AS name")
                let row = try await connection.query("FETCH c")[0]
                #expect(row.columns == ["name"] && row.values == [.text("ABCD")])
            }
        }
    }
}
