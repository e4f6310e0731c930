import JobQueue
import JobQueueSQL
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// A database whose transactions are serializable by default fails the commits of some: what they would have stored is not
/// there, and the driver must say so.
@Suite(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation"))
struct SerializableTests {
    @Test func `in serializable transactions no job runs twice`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        let name = String(dsn.split(separator: "/").last ?? "")
        try await PostgresServer.shared().run(
            sql: "ALTER DATABASE \(name) SET default_transaction_isolation = 'serializable'")
        let counts = RunCounts()
        let jobs = (0..<1500).map { "serializable \($0)" }
        try await withPostgres(dsn: dsn, size: 6) { _, first in
            try await withPostgres(dsn: dsn, size: 6) { _, second in
                let client = JobClient(store: first)
                for job in jobs { _ = try await client.enqueue(Count(name: job)) }
                try await working(first, counts, slots: 8) { _ in
                    try await working(second, counts, slots: 8) { _ in
                        try await eventually("all jobs have run", within: .seconds(60)) {
                            jobs.allSatisfy { counts.of($0) > 0 }
                        }
                    }
                }
            }
        }
        #expect(jobs.filter { counts.of($0) != 1 }.isEmpty, "jobs that ran more than once")
    }
}
