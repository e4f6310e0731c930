import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// A batch equals its statements told one by one, whatever was prepared before and whatever changes in between.
@Suite(needsServer, .serialized) struct BatchOrderTests {
    /// 300 batches; more in `VITALS_TEST_BATCHES`.
    @Test func `a batch does what its statements do one by one`() async throws {
        let environment = ProcessInfo.processInfo.environment
        let rounds = environment["VITALS_TEST_BATCHES"].flatMap { Int($0) } ?? 300
        let seed = environment["VITALS_TEST_SEED"].flatMap { UInt64($0) } ?? 20_261
        var random = SplitMix64(seed: seed)
        let dsn = try await PostgresServer.shared().makeDatabase()
        var statements = 0
        var failures = 0
        try await withConnection(dsn: dsn) { batched in
            try await withConnection(dsn: dsn) { single in
                for (connection, schema) in [(batched, "batched"), (single, "single")] {
                    try await connection.executeScript("CREATE SCHEMA \(schema); SET search_path = \(schema)")
                    try await connection.executeScript(Self.schema)
                }
                for round in 0..<rounds {
                    let batch = Self.batch(&random)
                    let results = try await batched.batch(batch)
                    var expected: [Result<PostgresResult, PostgresError>] = []
                    for statement in batch { expected.append(await Self.result(of: statement, single)) }
                    statements += batch.count
                    failures += expected.count { (try? $0.get()) == nil }
                    for (index, (result, expected)) in zip(results, expected).enumerated() {
                        #expect(
                            Self.text(result) == Self.text(expected),
                            "seed \(seed), batch \(round), statement \(index) of \(batch.map(\.sql))")
                    }
                    for connection in [batched, single] { _ = try? await connection.executeScript("ROLLBACK") }
                    let left = try await Self.state(batched)
                    let right = try await Self.state(single)
                    #expect(left == right, "seed \(seed), batch \(round): \(batch.map(\.sql))")
                    // Another session changes the schema behind what is prepared.
                    if random.next() % 3 == 0 {
                        let change = Self.changes[Int(random.next() % UInt64(Self.changes.count))]
                        try await withConnection(dsn: dsn) { other in
                            for schema in ["batched", "single"] {
                                _ = try? await other.executeScript("SET search_path = \(schema); \(change)")
                            }
                        }
                    }
                }
            }
        }
        print("batches: seed \(seed), \(rounds) batches, \(statements) statements, \(failures) failed alike")
        #expect(failures > statements / 50)
    }

    private static let schema = """
        CREATE TABLE a (id serial PRIMARY KEY, v int NOT NULL DEFAULT 1);
        INSERT INTO a (v) VALUES (1), (2), (3);
        CREATE TABLE b (id serial PRIMARY KEY, t text);
        """

    private static let changes = [
        "ALTER TABLE a ADD COLUMN IF NOT EXISTS note text", "ALTER TABLE a DROP COLUMN IF EXISTS note",
        "ALTER TABLE a ALTER COLUMN v TYPE bigint", "ALTER TABLE a ALTER COLUMN v TYPE int",
        "CREATE TABLE IF NOT EXISTS later (x int)", "DROP TABLE IF EXISTS later",
    ]

    private static func batch(_ random: inout SplitMix64) -> [SQLQuery] {
        let pool: [SQLQuery] = [
            "UPDATE a SET v = v * 2 % 1000 RETURNING *", "UPDATE a SET v = v + 1", "SELECT * FROM a ORDER BY id",
            "INSERT INTO a (v) VALUES (\(Int(random.next() % 50))) RETURNING *", "INSERT INTO b (t) VALUES (\("x"))",
            "DELETE FROM a WHERE v > 500", "SELECT count(*) FROM a", "SELECT max(v) FROM a", "SELECT 1 / 0",
            "INSERT INTO later VALUES (1)", "SELECT * FROM later", "CREATE TABLE later (x int)", "DROP TABLE later",
            "ALTER TABLE a ADD COLUMN note text", "ALTER TABLE a DROP COLUMN note", "DEALLOCATE ALL", "BEGIN",
            "SAVEPOINT s", "ROLLBACK TO s", "COMMIT", "ROLLBACK", "SELEC 1", "SELECT t FROM b ORDER BY id LIMIT 3",
            "DELETE FROM b WHERE id = \(Int(random.next() % 20)) RETURNING *",
        ]
        let count = 1 + Int(random.next() % 9)
        var batch: [SQLQuery] = []
        while batch.count < count {
            let statement = pool[Int(random.next() % UInt64(pool.count))]
            // Now and then several in a row.
            for _ in 0...(random.next() % 4 == 0 ? Int(random.next() % 5) : 0) { batch.append(statement) }
        }
        return batch
    }

    private static func result(
        of statement: SQLQuery, _ connection: PostgresConnection
    ) async -> Result<PostgresResult, PostgresError> {
        do {
            return .success(try await connection.run(statement, prepared: false))
        } catch let error as PostgresError {
            return .failure(error)
        } catch {
            return .failure(PostgresError(.server, "\(error)"))
        }
    }

    private static func text(_ result: Result<PostgresResult, PostgresError>) -> String {
        switch result {
        case .success(let result): "\(result.commandTag) \(result.rows.map { "\($0)" })"
        case .failure(let error): "\(error.code) \(error.sqlState.map(\.rawValue) ?? "")"
        }
    }

    private static func state(_ connection: PostgresConnection) async throws -> [String] {
        var state: [String] = []
        for query: SQLQuery in ["SELECT * FROM a ORDER BY id", "SELECT * FROM b ORDER BY id"] {
            state += try await connection.query(query).map { "\($0)" }
        }
        return state
    }
}
