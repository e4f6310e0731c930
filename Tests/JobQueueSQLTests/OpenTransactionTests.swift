import ConnectionPool
import Foundation
import JobQueue
import JobQueueSQL
import JobQueueTestKit
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// Jobs enqueued in a transaction that its user holds open: what workers do meanwhile, and what becomes of the jobs.
@Suite(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation"))
struct OpenTransactionTests {
    private enum Abandoned: Error { case onPurpose }

    /// What a transaction has stored may be tied in any way to jobs that others enqueue, claim and end at that time.
    @Test(arguments: 0..<6)
    func `nobody waits for a transaction that is held open, and its jobs run after its commit alone`(_ seed: Int)
        async throws
    {
        var random = SplitMix(state: UInt64(24_301 + seed))
        let isCommitted = !seed.isMultiple(of: 3)
        let announcement: PostgresJobStore.Announcement = random.next(below: 2) == 0 ? .poll : .inTransaction
        let key = ConcurrencyLimit(key: "shared", limit: 2)
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withPostgres(dsn: dsn, size: 2) { database, store in
            try await withPostgres(dsn: dsn) { _, other in
                let client = JobClient(store: store)
                let counts = RunCounts()
                try await working(store, counts, slots: 8) { _ in
                    let busy = try await client.enqueue(Count(name: "busy", milliseconds: 300)).id
                    let waiting = try await client.enqueue(
                        Count(name: "waiting"), options: EnqueueOptions(start: .after(.milliseconds(400)))
                    ).id
                    try await eventually("busy runs") { counts.of("busy") == 1 }
                    var tied: [NewJob] = []
                    for number in 0..<12 {
                        var options = EnqueueOptions()
                        if random.next(below: 2) == 0 { options.concurrency = key }
                        if random.next(below: 2) == 0 { options.dependsOn.append(busy) }
                        if random.next(below: 2) == 0 { options.dependsOn.append(waiting) }
                        if random.next(below: 3) == 0 { options.dependsOn += tied.suffix(1).map(\.id) }
                        if random.next(below: 4) == 0 { options.parent = busy }
                        tied.append(try client.prepare(Count(name: "tied \(number)"), options: options))
                    }
                    do {
                        try await database.withTransaction { [tied] connection in
                            let receipts = try await store.enqueue(tied, in: connection, announcing: announcement)
                            #expect(receipts.count { $0.isNew } == 12)
                            // As many connections of the pool as there are, in transactions that do nothing.
                            try await database.withTransaction { _ in
                                for number in 0..<60 {
                                    let isKeyed = number.isMultiple(of: 3)
                                    let job = try client.prepare(
                                        Count(name: "other"), options: EnqueueOptions(concurrency: isKeyed ? key : nil))
                                    _ = try await other.enqueue([job])
                                }
                                try await eventually("the others", within: .seconds(5)) {
                                    counts.of("other") == 60 && counts.of("waiting") == 1
                                }
                            }
                            #expect(tied.indices.allSatisfy { counts.of("tied \($0)") == 0 }, "not before the commit")
                            if !isCommitted { throw Abandoned.onPurpose }
                        }
                    } catch Abandoned.onPurpose {}
                    if isCommitted {
                        try await eventually("what was tied", within: .seconds(5)) {
                            tied.indices.allSatisfy { counts.of("tied \($0)") > 0 }
                        }
                    }
                    #expect(tied.indices.allSatisfy { counts.of("tied \($0)") == (isCommitted ? 1 : 0) })
                    let last = try await client.enqueue(Count(name: "last"), options: EnqueueOptions(concurrency: key))
                    #expect(try await last.waitUntilFinished().state == .completed, "the key's places are free")
                }
                let arrived = try await database.query("SELECT count(*) FROM vitals_jobs.job WHERE links >= 8")
                #expect(try arrived[0].decode(0, as: Int.self) == 0)
            }
        }
    }

    @Test func `forty thousand keys in one call need no more memory of the server than few`() async throws {
        try await withPostgres { database, store in
            let jobs = (0..<40_000).map { number in
                NewJob(kind: "count", concurrency: ConcurrencyLimit(key: "key \(number)", limit: 1))
            }
            #expect(try await store.enqueue(jobs).allSatisfy(\.isNew))
            let ready = try await store.statistics().first?.counts
            #expect(ready == [.ready: 40_000])
            #expect(try await store.cancel(jobs.map(\.id), reason: "enough").count == 40_000)
            #expect(try await store.retry(jobs.map(\.id)).count == 40_000)
            let again = try await store.statistics().first?.counts
            #expect(again == [.ready: 40_000])
        }
    }
}
