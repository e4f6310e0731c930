import Foundation
import JobQueue
import JobQueueTestKit
import Logging
import PostgresBackend
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

@testable import JobQueueSQL

private struct Posting: JobParameters {
    typealias Output = Int
    static let kind = "posting"
    static let options = JobOptions(retry: .constant(.milliseconds(5), maxAttempts: 200))
    var number: Int
}

private final class Events: JobObserver {
    private let events = Lock<[JobEvent]>([])
    func observe(_ event: JobEvent) { events.with { $0.append(event) } }
    var completed: Int {
        events.with { $0.count { if case .finished(_, .completed, _) = $0 { true } else { false } } }
    }
}

/// Effects and completion in one transaction.
@Suite struct CommitTests {
    private struct Trouble: Error {}

    /// A table of postings beside the jobs, and the two ways of writing to it within a job's own transaction.
    private struct Ledger: Sendable {
        typealias Body = @Sendable (any SQLConnection) async throws -> Int

        let store: any JobStore
        let commit: @Sendable (JobContext, Body) async throws -> Int
        let step: @Sendable (JobContext, String, Body) async throws -> Int
        let numbers: @Sendable () async throws -> [SQLRow]
        private static let listing: SQLQuery = "SELECT number FROM posting ORDER BY number"

        init(_ database: PostgresDatabase, _ store: PostgresJobStore) async throws {
            self.store = store
            commit = { context, body in try await context.commit(in: store) { try await body($0) } }
            step = { context, name, body in try await context.step(name, in: store) { try await body($0) } }
            numbers = { try await database.query(Self.listing) }
            try await database.execute("CREATE TABLE posting (number integer NOT NULL)")
        }

        init(_ database: SQLiteDatabase, _ store: SQLiteJobStore) async throws {
            self.store = store
            commit = { context, body in try await context.commit(in: store) { try await body($0) } }
            step = { context, name, body in try await context.step(name, in: store) { try await body($0) } }
            numbers = { try await database.query(Self.listing) }
            try await database.execute("CREATE TABLE posting (number INTEGER NOT NULL)")
        }

        func post(_ context: JobContext, _ number: Int, failing: Bool) async throws -> Int {
            try await commit(context) { connection in
                try await connection.execute("INSERT INTO posting (number) VALUES (\(number))")
                if failing { throw Trouble() }
                return number * 2
            }
        }

        func step(_ context: JobContext, _ name: String, _ number: Int) async throws -> Int {
            try await step(context, name) { connection in
                try await connection.execute("INSERT INTO posting (number) VALUES (\(number))")
                return number * 2
            }
        }

        func postings() async throws -> [Int] { try await numbers().map { try $0.decode(0, as: Int.self) } }
    }

    private struct NoLink: RunLink {
        var client: JobClient? { nil }
        func progressed(_ reference: RunReference) {}
        func checkpoint(_ reference: RunReference, bytes: [UInt8]) async throws {}
    }

