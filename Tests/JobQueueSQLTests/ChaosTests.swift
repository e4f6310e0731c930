import Foundation
import JobQueue
import JobQueueSQL
import JobQueueTestKit
import PostgresBackend
import SQLDatabase
import SQLiteBackend
import TestServers
import Testing

/// Four worker processes on one store, killed, frozen and asked to stop by a seeded hand.
private final class Mob: Sendable {
    static let slots = 8
    /// Longer than a restart of the database takes: a lease that ends meanwhile would cost runs that no kill explains.
    static let settings = ["slots": slots, "lease": 4000, "heartbeat": 500, "drain": 1500, "cancel": 300]
    private let storeName: String
    private let ledger: LedgerFile
    private let workers: Lock<[WorkerProcess]>
    private let random: Lock<SplitMix>
    /// Killed, or frozen for longer than the lease.
    let kills = Lock(0)
    let failures = Lock<[String]>([])

    init(_ storeName: String, ledger: LedgerFile, seed: UInt64) throws {
        self.storeName = storeName
        self.ledger = ledger
        random = Lock(SplitMix(state: seed))
        workers = Lock(
            try (0..<4).map { _ in try WorkerProcess(storeName, ledger: ledger, Self.settings) })
    }

    private func fresh() throws -> WorkerProcess { try WorkerProcess(storeName, ledger: ledger, Self.settings) }

    private func below(_ bound: Int) -> Int { random.with { Int.random(in: 0..<bound, using: &$0) } }

    /// One deed, when the last one is overcome: two of four times a kill, else a freeze or a request to stop.
    func strike() async throws {
        let before = ledger.size
        try await eventually("progress", within: .seconds(30)) { ledger.size > before + 5000 }
        let index = below(4)
        let victim = workers.with { $0[index] }
        switch below(4) {
        case 0, 1:
            await victim.kill()
            kills.with { $0 += 1 }
        case 2:
            victim.child.signal(SIGSTOP)
            kills.with { $0 += 1 }
            try await Task.sleep(for: .milliseconds(Self.settings["lease"] ?? 0) + .milliseconds(500))
            victim.child.signal(SIGCONT)
            return
        default:
            // Before its handler is there the signal would kill it.
            try await eventually("a worker that listens") { victim.isReady || !victim.child.isRunning }
            victim.child.signal(SIGTERM)
            let code = await victim.child.ended()
            if code != 0 { failures.with { $0.append("asked to stop, a worker ended with \(code)") } }
        }
        let next = try fresh()
        workers.with { $0[index] = next }
    }

    func end() async {
        for worker in workers.with({ $0 }) { await worker.kill() }
    }
}

/// What must hold when all has come to rest.
private func account(_ ledger: LedgerFile, enqueued: [NewJob], kills: Int) {
    var ends: [JobID: Int] = [:]
    var runs: Set<RunReference> = []
    var twice = 0
    for line in ledger.lines where line.what == "ended" {
        ends[line.id, default: 0] += 1
        if !runs.insert(RunReference(id: line.id, run: line.run)).inserted { twice += 1 }
    }
    #expect(Set(ends.keys) == Set(enqueued.map(\.id)))
    #expect(twice == 0, "a run is one run")
    let duplicates = ends.values.reduce(0) { $0 + $1 - 1 }
    #expect(duplicates <= kills * Mob.slots, "\(duplicates) duplicates, \(kills) kills")
}

@Suite(.enabled(if: WorkerProcess.program != nil, "needs the program job-worker"), .serialized)
struct ChaosTests {
    private let total = 20_000

    private func jobs(_ count: Int) -> [NewJob] {
        (0..<count).map { number in
            work(number.isMultiple(of: 10) ? 20 : 1) {
                $0.maxRescues = 1000
                $0.priority = JobPriority(rawValue: number % 10)
            }
        }
    }

    /// Stores jobs, and keeps trying where the store is away. What is told twice is stored once.
    private func feed(_ jobs: some Collection<NewJob>, _ store: any JobStore) async throws {
        for start in stride(from: 0, to: jobs.count, by: 250) {
            let portion = Array(jobs.dropFirst(start).prefix(250))
            try await eventually("stored", within: .seconds(30)) { (try? await store.enqueue(portion)) != nil }
        }
    }

    @Test(.enabled(if: PostgresServer.canStart, "needs a PostgreSQL installation"))
    func `20,000 jobs survive killed, frozen and stopped workers, cut connections and two restarts of PostgreSQL`()
        async throws
    {
        // Commits are waited for, so that a crash of the server may lose none; the disk is not.
        let server = try await PostgresServer.start(settings: ["synchronous_commit": "on"])
        let dsn = try await server.makeDatabase()
        let ledger = LedgerFile()
        defer { ledger.remove() }
        try await withPostgres(dsn: dsn) { database, store in
            let jobs = jobs(total)
            let mob = try Mob(dsn, ledger: ledger, seed: 7)
            for step in 0..<16 {
                try await feed(jobs[total / 16 * step..<total / 16 * (step + 1)], store)
                if step == 5 || step == 10 {
                    await server.stop(step == 5 ? .immediate : .fast)
                    try await server.start()
                }
                // Random ones, of workers and of our own.
                _ = try? await database.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.3
                    """)
                try await mob.strike()
            }
            let name = "vitals_jobs"
            var left = -1
            do {
                try await eventually("all done", within: .seconds(60)) {
                    let rows = try? await database.query(SQLQuery(unsafe: "SELECT count(*) FROM \(name).job", []))
                    left = try rows?.first?.decode(0, as: Int.self) ?? -1
                    return left == 0
                }
            } catch is TooLate {
                throw TooLate(description: "\(left) jobs are left")
            }
            await mob.end()
            let done = try await database.query(
                SQLQuery(unsafe: "SELECT count(*), count(DISTINCT id) FROM \(name).history WHERE state = 10", []))
            #expect(try done.first?.decode(0, as: Int.self) == total)
            #expect(try done.first?.decode(1, as: Int.self) == total)
            #expect(mob.failures.with { $0 }.isEmpty)
            account(ledger, enqueued: jobs, kills: mob.kills.with { $0 })
        }
        await server.remove()
    }

    @Test func `20,000 jobs in a SQLite file survive killed, frozen and stopped workers`() async throws {
        let ledger = LedgerFile()
        defer { ledger.remove() }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("chaos-\(UUID().uuidString)").path
        try await withSQLite(path) { database, store in
            let jobs = jobs(total)
            let mob = try Mob(path, ledger: ledger, seed: 11)
            for step in 0..<16 {
                try await feed(jobs[total / 16 * step..<total / 16 * (step + 1)], store)
                try await mob.strike()
            }
            var left: [JobState: Int] = [:]
            do {
                try await eventually("all done", within: .seconds(60)) {
                    left = try await store.statistics().first?.counts ?? [:]
                    return left.isEmpty
                }
            } catch is TooLate {
                throw TooLate(description: "left: \(left)")
            }
            await mob.end()
            let done = try await database.read {
                try await $0.query("SELECT count(*) FROM vitals_job WHERE state = 10")
            }
            #expect(try done.first?.decode(0, as: Int.self) == total)
            #expect(mob.failures.with { $0 }.isEmpty)
            account(ledger, enqueued: jobs, kills: mob.kills.with { $0 })
        }
    }
}
