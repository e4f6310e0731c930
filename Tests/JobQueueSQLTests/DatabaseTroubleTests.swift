import ConnectionPool
import Foundation
import JobQueue
import JobQueueSQL
import JobQueueTestKit
import Logging
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

/// Counts its runs by name.
struct Count: JobParameters {
    static let kind = "count"
    static let options = JobOptions(retry: .constant(.milliseconds(20), maxAttempts: 20))
    var name: String
    var milliseconds = 0
}

/// How often jobs ran, by name.
final class RunCounts: Sendable {
    private let runs = Lock<[String: Int]>([:])

    func of(_ name: String) -> Int { runs.with { $0[name] ?? 0 } }

    func run(_ job: Count) async throws {
        runs.with { $0[job.name, default: 0] += 1 }
        if job.milliseconds > 0 { try await Task.sleep(for: .milliseconds(job.milliseconds)) }
    }
}

/// Works in this process until its body is done.
func working(
    _ store: any JobStore, _ counts: RunCounts = RunCounts(), slots: Int = 4, observer: (any JobObserver)? = nil,
    clock: any JobClock = SystemJobClock(),
    schedules: [JobSchedule] = [], change: (inout JobWorkerConfiguration) -> Void = { _ in },
    _ body: (JobWorker) async throws -> Void
) async throws {
    var configuration = JobWorkerConfiguration(
        queues: ["default": slots], pollInterval: .milliseconds(100), lease: .seconds(2),
        heartbeatInterval: .milliseconds(400), maintenanceInterval: .milliseconds(100), drainTimeout: .seconds(5),
        cancelTimeout: .seconds(1))
    change(&configuration)
    let worker = try JobWorker(
        store: store, configuration: configuration, schedules: schedules, observer: observer,
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), clock: clock
    ) { jobs in
        jobs.register(Count.self) { parameters, _ in try await counts.run(parameters) }
    }
    async let running: Void = worker.run()
    do {
        try await body(worker)
    } catch {
        worker.stop()
        try await running
        throw error
    }
    worker.stop()
    try await running
}

@Suite(.enabled(if: PostgresServer.isAvailable, "needs a PostgreSQL installation"))
struct DatabaseTroubleTests {
    @Test func `5. a job that completes between rescue's read and its write stays completed`() async throws {
        try await withPostgres { database, store in
            // Holds an outcome's transaction open, its row locked, until the rescue has run into it.
            try await database.execute("CREATE TABLE gate (open boolean)")
            try await database.withConnection { connection in
                try await connection.executeScript(
                    """
                    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        FOR i IN 1..500 LOOP
                            EXIT WHEN EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                                AND datname = current_database());
                            PERFORM pg_sleep(0.01);
                            PERFORM pg_stat_clear_snapshot();
                        END LOOP;
                        RETURN NULL;
                    END $$;
                    CREATE TRIGGER hold AFTER DELETE ON vitals_jobs.job FOR EACH ROW EXECUTE FUNCTION hold()
                    """)
            }
            let job = work()
            try await store.put([job])
            let worker = try await store.register(
                WorkerDescription(host: "slow", process: 1, queues: []), lease: .milliseconds(200))
            let claimed = try await store.exchange(
                ExchangeRequest(worker: worker, claims: [QueueClaim(queue: "default", limit: 1)])
            ).claimed
            let run = try #require(claimed.first).reference
            try await Task.sleep(for: .milliseconds(250))
            async let told = store.exchange(
                ExchangeRequest(worker: worker, acknowledgements: [Acknowledgement(run, .completed(result: nil))]))
            try await eventually("the outcome in its transaction") {
                try await database.query(
                    "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
                ).count == 1
            }
            let report = try await store.maintain(MaintenanceRequest())
            #expect(try await told.rejected.isEmpty)
            #expect(report.rescued == 0)
            let record = try #require(try await store.job(job.id))
            #expect(record.state == .completed)
            #expect(record.run == 1)
            #expect(record.rescues == 0)
        }
    }

    @Test(.enabled(if: WorkerProcess.program != nil && PostgresServer.canStart, "needs the program job-worker"))
    func `6. a worker survives restarts of the database`() async throws {
        let server = try await PostgresServer.start(settings: ["fsync": "on", "synchronous_commit": "on"])
        let dsn = try await server.makeDatabase()
        let ledger = LedgerFile()
        defer { ledger.remove() }
        try await withPostgres(dsn: dsn) { _, store in
            let jobs = (0..<300).map { _ in work(5) }
            try await store.put(jobs)
            let worker = try WorkerProcess(dsn, ledger: ledger)
            for mode in [PostgresServer.StopMode.immediate, .fast] {
                let before = ledger.lines.count
                try await eventually("progress") { ledger.lines.count > before + 40 }
                await server.stop(mode)
                try await server.start()
            }
            try await eventually("all done", within: .seconds(40)) {
                let done = try? await store.jobs(JobFilter(states: [.completed], limit: 1000)).count
                return done == jobs.count
            }
            #expect(worker.child.isRunning)
            #expect(Set(ledger.lines.filter { $0.what == "ended" }.map(\.id)) == Set(jobs.map(\.id)))
            await worker.kill()
        }
        await server.remove()
    }

