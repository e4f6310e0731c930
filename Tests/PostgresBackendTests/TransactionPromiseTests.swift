import ConnectionPool
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

    /// A transaction whose body throws at its end.
    private static func withRollback(
        _ connection: PostgresConnection, _ body: (PostgresConnection) async throws -> Void
    ) async throws {
        do {
            try await connection.withTransaction { connection in
                try await body(connection)
                throw CancellationError()
            }
        } catch is CancellationError {}
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

    @Test(arguments: ends.prefix(4)) func `nor by a statement that has run before and is kept prepared`(_ end: String)
        async throws
    {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE kept_before (way int)")
            for way in 0...5 {
                for _ in 0...2 {
                    try await connection.execute("BEGIN")
                    try await Self.send(end, way, connection)
                }
                try await Self.withRollback(connection) { connection in
                    try await connection.execute("INSERT INTO kept_before VALUES (\(way))")
                    await #expect(throws: PostgresError.self) { try await Self.send(end, way, connection) }
                }
            }
            #expect(try await connection.number("SELECT count(*) FROM kept_before") == 0)
        }
    }

    @Test func `nor where a string hides its end from the driver, or a function's body`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE hidden (way int)")
            let hidden = [
                "SELECT 'it\\'s'; COMMIT; SELECT 'a'",
                "CREATE FUNCTION pg_temp.g() RETURNS int BEGIN ATOMIC SELECT 1 AS case; END; COMMIT; BEGIN",
                "CREATE FUNCTION pg_temp.h() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; END; BEGIN",
                "CREATE FUNCTION pg_temp.k() RETURNS int BEGIN ATOMIC END; ROLLBACK; BEGIN",
            ]
            try await connection.execute("SET standard_conforming_strings = off")
            for (way, script) in hidden.enumerated() {
                try await Self.withRollback(connection) { connection in
                    try await connection.execute("INSERT INTO hidden VALUES (\(way))")
                    let error = await #expect(throws: PostgresError.self) {
                        try await connection.executeScript(script)
                    }
                    #expect(error?.code == .notSupported, "\(script)")
                }
            }
            #expect(try await connection.number("SELECT count(*) FROM hidden") == 0)
            // A name that only looks like an end is none.
            try await connection.withTransaction { connection in
                try await connection.executeScript(
                    "CREATE FUNCTION pg_temp.l() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT 2; END; SELECT 3")
            }
        }
    }

    @Test func `a stricter level than that of one's own BEGIN, which is not known, is refused`() async throws {
        try await withConnection { connection in
            try await connection.execute("BEGIN")
            for level in IsolationLevel.allCases {
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.withTransaction(isolation: level) { _ in }
                }
                #expect(error?.code == .notSupported)
            }
            try await connection.withTransaction { _ = try await $0.query("SELECT 1") }
            try await connection.execute("COMMIT")
        }
    }

    @Test func `what a task sends that outlives the body is refused, and a loan of its own is not`() async throws {
        let server = try await PostgresServer.shared()
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration(server.dsn()), poolConfiguration: PoolConfiguration(size: 1))
        try await database.withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE outlived (way int)")
            let (ended, signal) = AsyncStream<Void>.makeStream()
            let late = try await connection.withTransaction { connection in
                Task {
                    for await _ in ended {}
                    let error = await #expect(throws: PostgresError.self) {
                        try await connection.execute("INSERT INTO outlived VALUES (1)")
                    }
                    #expect(error?.code == .notSupported)
                    await #expect(throws: PostgresError.self) { try await connection.withTransaction { _ in } }
                    await #expect(throws: PostgresError.self) { try await connection.executeScript("BEGIN") }
                }
            }
            signal.finish()
            await late.value
            #expect(try await connection.number("SELECT count(*) FROM outlived") == 0)
            #expect(connection.transactionStatus == .idle)
        }
        let (ended, signal) = AsyncStream<Void>.makeStream()
        let late = try await database.withTransaction { _ in
            Task {
                for await _ in ended {}
                // The same session, lent anew.
                let one = try await database.withConnection { try await $0.number("SELECT 1") }
                return try await one + database.query("SELECT 2::int8")[0].decode(0, as: Int.self)
            }
        }
        signal.finish()
        #expect(try await late.value == 3)
        await database.shutdown()
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
            #expect(backend.isOpen(connection) == false)
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
