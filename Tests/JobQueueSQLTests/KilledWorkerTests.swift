import Foundation
import JobQueue
import JobQueueSQL
import PostgresBackend
import SQLDatabase
import TestServers
import Testing

private let isReady = PostgresServer.isAvailable && WorkerProcess.program != nil

@Suite(.enabled(if: isReady, "needs a PostgreSQL installation and the program job-worker"))
struct KilledWorkerTests {
    /// A store, its DSN, and a ledger; worker processes that the body starts must be ended by it.
    private func scene(
        _ body: (PostgresDatabase, PostgresJobStore, String, LedgerFile) async throws -> Void
    ) async throws {
        let ledger = LedgerFile()
        defer { ledger.remove() }
        let dsn = try await PostgresServer.shared().makeDatabase()
        try await withPostgres(dsn: dsn) { try await body($0, $1, dsn, ledger) }
    }

    private func began(_ ledger: LedgerFile, _ id: JobID, times: Int = 1) async throws {
        try await eventually("run \(times) began") { ledger.count("began", id) >= times }
    }

    @Test func `1. a job whose process is killed runs again when the lease has ended`() async throws {
        try await scene { _, store, dsn, ledger in
            let settings = runsLong ? ["lease": 30_000, "heartbeat": 5000] : ["lease": 1500]
            let job = work(700)
            try await store.put([job])
            let first = try WorkerProcess(dsn, ledger: ledger, settings)
            try await began(ledger, job.id)
            await first.kill()
            let killed = ContinuousClock.now
            let second = try WorkerProcess(dsn, ledger: ledger, settings)
            try await eventually("second run", within: .seconds(40)) { ledger.count("began", job.id) == 2 }
            #expect(ContinuousClock.now - killed <= (runsLong ? .seconds(35) : .seconds(8)))
            try await store.wait(job.id, for: .completed)
            #expect(try await store.job(job.id)?.rescues == 1)
            await second.kill()
        }
    }

    @Test func `2. a job whose worker's row is pruned first is still rescued`() async throws {
        try await scene { database, store, dsn, ledger in
            let job = work(300)
            try await store.put([job])
            let first = try WorkerProcess(dsn, ledger: ledger, ["lease": 600_000])
            try await began(ledger, job.id)
            await first.kill()
            #expect(try await database.execute("DELETE FROM vitals_jobs.worker") == 1)
            let second = try WorkerProcess(dsn, ledger: ledger)
            try await store.wait(job.id, for: .completed)
            #expect(ledger.count("began", job.id) == 2)
            await second.kill()
        }
    }

    @Test func `3. a worker that has the name of a dead one does not keep its jobs`() async throws {
        try await scene { _, store, dsn, ledger in
            let job = work(300)
            try await store.put([job])
            let first = try WorkerProcess(dsn, ledger: ledger)
            try await began(ledger, job.id)
            let known = try #require(try await store.workers().first)
            await first.kill()
            // The same host, process and queues: a container that came up again.
            let twin = try await store.register(known.description, lease: .seconds(60))
            #expect(twin != known.id)
            try await eventually("rescue") {
                _ = try await store.maintain(MaintenanceRequest())
                return try await store.job(job.id)?.state == .ready
            }
            let reply = try await store.exchange(
                ExchangeRequest(worker: twin, claims: [QueueClaim(queue: "default", limit: 1)]))
            #expect(reply.claimed.map(\.id) == [job.id])
        }
    }

