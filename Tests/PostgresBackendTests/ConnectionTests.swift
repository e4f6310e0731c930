import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

@Suite(needsServer) struct ConnectionTests {
    @Test func `a statement binds its values and returns its rows`() async throws {
        try await withConnection { connection in
            for round in 1...3 {
                let rows = try await connection.query(
                    "SELECT \(round)::int4 AS number, \("it's; --")::text AS word, \(nil as Int?)::int8 AS nothing")
                #expect(rows.count == 1)
                let number: Int = try rows[0].decode("number")
                let word: String = try rows[0].decode("word")
                let nothing: Int? = try rows[0].decode("nothing")
                #expect(number == round)
                #expect(word == "it's; --")
                #expect(nothing == nil)
            }
        }
    }

    @Test func `a script runs several statements and a failed one names its position`() async throws {
        try await withConnection { connection in
            try await connection.executeScript(
                "CREATE TEMP TABLE t (a int); INSERT INTO t SELECT generate_series(1, 5)")
            #expect(try await connection.execute("DELETE FROM t WHERE a > \(2)") == 3)
            let error = await #expect(throws: PostgresError.self) { try await connection.query("SELEC 1") }
            #expect(error?.code == .syntax)
            #expect(error?.position == 1)
            #expect(try await connection.number("SELECT count(*) AS n FROM t") == 2)
        }
    }

    @Test func `a transaction commits what it did or leaves nothing`() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (a int)")
            try await connection.withTransaction { try await $0.execute("INSERT INTO t VALUES (1)") }
            struct Stop: Error {}
            await #expect(throws: Stop.self) {
                try await connection.withTransaction { connection in
                    try await connection.execute("INSERT INTO t VALUES (2)")
                    throw Stop()
                }
            }
            #expect(connection.transactionStatus == .idle)
            #expect(try await connection.number("SELECT sum(a) AS n FROM t") == 1)
        }
    }

    @Test func `a cancelled task goes on at once and the next statement is unharmed`() async throws {
        try await withConnection { connection in
            let slow = Task { try await connection.execute("SELECT pg_sleep(30)") }
            try await waitUntil { try await isActive(connection.backendID) }
            let start = ContinuousClock.now
            slow.cancel()
            await #expect(throws: CancellationError.self) { try await slow.value }
            #expect(try await connection.number("SELECT 7 AS n") == 7)
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test func `a statement past its deadline is cancelled on the server`() async throws {
        try await withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.execute("SELECT pg_sleep(30)", timeout: .milliseconds(100))
            }
            #expect(error?.code == .timeout)
            let answer = try await connection.number("SELECT 7 AS n")
            #expect(answer == 7)
        }
    }

    @Test func `statements of many tasks on one connection run one after the other`() async throws {
        try await withConnection { connection in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<100 {
                    group.addTask { try await connection.number("SELECT \(number)::int4") }
                }
                var sum = 0
                for try await number in group { sum += number }
                #expect(sum == 4950)
            }
        }
    }
}

extension PostgresConnection {
    /// The one integer that a statement returns.
    func number(_ query: SQLQuery) async throws -> Int {
        let rows = try await self.query(query)
        return try #require(rows.first).decode(0, as: Int.self)
    }
}

/// Waits until a condition holds; fails the test after ten seconds.
func waitUntil(
    _ limit: Duration = .seconds(10), location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "the condition did not come to hold", sourceLocation: location)
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Whether a backend runs a statement, as the server sees it.
func isActive(_ backend: Int32) async throws -> Bool {
    try await withConnection {
        try await $0.query("SELECT 1 AS n FROM pg_stat_activity WHERE pid = \(Int(backend)) AND state = 'active'").count
            == 1
    }
}
