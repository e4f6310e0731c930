import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// The time limits of a request, of the configuration and of the borrower.
@Suite(needsServer) struct TimeLimitTests {
    private enum Way: CaseIterable {
        case execute, unprepared, script, pipeline, batch, rows, copyOut

        func send(_ sql: String, _ timeout: Duration?, _ connection: PostgresConnection) async throws {
            let query = SQLQuery(unsafe: sql)
            switch self {
            case .execute: try await connection.execute(query, timeout: timeout)
            case .unprepared: _ = try await connection.run(query, timeout: timeout, prepared: false)
            case .script: try await connection.executeScript(sql, timeout: timeout)
            case .pipeline: _ = try await connection.pipeline(["SELECT 1", query], timeout: timeout)
            case .batch:
                for result in try await connection.batch(["SELECT 1", query], timeout: timeout) { _ = try result.get() }
            case .rows:
                try await connection.withRows(of: query, timeout: timeout ?? .milliseconds(900)) { rows in
                    for try await _ in rows {}
                }
            case .copyOut:
                try await connection.copyOut("COPY (\(sql)) TO STDOUT", timeout: timeout ?? .milliseconds(900)) {
                    for try await _ in $0 {}
                }
            }
        }
    }

    private static let statements = [
        "SELECT 1", "SELECT 1", "SELECT 1 / 0", "SET statement_timeout = '300ms'",
        "SET LOCAL statement_timeout = '700ms'",
        "RESET statement_timeout", "SET statement_timeout = 0", "SET statement_timeout = '65s'",
        "SELECT set_config('statement_timeout', '800ms', true)",
        "SELECT set_config('statement_timeout', '850ms', false)",
        "BEGIN", "BEGIN", "COMMIT", "ROLLBACK", "COMMIT AND CHAIN", "SAVEPOINT a", "ROLLBACK TO SAVEPOINT a",
        "RELEASE SAVEPOINT a", "BEGIN; SET statement_timeout = '400ms'; COMMIT", "BEGIN; SELECT 1 / 0; COMMIT",
        "BEGIN; SET LOCAL statement_timeout = '450ms'; SELECT 1", "BEGIN; SET statement_timeout = '500ms'",
        "DISCARD ALL",
    ]

    /// Two sessions that are sent the same statements, one of them with longer limits: what both show afterwards is the
    /// same.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `a longer limit leaves no trace, whatever the request does`(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        func pick<Element>(_ all: [Element]) -> Element { all[Int(random.next() % UInt64(all.count))] }
        try await withConnection({ $0.statementTimeout = .seconds(1) }) { limited in
            try await withConnection({ $0.statementTimeout = .seconds(1) }) { plain in
                var log: [String] = []
                for _ in 0..<300 {
                    let (sql, way) = (pick(Self.statements), pick(Way.allCases))
                    let timeout = pick([nil, .seconds(5), .seconds(60), .unlimited] as [Duration?])
                    log.append("\(way) \(sql) \(timeout.map { "\($0)" } ?? "")")
                    let first = await outcome { try await way.send(sql, timeout, limited) }
                    let second = await outcome { try await way.send(sql, nil, plain) }
                    try #require(first == second, "\(log.suffix(12))")
                    try #require(limited.transactionStatus == plain.transactionStatus, "\(log.suffix(12))")
                    guard pick([true, true, false]), plain.transactionStatus != .failed else { continue }
                    let (one, other) = (try await shown(limited), try await shown(plain))
                    try #require(one == other, "\(log.suffix(12))")
                }
            }
        }
    }

    private func outcome(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "done"
        } catch let error as PostgresError {
            return error.sqlState?.rawValue ?? error.code.rawValue
        } catch {
            return "\(error)"
        }
    }

    private func shown(_ connection: PostgresConnection) async throws -> String {
        try await connection.query("SHOW statement_timeout")[0].decode(String.self)
    }

    @Test func `a request's longer limit holds for it alone, against the borrower's too`() async throws {
        try await withConnection({ $0.statementTimeout = .milliseconds(200) }) { connection in
            for own in ["200ms", "100ms"] {
                try await connection.execute(SQLQuery(unsafe: "SET statement_timeout = '\(own)'"), timeout: .seconds(5))
                for way in Way.allCases { try await way.send("SELECT pg_sleep(0.25)", .seconds(5), connection) }
                await #expect(throws: PostgresError.self) { try await connection.execute("SELECT pg_sleep(5)") }
                try await connection.execute("BEGIN", timeout: .seconds(5))
                try await connection.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                #expect(try await shown(connection) == own)
                try await connection.execute("ROLLBACK")
                #expect(try await shown(connection) == own)
            }
        }
    }

    @Test(arguments: [false, true]) func `the configured limit throws timeout, a cancellation from outside cancelled`(
        isPooled: Bool
    ) async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        if isPooled {
            guard PgBouncerServer.canStart else { return }
            try await Pooler.transactions.with(dsn) { try await check($0, Pooler.transactions.configure) }
        } else {
            try await check(dsn) { _ in }
        }
    }

    private func check(_ dsn: String, _ configure: @Sendable (inout PostgresConfiguration) -> Void) async throws {
        try await withConnection(
            {
                configure(&$0)
                $0.statementTimeout = .milliseconds(150)
            }, dsn: dsn
        ) { connection in
            for way in Way.allCases where way != .rows && way != .copyOut {
                let error = await #expect(throws: PostgresError.self) {
                    try await way.send("SELECT pg_sleep(5)", nil, connection)
                }
                #expect(error?.code == .timeout && error?.sqlState == "57014", "\(way): \(error?.description ?? "")")
                #expect(error?.outcome == .notApplied)
            }
        }
        try await withConnection(configure, dsn: dsn) { connection in
            for way in Way.allCases {
                let task = Task {
                    try await way.send("SELECT pg_sleep(20) /* from outside */", .seconds(25), connection)
                }
                try await withConnection { other in
                    try await waitUntil {
                        try await other.number(
                            """
                            SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity
                            WHERE query LIKE '%from outside%' AND wait_event = 'PgSleep'
                            """) > 0
                    }
                }
                let error = await #expect(throws: PostgresError.self) { try await task.value }
                #expect(error?.code == .cancelled && error?.sqlState == "57014", "\(way): \(error?.description ?? "")")
            }
        }
    }
}
