import ConnectionPool
import Foundation
import SQLDatabase
import TestServers

@testable import PostgresBackend

/// Runs the statements of ``SessionChange`` through a pool of one connection and looks at what the next borrower gets.
struct SessionCorpus: Sendable {
    /// The database, with ``SessionChange/schema`` in it; direct or behind a pooler.
    let dsn: String
    /// Whether the driver has to refuse what needs a session of its own.
    var isRefused = false
    /// Whether a pooler gives the sessions to others after a statement.
    var isPooled = false
    /// How many of the ways to run a statement are tried, in turn; all where it is `nil`.
    var waysTried: Int?
    var configure: @Sendable (inout PostgresConfiguration) -> Void = { _ in }

    /// Statements that change nothing of their session, however much they look like it.
    static let clean = [
        "SELECT 1", "SELECT 'SET ROLE postgres'", "SELECT 'set_config' AS \"SET\"", "-- SET work_mem\nSELECT 1",
        "/* LISTEN news; CREATE TEMP TABLE */ SELECT 1", "SELECT id AS temp, name AS listen FROM tenants",
        "UPDATE tenants SET name = name", "UPDATE tenants AS prepare SET name = 'SET' WHERE id = 1 RETURNING id",
        "INSERT INTO tenants VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = 'LOAD'",
        "DELETE FROM tenants WHERE id > 100",
        "SELECT $$SET ROLE$$ AS v, E'\\'; SET ROLE' AS w", "WITH declare AS (SELECT 1) SELECT * FROM declare",
        "SELECT pg_advisory_xact_lock(7)", "SELECT current_setting('work_mem')", "SHOW work_mem", "EXPLAIN SELECT 1",
        "SELECT count(*) FROM pg_settings", "VALUES (1), (2)", "TABLE tenants", "SELECT * FROM tenants FOR UPDATE",
        "SELECT relname FROM pg_class WHERE relpersistence = 't'", "NOTIFY news, 'LISTEN'", "SELECT 1;",
    ]

    /// Scripts and statements that are ended by a timeout, or by their task's end, after they changed the session.
    static let interrupted = [
        "SELECT pg_advisory_lock(7), pg_sleep(5)", "SELECT set_config('app.tenant', '42', false), pg_sleep(5)",
        "BEGIN; SELECT pg_sleep(5)", "BEGIN; SET work_mem = '7MB'; COMMIT; SELECT pg_sleep(5)",
        "CREATE TEMP TABLE made (a int4); COMMIT; SELECT pg_sleep(5)", "PREPARE p AS SELECT 1; SELECT pg_sleep(5)",
        "LISTEN news; COMMIT; SELECT pg_sleep(5)",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1; COMMIT; SELECT pg_sleep(5)",
        "DO $$ BEGIN PERFORM pg_advisory_lock(7); COMMIT; PERFORM pg_sleep(5); END $$", "SELECT pg_sleep(5)",
    ]

    /// What happened.
    struct Report: Sendable {
        var leases = 0
        var leaks = 0
        var hidden: Set<String> = []
        var failures: [String: [String]] = [:]

        /// The counts, in a line.
        var summary: String {
            "\(SessionChange.all.count) statements, \(leases) leases, \(leaks) leaks, "
                + "\(hidden.count) of \(SessionChange.limits.count) limits show"
        }

        mutating func add(_ group: String, _ change: SessionChange, _ way: SessionChange.Way, _ words: String) {
            failures[group, default: []].append("\(way.rawValue): \(change.sql)\n    \(words)")
        }
    }

    private func open() throws -> PostgresDatabase {
        var configuration = try PostgresConfiguration(dsn)
        configuration.statementTimeout = .seconds(10)
        configure(&configuration)
        var pool = PoolConfiguration(size: 1, maxOverflow: 0)
        pool.timeout = .seconds(10)
        return try PostgresDatabase(configuration: configuration, poolConfiguration: pool, notices: { _ in })
    }