    /// A run that is taken away before it commits, one that fails, a second call, and what waits for the job.
    private func checkRules(_ ledger: Ledger) async throws {
        let store = ledger.store
        let client = JobClient(store: store)
        let first = try await client.enqueue(Posting(number: 1))
        let next = try await client.enqueue(Posting(number: 2), options: EnqueueOptions(dependsOn: [first.id])).id
        func claim() async throws -> (worker: WorkerID, context: JobContext) {
            let worker = try await store.register(
                WorkerDescription(host: "test", process: 1, queues: ["default"]), lease: .seconds(60))
            let claimed = try await store.exchange(
                ExchangeRequest(worker: worker, claims: [QueueClaim(queue: "default", limit: 1)])
            ).claimed
            return (
                worker,
                try RunEngine(JobRegistry()).context(
                    for: try #require(claimed.first), logger: Logger(label: "test"), link: NoLink())
            )
        }
        let lost = try await claim()
        try await store.unregister(lost.worker)
        try await eventually("the rescue") {
            _ = try await store.maintain(MaintenanceRequest())
            return try await store.job(first.id)?.state == .ready
        }
        let early = await #expect(throws: JobError.self) { try await ledger.post(lost.context, 1, failing: false) }
        #expect(early?.code == .leaseLost && !lost.context.isCommitted)
        let owner = try await claim()
        let late = await #expect(throws: JobError.self) { try await ledger.post(lost.context, 1, failing: false) }
        #expect(late?.code == .leaseLost)
        await #expect(throws: Trouble.self) { try await ledger.post(owner.context, 1, failing: true) }
        #expect(try await ledger.postings() == [], "nothing of a transaction that failed")
        #expect(try await store.job(first.id)?.state == .running)
        #expect(try await ledger.post(owner.context, 1, failing: false) == 2)
        #expect(try await ledger.postings() == [1])
        #expect(try await first.result() == 2)
        let twice = await #expect(throws: JobError.self) { try await ledger.post(owner.context, 1, failing: false) }
        #expect(twice?.code == .invalidOption)
        #expect(try await store.job(next)?.state == .ready, "what waits for it goes on")
        let told = try await store.exchange(
            ExchangeRequest(
                worker: owner.worker,
                acknowledgements: [Acknowledgement(owner.context.reference, .completed(result: nil))]))
        #expect(told.rejected == [owner.context.reference], "told again, it is refused")
    }

    /// A job's result and number, as soon as there is one and a connection to read it by.
    private func read(_ job: JobHandle<Posting>, _ store: any JobStore) async throws -> (result: Int, number: Int) {
        while true {
            do {
                let result = try await job.result()
                let payload = try #require(try await store.job(job.id)).job.payload
                return (result, try JobCoding.decode(Posting.self, from: payload).number)
            } catch is PostgresError {}
        }
    }

    /// Has a worker run so many postings, while something is broken again and again. Each must have its result.
    private func work(
        _ ledger: Ledger, count: Int, observer: (any JobObserver)? = nil,
        trouble: @escaping @Sendable () async throws -> Void, result: (_ number: Int) -> Int,
        run: @escaping @Sendable (Posting, JobContext) async throws -> Int
    ) async throws {
        let jobs = try await JobClient(store: ledger.store).enqueue((0..<count).map { Posting(number: $0) })
        let configuration = JobWorkerConfiguration(
            queues: ["default": 4], pollInterval: .milliseconds(50), lease: .milliseconds(600),
            heartbeatInterval: .milliseconds(100), maintenanceInterval: .milliseconds(50))
        let worker = try JobWorker(
            store: ledger.store, configuration: configuration, observer: observer,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { $0.register(Posting.self, handler: run) }
        let running = Task { try await worker.run() }
        let troubles = Task {
            while !Task.isCancelled {
                try? await trouble()
                try? await Task.sleep(for: .milliseconds(30))
            }
        }
        do {
            for job in jobs {
                let (found, number) = try await read(job, ledger.store)
                #expect(found == result(number))
            }
        } catch {
            Issue.record("\(error)")
        }
        troubles.cancel()
        await troubles.value
        worker.stop()
        try await running.value
    }

    /// Jobs of five postings, each a step in a transaction, between which they fail or lose their connections.
    private func checkSteps(_ ledger: Ledger, count: Int, trouble: @escaping @Sendable () async throws -> Void)
        async throws
    {
        try await work(ledger, count: count, trouble: trouble) { number in
            2 * (0..<5).reduce(0) { $0 + number * 5 + $1 }
        } run: { parameters, context in
            var sum = 0
            for part in 0..<5 {
                sum += try await ledger.step(context, "part \(part)", parameters.number * 5 + part)
                if context.attempt == part + 1, parameters.number % 3 == 0 { throw Trouble() }
            }
            return sum
        }
        #expect(try await ledger.postings() == Array(0..<count * 5), "each posted once")
    }

    /// Workers whose handlers fail now and then after their commit, or before it, and whose leases end.
    private func checkLedger(_ ledger: Ledger, count: Int, trouble: @escaping @Sendable () async throws -> Void)
        async throws
    {
        let events = Events()
        try await work(ledger, count: count, observer: events, trouble: trouble) {
            $0 * 2
        } run: { parameters, context in
            let isFirst = context.attempt == 1
            let output = try await ledger.post(
                context, parameters.number, failing: isFirst && parameters.number % 7 == 0)
            if parameters.number % 5 == 0 { throw Trouble() }
            return output
        }
        #expect(try await ledger.postings() == Array(0..<count), "each posted once")
        let completed = events.completed
        #expect(completed >= count - 20 && completed <= count, "told to observers, but for what was lost on the way")
    }

    @Test(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation"))
    func `PostgreSQL: a run that was taken away commits nothing, and a commit completes the job`() async throws {
        try await withPostgres { database, store in
            try await checkRules(Ledger(database, store))
        }
    }

    @Test func `SQLite: a run that was taken away commits nothing, and a commit completes the job`() async throws {
        try await withSQLite { database, store in
            try await checkRules(Ledger(database, store))
        }
    }

    @Test(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation"))
    func `PostgreSQL: each job posts once, whatever connections are lost`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withPostgres(dsn: dsn) { _, other in
            try await withPostgres(dsn: dsn, size: 6) { database, store in
                try await checkLedger(Ledger(database, store), count: 400) {
                    _ = try await other.database.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1
                        """)
                }
            }
        }
    }

    @Test func `SQLite: each job posts once, whatever fails before and after`() async throws {
        try await withSQLite { database, store in
            try await checkLedger(Ledger(database, store), count: 400) {}
        }
    }

    @Test(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation"))
    func `PostgreSQL: each step in a transaction is done once, whatever connections are lost`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withPostgres(dsn: dsn) { _, other in
            try await withPostgres(dsn: dsn, size: 6) { database, store in
                try await checkSteps(Ledger(database, store), count: 100) {
                    _ = try await other.database.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1
                        """)
                }
            }
        }
    }

    @Test func `SQLite: each step in a transaction is done once`() async throws {
        try await withSQLite { database, store in
            try await checkSteps(Ledger(database, store), count: 100) {}
        }
    }
}