    @Test func `7. a listener that dies subscribes again`() async throws {
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withPostgres(dsn: dsn) { database, store in
            let other = try PostgresJobStore(database: database, connections: 1)
            let listeners = """
                FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'
                """
            func listening() async throws -> [Int] {
                try await database.query(SQLQuery(unsafe: "SELECT pid::bigint \(listeners)", [])).map {
                    try $0.decode(0, as: Int.self)
                }
            }
            // Nothing is found by polling here: only news can bring a job within the time.
            let counts = RunCounts()
            try await working(store, counts, change: { $0.pollInterval = .seconds(60) }) { _ in
                try await eventually("a listener") { try await listening().count == 1 }
                let first = try await listening()
                _ = try await database.query(SQLQuery(unsafe: "SELECT pg_terminate_backend(pid) \(listeners)", []))
                try await eventually("another listener") {
                    let now = try await listening()
                    return now.count == 1 && now != first
                }
                let client = JobClient(store: other)
                for round in 0..<3 {
                    let handle = try await client.enqueue(Count(name: "heard \(round)"))
                    try await other.wait(handle.id, for: .completed, within: .seconds(10))
                    #expect(counts.of("heard \(round)") == 1)
                }
            }
            await other.shutdown()
        }
    }

    @Test(arguments: ["reset", "half-open"])
    func `8. a worker recovers from a connection that is reset or half-open`(_ fault: String) async throws {
        let server = try await PostgresServer.shared()
        let dsn = try await server.makeDatabase()
        let name = try #require(dsn.split(separator: "/").last.map(String.init))
        let proxy = try FaultProxy(to: server.port)
        defer { proxy.stop() }
        try await withPostgres(dsn: dsn) { _, direct in
            try await withPostgres(dsn: server.dsn(database: name, port: proxy.port)) { _, store in
                let client = JobClient(store: direct)
                try await working(store) { _ in
                    for round in 0..<3 {
                        let before = try await client.enqueue(Count(name: "\(fault) \(round) before"))
                        try await direct.wait(before.id, for: .completed, within: .seconds(30))
                        if fault == "reset" { proxy.cut() } else { proxy.blackHole() }
                        let during = try await client.enqueue(Count(name: "\(fault) \(round) during"))
                        // Long enough for a heartbeat, an exchange and the upkeep to be swallowed.
                        if fault == "half-open" { try await Task.sleep(for: .milliseconds(1500)) }
                        proxy.heal()
                        try await direct.wait(during.id, for: .completed, within: .seconds(30))
                    }
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func `9. an outcome that fails to reach the store is told again and never stuck`(_ tookEffect: Bool)
        async throws
    {
        try await withPostgres { _, store in
            let faulty = FaultyJobStore(store)
            let name = "told again \(tookEffect)"
            let counts = RunCounts()
            try await working(faulty, counts, slots: 1) { worker in
                let handle = try await JobClient(store: faulty).enqueue(Count(name: name, milliseconds: 300))
                try await eventually("began") { counts.of(name) == 1 }
                faulty.fail(.exchange, times: 3, after: tookEffect)
                try await store.wait(handle.id, for: .completed)
                let next = try await JobClient(store: faulty).enqueue(Count(name: name))
                try await store.wait(next.id, for: .completed)
                #expect(try await store.job(handle.id)?.run == 1)
                try await eventually("the slot") { worker.runningCount == 0 }
            }
            #expect(counts.of(name) == 2)
        }
    }

    @Test func `15. when a rival's unique job is rolled back, ours is stored`() async throws {
        try await withPostgres { database, store in
            let mine = work { $0.uniqueKey = "one" }
            let idempotent = work { $0.idempotencyKey = "two" }
            struct Regret: Error {}
            let receipts = Lock<Task<[EnqueueReceipt], any Error>?>(nil)
            do {
                try await database.withTransaction { connection in
                    _ = try await store.enqueue(
                        [work { $0.uniqueKey = "one" }, work { $0.idempotencyKey = "two" }], in: connection)
                    receipts.with { $0 = Task { try await store.enqueue([mine, idempotent]) } }
                    try await eventually("the wait for the rival") {
                        try await connection.query(
                            "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
                        ).count >= 1
                    }
                    throw Regret()
                }
            } catch is Regret {}
            let stored = try await receipts.with { $0 }?.value
            #expect(stored?.map(\.isNew) == [true, true])
            #expect(stored?.map(\.id) == [mine.id, idempotent.id])
            #expect(try await store.job(mine.id)?.state == .ready)
            #expect(try await store.job(idempotent.id)?.state == .ready)
        }
    }
}
