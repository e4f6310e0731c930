import DriverExecutors
import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// What `withTransaction` promises holds whatever its body sends.
@Suite(needsServer, .serialized) struct TransactionPromiseTests {
    private static let ends = ["COMMIT", "END", "ROLLBACK", "ABORT", "ROLLBACK AND CHAIN", "PREPARE TRANSACTION 'x'"]

    private static func send(_ sql: String, _ way: Int, _ connection: PostgresConnection) async throws {
        let query = SQLQuery(unsafe: sql)
        switch way {
        case 0: try await connection.execute(query)
        case 1: _ = try await connection.query(query)
        case 2: _ = try await connection.run(query, prepared: false)
        case 3: _ = try await connection.pipeline([query])
        case 4: _ = try await connection.batch([query]).first?.get()
        case 5: try await connection.withRows(of: query) { _ in }
        default: try await connection.executeScript("SELECT 1; \(sql)")
        }
    }

    @Test(arguments: ends) func `a body cannot end its own transaction`(_ end: String) async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE kept (way int)")
            for way in 0...6 {
                try await connection.withTransaction { connection in
                    try await connection.execute("INSERT INTO kept VALUES (\(way))")
                    await #expect(throws: PostgresError.self) { try await Self.send(end, way, connection) }
                    try await connection.withSavepoint { connection in
                        await #expect(throws: PostgresError.self) { try await Self.send(end, way, connection) }
                    }
                    try await connection.executeScript(
                        "SAVEPOINT a; ROLLBACK TO SAVEPOINT a; ROLLBACK TRANSACTION TO a; RELEASE a")
                }
            }
            #expect(try await connection.number("SELECT count(*) FROM kept") == 7)
        }
    }

    @Test func `words of other statements end no transaction`() async throws {
        try await withConnection { connection in
            try await connection.withTransaction { connection in
                try await connection.executeScript(
                    """
                    CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE SQL
                        BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;
                    CREATE TEMP TABLE t (a int, "commit" int);
                    CREATE RULE r AS ON INSERT TO t DO ALSO (NOTIFY x; NOTIFY y);
                    """)
                try await connection.execute("INSERT INTO t VALUES (1, 2)")
            }
            #expect(try await connection.number("SELECT \"commit\" FROM t") == 2)
        }
    }

    @Test func `COMMIT of a failed transaction is an error in every way of sending`() async throws {
        try await withConnection { connection in
            for way in 0...6 {
                try await connection.execute("BEGIN")
                _ = try? await connection.execute("SELECT 1 / 0")
                // A script fails at its first statement already.
                await #expect {
                    try await Self.send("COMMIT", way, connection)
                } throws: { ($0 as? PostgresError)?.code == .transactionAborted }
                _ = try? await connection.execute("ROLLBACK")
            }
            try await connection.executeScript("BEGIN")
            _ = try? await connection.execute("SELECT 1 / 0")
            await #expect(throws: PostgresError.self) { try await connection.executeScript("COMMIT; SELECT 1") }
        }
    }

    @Test func `a read-only part of a transaction refuses to write, and the rest does not`() async throws {
        try await withConnection { connection in
            try await connection.execute("CREATE TABLE IF NOT EXISTS promise_rows (a int)")
            for isKept in [true, false] {
                try await connection.withTransaction { connection in
                    try await connection.execute("INSERT INTO promise_rows VALUES (1)")
                    await #expect {
                        try await connection.withTransaction(readOnly: true) { connection in
                            if !isKept { try await connection.execute("INSERT INTO promise_rows VALUES (2)") }
                            _ = try await connection.query("SELECT 1")
                            throw CancellationError()
                        }
                    } throws: { isKept ? $0 is CancellationError : ($0 as? PostgresError)?.code == .readOnly }
                    try await connection.withTransaction(readOnly: true) { connection in
                        let count = try await connection.number("SELECT count(*) FROM promise_rows")
                        #expect(count > 0)
                    }
                    try await connection.execute("INSERT INTO promise_rows VALUES (3)")
                }
            }
            #expect(try await connection.number("SELECT count(*) FROM promise_rows WHERE a = 2") == 0)
            #expect(try await connection.number("SELECT count(*) FROM promise_rows WHERE a = 3") == 2)
            try await connection.execute("DROP TABLE promise_rows")
        }
    }

    @Test func `a stricter isolation level inside a transaction is refused`() async throws {
        try await withConnection { connection in
            for outer: IsolationLevel? in [nil] + IsolationLevel.allCases {
                for inner in IsolationLevel.allCases {
                    try await connection.withTransaction(isolation: outer) { connection in
                        let holds = outer.map { $0 >= inner } ?? false
                        do {
                            try await connection.withTransaction(isolation: inner) { _ in }
                            #expect(holds, "\(inner) within \(String(describing: outer))")
                        } catch let error as PostgresError {
                            #expect(!holds && error.code == .notSupported)
                        }
                        _ = try await connection.query("SELECT 1")
                    }
                }
            }
        }
    }

    @Test func `a longer time limit leaves the borrower's own in force`() async throws {
        var configuration = try PostgresConfiguration(try await PostgresServer.shared().makeDatabase())
        configuration.statementTimeout = .seconds(3)
        let backend = PostgresConnectionBackend(configuration: configuration, loops: loops)
        let connection = try await backend.connect()
        func limit() async throws -> String? {
            try await connection.query("SHOW statement_timeout")[0].decode(String.self)
        }
        func longer() async throws {
            _ = try await connection.query("SELECT 1", timeout: .seconds(60))
            try await connection.withRows(of: "SELECT 1") { rows in for try await _ in rows {} }
            try await connection.copyOut("COPY (SELECT 1) TO STDOUT") { chunks in for try await _ in chunks {} }
            _ = try await connection.pipeline(["SELECT 1", "SELECT 2"], timeout: .seconds(60))
            _ = try await connection.batch(["SELECT 1", "SELECT 2"], timeout: .seconds(60))
            try await connection.executeScript("SELECT 1", timeout: .seconds(60))
        }
        try await longer()
        #expect(try await limit() == "3s")
        try await connection.execute("SET statement_timeout = '7s'")
        try await longer()
        #expect(try await limit() == "7s")
        try await connection.withTransaction { connection in
            try await connection.execute("SET LOCAL statement_timeout = '5s'")
            try await longer()
            #expect(try await limit() == "5s")
        }
        #expect(try await limit() == "7s")
        try await connection.withTransaction { _ in try await longer() }
        #expect(try await limit() == "7s")
        await backend.close(connection)
    }

    @Test func `an answer that nothing asked for is not the next statement's`() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        var configuration = try PostgresConfiguration(server.dsn())
        configuration.hosts[0].port = proxy.port
        for (round, isLate) in [false, true, false, true].enumerated() {
            let backend = PostgresConnectionBackend(configuration: configuration, loops: loops)
            let connection = try await backend.connect()
            // Answers that are awaited in place, and such as the loop receives.
            for _ in 0...(round < 2 ? 0 : 30) { _ = try await connection.query("SELECT pg_sleep(0.0005)") }
            let text = "unasked \(round)"
            proxy.repeatPiece(with: text, after: isLate ? .milliseconds(30) : .zero)
            #expect(try await connection.query("SELECT \(text)")[0].decode(String.self) == text)
            proxy.heal()
            while isLate, connection.session.isSilent { try await Task.sleep(for: .milliseconds(1)) }
            // The loop has looked by its turn after the next.
            for _ in 0..<2 {
                await withCheckedContinuation { turn in connection.session.loop.execute { turn.resume() } }
            }
            await #expect {
                _ = try await connection.query("SELECT 17")
            } throws: {
                let error = $0 as? PostgresError
                return error?.code == .protocolViolation && error?.outcome == .notApplied
            }
            #expect(!backend.isOpen(connection))
            await backend.close(connection)
        }
    }

    @Test func `an error of rows that nobody reads is thrown`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE unread (a int PRIMARY KEY)")
            await #expect(throws: PostgresError.self) { try await connection.withRows(of: "SELEC 1") { _ in } }
            await #expect(throws: PostgresError.self) {
                try await connection.withRows(of: "INSERT INTO unread VALUES (1), (1) RETURNING a") { _ in }
            }
            try await connection.withRows(of: "INSERT INTO unread SELECT generate_series(1, 200000) RETURNING a") {
                rows in
                for try await _ in rows { break }
            }
            #expect(try await connection.number("SELECT count(*) FROM unread") == 200_000)
            await #expect(throws: PostgresError.self) {
                try await connection.copyOut("COPY (SELECT 1 / 0) TO STDOUT") { _ in }
            }
            await #expect(throws: PostgresError.self) { try await connection.copyOut("DELETE FROM unread") { _ in } }
            await #expect(throws: PostgresError.self) { try await connection.copyIn("DELETE FROM unread") { _ in } }
            #expect(try await connection.number("SELECT count(*) FROM unread") == 200_000)
        }
    }
}
