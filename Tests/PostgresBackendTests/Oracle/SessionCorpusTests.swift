import ConnectionPool
import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// Statements that change a session, each through a pool of one: the next borrower finds a fresh session.
@Suite(needsServer) struct SessionCorpusTests {
    @Test(.timeLimit(.minutes(3))) func `no borrower leaves anything to the next one`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await check(SessionCorpus(dsn: dsn))
    }

    @Test(
        .timeLimit(.minutes(3)),
        .enabled(if: SessionCorpus.pooler("SESSION") != nil, "VITALS_TEST_POOLER_SESSION names none"))
    func `no borrower leaves anything to the next one behind a pooler of sessions`() async throws {
        try await check(SessionCorpus(dsn: SessionCorpus.pooler("SESSION") ?? "", configure: SessionCorpus.forSessions))
    }

    @Test(
        .timeLimit(.minutes(3)),
        .enabled(if: SessionCorpus.pooler("TRANSACTION") != nil, "VITALS_TEST_POOLER_TRANSACTION names none"))
    func `what needs a session is refused behind a pooler of transactions`() async throws {
        let dsn = SessionCorpus.pooler("TRANSACTION") ?? ""
        try await check(SessionCorpus(dsn: dsn, isRefused: true, configure: SessionCorpus.forTransactions))
    }

    private func check(_ corpus: SessionCorpus) async throws {
        #expect(SessionChange.all.count >= 200)
        let report = try await corpus.run()
        print("session corpus:", report.summary)
        for (group, lines) in report.failures.sorted(by: { $0.key < $1.key }) {
            Issue.record("\(group) (\(lines.count))\n\(lines.prefix(8).joined(separator: "\n"))")
        }
        if let folder = ProcessInfo.processInfo.environment["VITALS_TEST_REPORTS"] {
            let text = report.failures.sorted { $0.key < $1.key }.map { "## \($0)\n" + $1.joined(separator: "\n") }
            try Data(text.joined(separator: "\n\n").utf8).write(to: URL(fileURLWithPath: folder + "/sessions.txt"))
        }
    }

    @Test func `a lease that changes nothing costs one request on the wire`() async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let name = URLComponents(string: dsn)?.path.dropFirst() ?? ""
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        try await withDatabase(size: 1, dsn: server.dsn(database: String(name), port: proxy.port)) { database in
            try await database.withConnection { try await $0.executeScript(SessionChange.schema) }
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
