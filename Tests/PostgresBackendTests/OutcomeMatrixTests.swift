import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Every way of sending × every kind of trouble × inside and outside a transaction, at random moments. A second
/// connection looks at what became of it: whatever the call said must be true.
@Suite(needsServer, .serialized) struct OutcomeMatrixTests {
    enum Way: CaseIterable {
        case execute, query, stream, pipeline, batch, copyIn, copyOut, commit
        /// COMMIT as a statement of the user's own, sent in each way in turn.
        case ownCommit
        /// A result that nobody reads.
        case unreadStream, unreadCopyOut
        /// A result that cannot be read.
        case undecodable
    }
    enum Trouble: CaseIterable { case none, error, deferredError, cancel, timeout, killed, cut, answerLost }

    /// What the call said of one row.
    enum Claim: Equatable { case applied, notApplied, unknown }

    struct Cell {
        let way: Way
        let trouble: Trouble
        let inTransaction: Bool
        let marker: Int
        /// Seconds the statement takes, and the moment of the trouble.
        let length: Double
        let moment: Double

        /// The rows that the call writes. Those of a batch stand by themselves.
        var rows: [Int] {
            switch way {
            case .execute, .query, .stream, .commit, .ownCommit, .unreadStream, .undecodable: [marker]
            case .pipeline: [marker, marker + 1]
            case .batch, .copyIn, .copyOut, .unreadCopyOut: [marker, marker + 1, marker + 2]
            }
        }
        var parent: Int { trouble == .deferredError ? 99 : 1 }
        var isCommit: Bool { way == .commit || way == .ownCommit }
        var table: String { isCommit ? "slow_effects" : "effects" }
        var limit: Duration? { trouble == .timeout ? .seconds(moment) : nil }
        var seconds: Double { trouble == .error || trouble == .deferredError ? 0 : length }
        /// A divisor that fails the statement, or not.
        var divisor: Int { trouble == .error ? 0 : 1 }
    }

    /// 3 rounds of every cell; more in `VITALS_TEST_OUTCOME_ROUNDS`.
    @Test func `whatever a call says of its effect is true`() async throws {
        let environment = ProcessInfo.processInfo.environment
        let rounds = environment["VITALS_TEST_OUTCOME_ROUNDS"].flatMap { Int($0) } ?? 3
        let seed = environment["VITALS_TEST_SEED"].flatMap { UInt64($0) } ?? 20_260
        var random = SplitMix64(seed: seed)
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        var claims: [Claim: Int] = [:]
        var count = 0
        try await withConnection(dsn: dsn) { truth in
            try await truth.executeScript(Self.schema)
            for _ in 0..<rounds {
                for way in Way.allCases {
                    for trouble in Trouble.allCases {
                        for inTransaction in [false, true] {
                            count += 1
                            let cell = Cell(
                                way: way, trouble: trouble, inTransaction: inTransaction, marker: count * 10,
                                length: Double(random.next() % 12_000) / 1_000_000,
                                moment: Double(1_000 + random.next() % 11_000) / 1_000_000)
                            for claim in try await Self.check(cell, proxy, dsn, truth) {
                                claims[claim, default: 0] += 1
                            }
                        }
                    }
                }
            }
        }
        print("outcome matrix: seed \(seed), \(count) cells, rows claimed: \(claims)")
        #expect(claims[.applied] ?? 0 > count / 8)
        #expect(claims[.notApplied] ?? 0 > count / 8)
        #expect(claims[.unknown] ?? 0 > 0)
    }

    private static let schema = """
        CREATE TABLE parents (id int PRIMARY KEY);
        INSERT INTO parents VALUES (1);
        CREATE TABLE effects (
            marker int PRIMARY KEY, parent int NOT NULL REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE slow_effects (LIKE effects);
        ALTER TABLE slow_effects ADD COLUMN seconds float8,
            ADD FOREIGN KEY (parent) REFERENCES parents DEFERRABLE INITIALLY DEFERRED;
        CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(NEW.seconds); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON slow_effects DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION sleep();
        """

    /// Runs a cell and compares what it said with what is there.
    private static func check(
        _ cell: Cell, _ proxy: FaultProxy, _ dsn: String, _ truth: PostgresConnection
    ) async throws -> [Claim] {
        proxy.heal()
        var configuration = try PostgresConfiguration(dsn)
        configuration.hosts[0].port = proxy.port
        let backend = PostgresConnectionBackend(configuration: configuration, loops: loops)
        let connection = try await backend.connect()
        let pid = Int(connection.backendID)
        let task = Task { await run(cell, connection) }
        let trouble = Task {
            try await Task.sleep(for: .seconds(cell.moment))
            switch cell.trouble {
            case .none, .error, .deferredError, .timeout: break
            case .cancel: task.cancel()
            case .killed: _ = try await truth.query("SELECT pg_terminate_backend(\(pid))")
            case .cut: proxy.cut()
            case .answerLost:
                proxy.blackHole()
                try await Task.sleep(for: .milliseconds(20))
                proxy.cut()
            }
        }
        let claims = await task.value
        _ = await trouble.result
        await backend.close(connection)
        // The server may still be at it when its client is gone.
        while try await truth.number("SELECT count(*) FROM pg_stat_activity WHERE pid = \(pid)") > 0 {
            try await Task.sleep(for: .milliseconds(2))
        }
        for (row, claim) in zip(cell.rows, claims) {
            let query: SQLQuery =
                cell.isCommit
                ? "SELECT count(*) FROM slow_effects WHERE marker = \(row)"
                : "SELECT count(*) FROM effects WHERE marker = \(row)"
            let isThere = try await truth.number(query) == 1
            #expect(claim == .unknown || isThere == (claim == .applied), "\(cell): row \(row) is said to be \(claim)")
        }
        return claims
    }

