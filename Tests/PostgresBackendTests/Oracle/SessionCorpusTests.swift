import ConnectionPool
import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Statements that change a session, each through a pool of one: the next borrower finds a fresh session.
@Suite(needsServer) struct SessionCorpusTests {
    @Test(.timeLimit(.minutes(3))) func `no borrower leaves anything to the next one`() async throws {
        try await check("direct", SessionCorpus(dsn: try await makeDatabase()))
    }

    @Test(.timeLimit(.minutes(3)), Pooler.isAvailable)
    func `no borrower leaves anything to the next one behind a pooler of sessions`() async throws {
        let pooler = Pooler.sessions
        try await pooler.with(makeDatabase()) {
            try await check("pooler of sessions", SessionCorpus(dsn: $0, waysTried: 2, configure: pooler.configure))
        }
    }

    @Test(.timeLimit(.minutes(3)), Pooler.isAvailable, arguments: [Pooler.defaultSessions, .transactions])
    func `what needs a session is refused where sessions are shared`(_ pooler: Pooler) async throws {
        try await pooler.with(makeDatabase()) {
            let corpus = SessionCorpus(
                dsn: $0, isRefused: true, isPooled: pooler.mode == .transaction, waysTried: 2,
                configure: pooler.configure)
            try await check("\(pooler.mode)s shared", corpus)
        }
    }

    @Test(arguments: SessionCorpus.interrupted) func `a lease that is interrupted leaves nothing`(_ sql: String)
        async throws
    {
        let corpus = SessionCorpus(dsn: try await makeDatabase())
        for byCancelling in [false, true] {
            guard let leak = try await corpus.interrupt(sql, byCancelling: byCancelling) else { continue }
            Issue.record("\(byCancelling ? "cancellation" : "timeout"): \(leak)")
        }
    }

    @Test func `escapes in strings that the configuration turns on hide nothing`() async throws {
        let corpus = SessionCorpus(dsn: try await makeDatabase()) { $0.settings["standard_conforming_strings"] = "off" }
        let report = try await corpus.run(SessionChange.escaped)
        for (group, lines) in report.failures { Issue.record("\(group)\n\(lines.joined(separator: "\n"))") }
    }

    private func makeDatabase() async throws -> String {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        try await server.run(sql: SessionChange.schema, database: Pooler.database(of: dsn))
        return dsn
    }

    private func check(_ name: String, _ corpus: SessionCorpus) async throws {
        #expect(SessionChange.all.count >= 200)
        let report = try await corpus.run()
        print("session corpus, \(name):", report.summary)
        let failures = report.failures.sorted { $0.key < $1.key }
        for (group, lines) in failures {
            Issue.record("\(name), \(group) (\(lines.count))\n\(lines.prefix(8).joined(separator: "\n"))")
        }
        if let folder = ProcessInfo.processInfo.environment["VITALS_TEST_REPORTS"] {
            let text = failures.map { "## \($0) (\($1.count))\n" + $1.joined(separator: "\n") }.joined(
                separator: "\n\n")
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/sessions, \(name).txt"))
        }
    }

    @Test func `a lease that changes nothing costs one request on the wire`() async throws {
        let server = try await PostgresServer.shared()
        let name = Pooler.database(of: try await makeDatabase())
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        try await withDatabase(size: 1, dsn: server.dsn(database: name, port: proxy.port)) { database in
            for sql in SessionCorpus.clean {
                let query = corpusQuery(sql)
                // The first lease may have to ask what the second one knows.
                _ = try await database.query(query)
                let requests = try await Self.count(proxy) {
                    for _ in 0..<10 { _ = try await database.query(query) }
                }
                #expect(requests == 10, "\(sql)")
            }
            let selects = try await Self.count(proxy) {
                for number in 0..<100 { _ = try await database.query("SELECT \(number) AS n") }
            }
            #expect(selects == 100)
            let fresh = try await Self.count(proxy) {
                for number in 0..<100 { _ = try await database.query(corpusQuery("SELECT \(number) AS n")) }
            }
            #expect(fresh == 100, "statements that are new to the session")
            let transactions = try await Self.count(proxy) {
                for number in 0..<10 {
                    try await database.withTransaction {
                        try await $0.execute("UPDATE tenants SET id = id + \(number)")
                    }
                }
            }
            #expect(transactions <= 30, "BEGIN, one statement, COMMIT")
            let several = try await Self.count(proxy) {
                for _ in 0..<10 {
                    try await database.withConnection { _ = try await $0.pipeline(["SELECT 1", "TABLE tenants"]) }
                    try await database.withConnection { _ = try await $0.batch(["SELECT 1", "TABLE tenants"]) }
                    try await database.withConnection {
                        try await $0.withRows(of: "TABLE tenants") { for try await _ in $0 {} }
                    }
                }
            }
            #expect(several == 30, "pipeline, batch and rows")
        }
    }

    /// The requests that a body sends through a proxy.
    private static func count(_ proxy: FaultProxy, _ body: () async throws -> Void) async throws -> Int {
        let before = proxy.requests
        try await body()
        return proxy.requests - before
    }
}
