import ConnectionPool
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

@Suite(needsServer) struct ErrorTests {
    /// A code of the server, what it is here, and what it means for the connection and the transaction.
    static let states: [(state: SQLState, code: PostgresError.Code)] = [
        ("23505", .uniqueViolation), ("23503", .foreignKeyViolation), ("23502", .notNullViolation),
        ("23514", .checkViolation), ("23P01", .exclusionViolation), ("25006", .readOnly),
        ("40001", .serializationFailure), ("40P01", .deadlock), ("55P03", .lockNotAvailable), ("57014", .cancelled),
        ("57P01", .serverShutdown), ("57P03", .serverNotReady), ("53300", .tooManyConnections),
        ("53100", .outOfResources), ("54000", .outOfResources), ("3D000", .unknownDatabase),
        ("42501", .permissionDenied), ("42601", .syntax), ("42P05", .server), ("26000", .server),
        ("42P01", .undefinedObject), ("42703", .undefinedObject),
        ("22003", .dataError), ("28P01", .authenticationFailed), ("08006", .connectionLost), ("XX000", .server),
        ("P0001", .server),
    ]

    @Test(arguments: states.indices) func `what the server raises is told apart by its code`(index: Int) async throws {
        let (state, code) = Self.states[index]
        try await withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.executeScript(
                    "DO $$ BEGIN RAISE EXCEPTION 'of its own accord' USING ERRCODE = '\(state)', HINT = 'do so'; END $$"
                )
            }
            #expect(error?.code == code)
            #expect(error?.sqlState == state)
            #expect(error?.hint == "do so")
            #expect(error?.description.contains("[\(state)]") == true)
            // Prepared statements that another client of a pooler has, or has not, may be there the next time.
            let isRetryable = code == .serializationFailure || code == .deadlock || ["42P05", "26000"].contains(state)
            #expect(error?.isRetryable == isRetryable)
        }
    }

    @Test func `a violated constraint names itself and keeps the row's values out of the description`() async throws {
        try await withConnection { connection in
            try await connection.executeScript(
                "CREATE TEMP TABLE people (id int PRIMARY KEY, name text NOT NULL CHECK (name <> ''))")
            try await connection.execute("INSERT INTO people VALUES (4711, 'hunter2')")
            let twice = await #expect(throws: PostgresError.self) {
                try await connection.execute("INSERT INTO people VALUES (4711, 'x')")
            }
            #expect(twice?.constraint == "people_pkey")
            #expect(twice?.detail?.contains("4711") == true)
            #expect(twice?.description.contains("4711") == false)
            let missing = await #expect(throws: PostgresError.self) {
                try await connection.execute("INSERT INTO people (id) VALUES (1)")
            }
            #expect(missing?.column == "name")
            let wrong = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT 1 FROM nowhere")
            }
            #expect(wrong?.position == 15)
        }
    }

    @Test func `a savepoint undoes its part, at any depth, and the transaction goes on`() async throws {
        struct Stop: Error {}
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (a int PRIMARY KEY)")
            try await connection.withTransaction { connection in
                try await connection.execute("INSERT INTO t VALUES (1)")
                await #expect(throws: PostgresError.self) {
                    try await connection.withTransaction { try await $0.execute("INSERT INTO t VALUES (1)") }
                }
                await #expect(throws: Stop.self) {
                    try await connection.withSavepoint { connection in
                        try await connection.execute("INSERT INTO t VALUES (2)")
                        try await connection.withSavepoint { try await $0.execute("INSERT INTO t VALUES (3)") }
                        throw Stop()
                    }
                }
                try await connection.withSavepoint { try await $0.execute("INSERT INTO t VALUES (4)") }
            }
            let kept = try await connection.query("SELECT a FROM t ORDER BY a").map { try $0.decode(0, as: Int.self) }
            #expect(kept == [1, 4])
            #expect(connection.transactionStatus == .idle)
        }
    }

    @Test func `a password that rotates is taken for the next connection`() async throws {
        let server = try await PostgresServer.shared()
        let current = Guarded("secret")
        try await withDatabase(
            size: 1, dsn: server.dsn(user: "guarded"), configure: { $0.password = .provider { current.with { $0 } } }
        ) { database in
            _ = try await database.query("SELECT 1")
            current.with { $0 = "stale" }
            database.pool.evictAll()
            await #expect(throws: PoolError.self) {
                try await database.withConnection(timeout: .milliseconds(400)) { _ = try await $0.query("SELECT 1") }
            }
            current.with { $0 = "secret" }
            try await waitUntil { (try? await database.query("SELECT 1")) != nil }
        }
    }
}