    private static func run(_ cell: Cell, _ connection: PostgresConnection) async -> [Claim] {
        do {
            if cell.way == .commit {
                try await connection.withTransaction { connection in
                    try await connection.execute(
                        "INSERT INTO slow_effects VALUES (\(cell.marker) / \(cell.divisor), \(cell.parent), \(cell.seconds))"
                    )
                }
                return [.applied]
            }
            if cell.way == .ownCommit { return [try await commit(cell, connection)] }
            if cell.inTransaction {
                let claims = try await connection.withTransaction { try await send(cell, $0) }
                // In a transaction an error within a batch fails the whole.
                return claims.map { $0 == .applied ? .applied : .notApplied }
            }
            return try await send(cell, connection)
        } catch let error as PostgresError {
            // What a statement applied was undone with its transaction.
            let claim = claim(error)
            return cell.rows.map { _ in claim == .applied && cell.inTransaction ? .notApplied : claim }
        } catch {
            #expect(error is CancellationError || error is DivisionByZero, "\(cell): \(error)")
            return cell.rows.map { _ in .notApplied }
        }
    }

    private struct DivisionByZero: Error {}

    private static func claim(_ error: PostgresError) -> Claim {
        switch error.outcome {
        case .unknown: .unknown
        case .applied: .applied
        case .notApplied: .notApplied
        }
    }

    /// A transaction by hand. Whatever became of its statements, COMMIT tells the truth.
    private static func commit(_ cell: Cell, _ connection: PostgresConnection) async throws -> Claim {
        try await connection.execute("BEGIN")
        _ = try? await connection.execute(
            "INSERT INTO slow_effects VALUES (\(cell.marker) / \(cell.divisor), \(cell.parent), \(cell.seconds))")
        switch cell.marker / 10 % 7 {
        case 0: try await connection.execute("COMMIT", timeout: cell.limit)
        case 1: _ = try await connection.query("END", timeout: cell.limit)
        case 2: _ = try await connection.run("COMMIT", timeout: cell.limit, prepared: false)
        case 3: _ = try await connection.batch(["SELECT 1", "COMMIT"], timeout: cell.limit)[1].get()
        case 4: _ = try await connection.pipeline(["SELECT 1", "COMMIT"], timeout: cell.limit)
        case 5: try await connection.withRows(of: "COMMIT", timeout: cell.limit) { _ in }
        default: try await connection.executeScript("SELECT 1; COMMIT", timeout: cell.limit)
        }
        return .applied
    }

    private static func send(_ cell: Cell, _ connection: PostgresConnection) async throws -> [Claim] {
        func insert(_ row: Int, returning: Bool = false) -> SQLQuery {
            returning
                ? """
                INSERT INTO effects SELECT \(row) / \(cell.divisor), \(cell.parent) FROM pg_sleep(\(cell.seconds))
                RETURNING marker
                """
                : "INSERT INTO effects SELECT \(row) / \(cell.divisor), \(cell.parent) FROM pg_sleep(\(cell.seconds))"
        }
        switch cell.way {
        case .execute, .commit, .ownCommit: try await connection.execute(insert(cell.marker), timeout: cell.limit)
        case .query: _ = try await connection.query(insert(cell.marker, returning: true), timeout: cell.limit)
        case .stream:
            try await connection.withRows(of: insert(cell.marker, returning: true), timeout: cell.limit) { rows in
                for try await _ in rows {}
            }
        case .unreadStream:
            try await connection.withRows(of: insert(cell.marker, returning: true), timeout: cell.limit) { _ in }
        case .undecodable:
            _ = try await connection.query(
                """
                INSERT INTO effects SELECT \(cell.marker) / \(cell.divisor), \(cell.parent) FROM pg_sleep(\(cell.seconds))
                RETURNING timestamp '294276-12-31'
                """, timeout: cell.limit)
        case .pipeline: _ = try await connection.pipeline(cell.rows.map { insert($0) }, timeout: cell.limit)
        case .batch:
            let results = try await connection.batch(cell.rows.map { insert($0) }, timeout: cell.limit)
            return results.map {
                switch $0 {
                case .success: .applied
                case .failure(let error): claim(error)
                }
            }
        case .copyIn:
            try await connection.copyIn("COPY effects FROM STDIN", timeout: cell.limit) { writer in
                for row in cell.rows {
                    if cell.divisor == 0 { throw DivisionByZero() }
                    try await writer.write([.integer(Int64(row)), .integer(Int64(cell.parent))])
                    try await Task.sleep(for: .seconds(cell.seconds / 3))
                }
            }
        case .copyOut, .unreadCopyOut:
            let rows = cell.rows.map { "(\($0) / \(cell.divisor), \(cell.parent))" }.joined(separator: ", ")
            let copy = """
                COPY (WITH pause AS MATERIALIZED (SELECT pg_sleep(\(cell.seconds))) INSERT INTO effects SELECT a, b FROM pause,
                    (VALUES \(rows)) AS rows (a, b) RETURNING marker) TO STDOUT
                """
            try await connection.copyOut(copy, timeout: cell.limit) { chunks in
                if cell.way == .copyOut { for try await _ in chunks {} }
            }
        }
        return cell.rows.map { _ in .applied }
    }
}