    @Test func `4. a worker frozen beyond its lease has its late outcome refused and its place freed once`()
        async throws
    {
        try await scene { _, store, dsn, ledger in
            let key = ConcurrencyLimit(key: "one", limit: 1)
            let job = work(400) { $0.concurrency = key }
            try await store.put([job])
            let first = try WorkerProcess(dsn, ledger: ledger)
            try await began(ledger, job.id)
            first.child.signal(SIGSTOP)
            let second = try WorkerProcess(dsn, ledger: ledger)
            try await store.wait(job.id, for: .completed)
            let ended = try #require(try await store.job(job.id))
            #expect(ended.run == 2)
            first.child.signal(SIGCONT)
            // The frozen run ends now and tells so; whoever comes next to the key must still come alone.
            let others = (0..<6).map { _ in work(60) { $0.concurrency = key } }
            try await store.put(others)
            var most = 0
            try await eventually("the others") {
                let running = try await store.jobs(JobFilter(states: [.running])).count
                most = max(most, running)
                return try await store.jobs(JobFilter(states: [.completed])).count == 7
            }
            #expect(most <= 1)
            #expect(try await store.job(job.id) == ended)
            for other in others { #expect(ledger.count("began", other.id) == 1) }
            await first.kill()
            await second.kill()
        }
    }

    @Test func `10. a job that takes its process with it each time is dead after three`() async throws {
        try await scene { _, store, dsn, ledger in
            let job = plain("crash")
            try await store.put([job])
            for time in 1...3 {
                let worker = try WorkerProcess(dsn, ledger: ledger, ["lease": 800, "heartbeat": 200])
                #expect(await worker.child.ended() == 128 + SIGABRT)
                #expect(ledger.count("began", job.id) == time)
            }
            let survivor = try WorkerProcess(dsn, ledger: ledger)
            try await store.wait(job.id, for: .dead)
            #expect(try await store.job(job.id)?.error?.contains("3 times") == true)
            #expect(ledger.count("began", job.id) == 3)
            #expect(survivor.child.isRunning)
            await survivor.kill()
        }
    }

    @Test func `11. a job that takes its process with it takes none of its neighbours along`() async throws {
        try await scene { _, store, dsn, ledger in
            let good = (0..<24).map { _ in work(300) }
            let bad = plain("crash")
            try await store.put(good + [bad])
            var losses = 0
            while try await store.jobs(JobFilter(limit: 100)).contains(where: { !$0.state.isTerminal }), losses < 10 {
                let worker = try WorkerProcess(
                    dsn, ledger: ledger, ["slots": 30, "lease": 800, "heartbeat": 200])
                try await eventually("the worker's end, or that of all jobs", within: .seconds(30)) {
                    guard worker.child.isRunning else { return true }
                    return try await store.jobs(JobFilter(limit: 100)).allSatisfy(\.state.isTerminal)
                }
                if worker.child.isRunning { await worker.kill() } else { losses += 1 }
            }
            #expect(losses == 3 && ledger.count("began", bad.id) == 3)
            #expect(try await store.job(bad.id)?.state == .dead)
            for job in good { #expect(try await store.job(job.id)?.state == .completed) }
        }
    }

    @Test func `12. a job that runs longer than the lease runs once`() async throws {
        try await scene { _, store, dsn, ledger in
            let job = work(3000)
            try await store.put([job])
            let settings = ["lease": 800, "heartbeat": 200]
            let first = try WorkerProcess(dsn, ledger: ledger, settings)
            let second = try WorkerProcess(dsn, ledger: ledger, settings)
            try await store.wait(job.id, for: .completed)
            #expect(ledger.count("began", job.id) == 1)
            #expect(try await store.job(job.id)?.run == 1)
            await first.kill()
            await second.kill()
        }
    }

    @Test func `13. a worker asked to stop tells what is done and returns the rest`() async throws {
        try await scene { _, store, dsn, ledger in
            let short = work(500)
            let long = work(60_000)
            let later = work(0)
            try await store.put([short, long])
            let worker = try WorkerProcess(dsn, ledger: ledger, ["slots": 2, "drain": 1500, "cancel": 300])
            try await began(ledger, short.id)
            try await began(ledger, long.id)
            try await store.put([later])
            worker.child.signal(SIGTERM)
            #expect(await worker.child.ended() == 0)
            #expect(try await store.job(short.id)?.state == .completed)
            let returned = try #require(try await store.job(long.id))
            #expect(returned.state == .ready)
            #expect(returned.attempt == 0)
            #expect(returned.rescues == 0)
            #expect(ledger.count("began", later.id) == 0)
            #expect(try await store.workers().isEmpty)
        }
    }
}
