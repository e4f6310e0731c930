import ConnectionPool
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Lends a database of its own to a body and shuts it down afterwards.
func withDatabase<Result>(
    size: Int = 4, dsn: String? = nil, configure: (inout PostgresConfiguration) -> Void = { _ in },
    pool adjust: (inout PoolConfiguration) -> Void = { _ in }, _ body: (PostgresDatabase) async throws -> Result
) async throws -> Result {
    let server = try await PostgresServer.shared()
    var configuration = try PostgresConfiguration(dsn ?? server.dsn())
    configure(&configuration)
    var poolConfiguration = PoolConfiguration(size: size, maxOverflow: 0)
    adjust(&poolConfiguration)
    let database = try PostgresDatabase(configuration: configuration, poolConfiguration: poolConfiguration)
    do {
        let result = try await body(database)
        await database.shutdown()
        return result
    } catch {
        await database.shutdown()
        throw error
    }
}

@Suite(needsServer) struct DatabaseTests {
    @Test func `many tasks share few connections`() async throws {
        try await withDatabase { database in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await database.query("SELECT \(number)::int4 AS n")[0].decode("n", as: Int.self)
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 19_900)
            #expect(database.pool.statistics.created <= 4)
        }
    }

    @Test func `a transaction that lost to another runs again`() async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        try await withDatabase(dsn: dsn) { database in
            try await database.withConnection {
                try await $0.executeScript("CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<10 {
                            try await database.withTransaction(
                                isolation: .serializable, retry: TransactionRetry(attempts: 50, pause: .milliseconds(1))
                            ) { connection in
                                let n = try await connection.number("SELECT n FROM counter")
                                try await connection.execute("UPDATE counter SET n = \(n + 1)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let n = try await database.query("SELECT n FROM counter")[0].decode("n", as: Int.self)
            #expect(n == 40)
        }
    }

    @Test func `a listener hears what is said and listens again after its connection was ended`() async throws {
        try await withDatabase { database in
            var events = database.notifications(on: ["news \"today\""]).makeAsyncIterator()
            guard case .listening = try await events.next() else {
                Issue.record("it did not listen")
                return
            }
            try await database.notify("news \"today\"", "one")
            guard case .notification(let first) = try await events.next() else {
                Issue.record("it did not hear")
                return
            }
            #expect(first.payload == "one")
            _ = try await database.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE \("LISTEN \"news%")")
            guard case .interrupted = try await events.next(), case .listening = try await events.next() else {
                Issue.record("it did not notice the end of its connection")
                return
            }
            try await database.notify("news \"today\"", "two")
            guard case .notification(let second) = try await events.next() else {
                Issue.record("it did not hear again")
                return
            }
            #expect(second.payload == "two")
        }
    }

    @Test func `a listener ends when its task is cancelled`() async throws {
        try await withDatabase { database in
            let (signal, started) = AsyncStream<Void>.makeStream()
            let listener = Task {
                for try await _ in database.notifications(on: ["silence"]) { started.yield() }
            }
            var seen = signal.makeAsyncIterator()
            await seen.next()
            listener.cancel()
            await #expect(throws: CancellationError.self) { try await listener.value }
        }
    }

    @Test func `what a borrower left behind is gone for the next`() async throws {
        try await withDatabase(size: 1) { database in
            let before = try await database.withConnection { connection in
                try await connection.executeScript("BEGIN; CREATE TEMP TABLE left_behind (a int)")
                try await connection.execute("SET search_path TO nowhere")
                try await connection.execute("SELECT pg_advisory_lock(4711)")
                return connection.backendID
            }
            try await database.withConnection { connection in
                #expect(connection.backendID == before)
                #expect(connection.transactionStatus == .idle)
                let path = try await connection.query("SHOW search_path")[0].decode(0, as: String.self)
                #expect(!path.contains("nowhere"))
                let timeout = try await connection.query("SHOW statement_timeout")[0].decode(0, as: String.self)
                #expect(timeout == "30s")
                await #expect(throws: PostgresError.self) { try await connection.query("SELECT * FROM left_behind") }
            }
        }
    }
}