    private func fingerprint(_ database: PostgresDatabase) async throws -> SessionFingerprint {
        try await database.withConnection { await SessionFingerprint(of: $0) }
    }

    /// The ways that a statement is run: all, or some, others for the next statement.
    private func ways(of change: SessionChange, _ index: Int) -> [SessionChange.Way] {
        guard let waysTried, waysTried < change.ways.count else { return change.ways }
        return (0..<waysTried).map { change.ways[(index * waysTried + $0) % change.ways.count] }
    }

    /// Ends all sessions of the database, so that a pooler keeps none that was changed.
    private func endSessions(_ direct: PostgresDatabase) async throws {
        let name = Pooler.database(of: dsn)
        _ = try await direct.query(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = \(name) AND backend_type = 'client backend'
            """)
    }

    /// A group that leaks so often is left at that: each leak costs a new connection.
    private static let mostLeaks = 16

    /// Runs the corpus. A database whose session is no longer fresh is replaced.
    func run(_ changes: [SessionChange] = SessionChange.all) async throws -> Report {
        var report = Report()
        let server = try await PostgresServer.shared()
        let direct = try PostgresDatabase(
            configuration: try PostgresConfiguration(server.dsn()), poolConfiguration: PoolConfiguration(size: 1))
        var database = try open()
        let fresh = try await fingerprint(database)
        for (index, change) in changes.enumerated() where change.kind != .limit || !isRefused {
            for way in ways(of: change, index)
            where report.failures["\(change.group): leak"]?.count ?? 0 < Self.mostLeaks {
                report.leases += 1
                let error = await lend(database, change, way)
                if let words = fault(change, way, error) { report.add("\(change.group): answer", change, way, words) }
                let words: String?
                do {
                    words = try await fingerprint(database).difference(from: fresh)
                } catch {
                    words = "the next borrower gets no connection: \(error)"
                }
                guard let words else { continue }
                if change.kind == .limit {
                    report.hidden.insert(change.sql)
                } else {
                    report.leaks += 1
                    report.add("\(change.group): leak", change, way, words)
                }
                await database.shutdown(drain: .zero)
                if isPooled { try await endSessions(direct) }
                database = try open()
            }
        }
        await database.shutdown()
        await direct.shutdown()
        return report
    }

    /// Runs a statement as one borrower and returns the error.
    private func lend(_ database: PostgresDatabase, _ change: SessionChange, _ way: SessionChange.Way) async
        -> (any Error)?
    {
        let end = ContinuousClock.now + .seconds(5)
        while true {
            do {
                try await database.withConnection { try await change.run(way, on: $0) }
                return nil
            } catch let error as PostgresError where error.sqlState == "42710" && ContinuousClock.now < end {
                // A session that was closed has not ended yet in the server, and with it its replication slot.
                try? await Task.sleep(for: .milliseconds(20))
            } catch {
                return error
            }
        }
    }

    /// Interrupts a script and returns what the next borrower notices, `nil` for nothing.
    func interrupt(_ sql: String, byCancelling: Bool) async throws -> String? {
        let database = try open()
        let fresh = try await fingerprint(database)
        let task = Task {
            try await database.withConnection {
                try await $0.executeScript(sql, timeout: byCancelling ? nil : .milliseconds(100))
            }
        }
        if byCancelling {
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
        }
        if case .success = await task.result { return "it was not interrupted" }
        let difference = try await fingerprint(database).difference(from: fresh)
        await database.shutdown(drain: .zero)
        return difference
    }

    /// What is wrong with the answer to a statement.
    private func fault(_ change: SessionChange, _ way: SessionChange.Way, _ error: (any Error)?) -> String? {
        let code = (error as? PostgresError)?.code
        if isRefused, change.kind == .session {
            return code == .notSupported ? nil : "not refused: \(error.map { "\($0)" } ?? "it ran")"
        }
        // A feature that ends with its transaction either works there or is refused.
        if change.mayFail || isRefused && code == .notSupported { return nil }
        return error.map { "did not run: \($0)" }
    }
}
