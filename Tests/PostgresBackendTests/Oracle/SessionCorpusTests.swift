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

    @Test(.timeLimit(.minutes(3)), .enabled(if: Pooler.session.port != nil, "no PgBouncer that pools sessions"))
    func `no borrower leaves anything to the next one behind a pooler of sessions`() async throws {
        let dsn = try await Pooler.session.dsn(makeDatabase())
        try await check("pooler of sessions", SessionCorpus(dsn: dsn, configure: Pooler.session.configure))
    }

    @Test(.timeLimit(.minutes(3)), .enabled(if: Pooler.transaction.port != nil, "no PgBouncer that pools transactions"))
    func `what needs a session is refused behind a pooler of transactions`() async throws {
        let dsn = try await Pooler.transaction.dsn(makeDatabase())
        let corpus = SessionCorpus(dsn: dsn, isRefused: true, configure: Pooler.transaction.configure)
        try await check("pooler of transactions", corpus)
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
                let before = proxy.requests
                for _ in 0..<10 { _ = try await database.query(query) }
                #expect(proxy.requests - before == 10, "\(sql)")
            }
            let before = proxy.requests
            for number in 0..<100 { _ = try await database.query("SELECT \(number) AS n") }
            #expect(proxy.requests - before == 100)
            let single = proxy.requests
            for number in 0..<100 { _ = try await database.query(corpusQuery("SELECT \(number) AS n")) }
            #expect(proxy.requests - single == 100, "statements that are new to the session")
            let transactions = proxy.requests
            for number in 0..<10 {
                try await database.withTransaction { try await $0.execute("UPDATE tenants SET id = id + \(number)") }
            }
            #expect(proxy.requests - transactions <= 30, "BEGIN, one statement, COMMIT")
        }
    }
}
