import BenchHarness
import ConnectionPool
import Foundation
import JobQueue
import JobQueueSQL
import PostgresBackend
import SQLDatabase
import Synchronization

/// A store in a schema of its own.
struct Shop {
    let database: PostgresDatabase
    let store: PostgresJobStore
    let schema: String

    init(dsn: String) async throws {
        schema = "bench_\(UInt32.random(in: .min ... .max))"
        database = try PostgresDatabase(
            configuration: PostgresConfiguration(dsn),
            poolConfiguration: PoolConfiguration(size: 4, maxOverflow: 0, leakThreshold: nil))
        store = try PostgresJobStore(database: database, schema: schema)
        try await store.migrate()
    }

    func fill(_ count: Int, queue: String = "default") async throws {
        var left = count
        while left > 0 {
            _ = try await store.enqueue(noops(min(left, 10_000), queue: queue))
            left -= 10_000
        }
    }

    /// Empties the tables, so that one measurement leaves nothing to the next.
    func empty() async throws {
        _ = try await database.query(SQLQuery(unsafe: "TRUNCATE \(schema).job, \(schema).history", []))
    }

    func close() async throws {
        await store.shutdown()
        _ = try await database.query(SQLQuery(unsafe: "DROP SCHEMA \(schema) CASCADE", []))
        await database.shutdown()
    }
}

func benchPostgres(_ bench: Bench, dsn: String) async throws {
    let shop = try await Shop(dsn: dsn)
    try await processing(bench, shop, dsn: dsn)
    try await underOneKey(bench, shop)
    try await enqueuing(bench, shop)
    try await waking(bench, shop, dsn: dsn)
    try await claiming(bench, shop)
    try await heldSnapshot(bench, shop)
    try await shop.close()
}

/// What a worker gets done, against single rows and against batches of pgbench.
private func processing(_ bench: Bench, _ shop: Shop, dsn: String) async throws {
    let name = "postgres: no-op jobs"
    guard bench.wants(name) else { return }
    guard let folder = Peers(suite: "jobs")?.folder else { return }
    let pgbench = try PgBench(dsn: dsn)
    let count = 60_000
    let figures = try await bench.medians([
        {
            try await shop.empty()
            try await shop.fill(count)
            return try await drainRate(shop.store, count, slots: 600, exchanges: 3, batch: 200)
        },
        {
            // The tables again, with more rows than the measurement can use up.
            try pgbench.execute("\(folder)/schema.sql", ["rows": "200000"])
            return try pgbench.rate(script: "\(folder)/ref.sql", clients: 4, transactions: 3000)
        },
        {
            try pgbench.execute("\(folder)/schema.sql", ["rows": "200000"])
            return try pgbench.rate(script: "\(folder)/batch.sql", clients: 4, transactions: 400) * 100
        },
    ])
    bench.record(
        name, figures[0], "1/s", floor: "REF: pgbench, single rows, 4 clients", floorValue: figures[1],
        target: .ratioAtLeast(8))
    bench.record(
        "postgres: no-op jobs, as batches", figures[0], "1/s", floor: "pgbench, batches of 100", floorValue: figures[2])
}

/// What a worker gets done of many jobs that wait for the places of one key, against the same without it.
private func underOneKey(_ bench: Bench, _ shop: Shop) async throws {
    let name = "postgres: no-op jobs, 300,000 waiting under one key"
    guard bench.wants(name) else { return }
    func rate(_ concurrency: ConcurrencyLimit?) async throws -> Double {
        try await shop.empty()
        for _ in 0..<30 {
            var jobs = noops(10_000)
            for index in jobs.indices { jobs[index].concurrency = concurrency }
            _ = try await shop.store.enqueue(jobs)
        }
        return try await drainRate(shop.store, 60_000, slots: 600, exchanges: 3, batch: 200)
    }
    let figures = try await bench.medians([
        { try await rate(ConcurrencyLimit(key: "one", limit: 600)) }, { try await rate(nil) },
    ])
    bench.record(
        name, figures[0], "1/s", floor: "the same without a key", floorValue: figures[1], target: .ratioAtLeast(0.5))
}

private func enqueuing(_ bench: Bench, _ shop: Shop) async throws {
    let name = "postgres: batch enqueue of 1,000"
    guard bench.wants(name) else { return }
    let insert = SQLQuery(
        unsafe: """
            INSERT INTO \(shop.schema).plain (id, queue, kind, priority, state, run_at, payload)
            SELECT t.id, 'default', 'noop', 5, 3, now(), t.payload FROM unnest($1::uuid[], $2::bytea[]) AS t (id, payload)
            """, [])
    try await shop.database.withConnection { connection in
        try await connection.executeScript(
            """
            CREATE TABLE \(shop.schema).plain (id uuid PRIMARY KEY, queue text NOT NULL, kind text NOT NULL,
                priority smallint NOT NULL, state smallint NOT NULL, run_at timestamptz NOT NULL, payload bytea NOT NULL);
            CREATE INDEX ON \(shop.schema).plain (queue, priority, run_at, id) WHERE state = 3
            """)
    }
    let portions = 30
    func rate(_ body: ([NewJob]) async throws -> Void) async throws -> Double {
        let jobs = (0..<portions).map { _ in noops(1000) }
        let start = now()
        for portion in jobs { try await body(portion) }
        return Double(portions * 1000) / (Double(now() - start) / 1e9)
    }
    let figures = try await bench.medians([
        {
            try await shop.empty()
            return try await rate { _ = try await shop.store.enqueue($0) }
        },
        {
            _ = try await shop.database.query(SQLQuery(unsafe: "TRUNCATE \(shop.schema).plain", []))
            return try await shop.database.withConnection { connection in
                try await rate { jobs in
                    let values: [SQLValue] = [
                        .array(jobs.map { .text($0.id.description) }), .array(jobs.map { .blob($0.payload) }),
                    ]
                    _ = try await connection.run(SQLQuery(unsafe: insert.sql, values))
                }
            }
        },
        {
            try await shop.empty()
            let start = now()
            for _ in 0..<500 { _ = try await shop.store.enqueue(noops(1)) }
            return 500 / (Double(now() - start) / 1e9)
        },
        {
            try await shop.empty()
            let start = now()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask { for _ in 0..<100 { _ = try await shop.store.enqueue(noops(1)) } }
                }
                try await group.waitForAll()
            }
            return 1600 / (Double(now() - start) / 1e9)
        },
    ])
    bench.record(
        name, figures[0], "1/s", floor: "unnest INSERT of 1,000", floorValue: figures[1], target: .ratioAtLeast(0.6))
    bench.record("postgres: enqueue, one after the other", figures[2], "1/s")
    bench.record("postgres: enqueue, 16 tasks", figures[3], "1/s")
}

/// How long after a job was stored by one process's store an idle worker on another store begins it.
private func waking(_ bench: Bench, _ shop: Shop, dsn: String) async throws {
    let name = "postgres: wake-up"
    guard bench.wants(name) else { return }
    try await shop.empty()
    let database = try PostgresDatabase(
        configuration: PostgresConfiguration(dsn), poolConfiguration: PoolConfiguration(size: 2, leakThreshold: nil))
    let other = try PostgresJobStore(database: database, schema: shop.schema)
    var samples: [Double] = []
    // Nothing is found by polling.
    try await withWorker(other, slots: 4, queue: "wake", poll: .seconds(60)) {
        try await Task.sleep(for: .milliseconds(500))
        for number in 0..<320 {
            Stamp.began.store(0, ordering: .releasing)
            _ = try await shop.store.enqueue([
                NewJob(kind: Stamp.kind, queue: "wake", payload: Array("{}".utf8))
            ])
            let stored = now()
            while Stamp.began.load(ordering: .acquiring) == 0 { try await Task.sleep(for: .microseconds(100)) }
            let latency = Int64(bitPattern: Stamp.began.load(ordering: .acquiring)) - Int64(bitPattern: stored)
            // The first ones warm the connections up.
            if number >= 20 { samples.append(Double(max(0, latency)) / 1e6) }
            try await Task.sleep(for: .milliseconds(8))
        }
    }
    await other.shutdown()
    await database.shutdown()
    samples.sort()
    bench.record("\(name), p50", samples[samples.count / 2], "ms", target: .valueAtMost(2))
    bench.record("\(name), p99", samples[samples.count * 99 / 100], "ms", target: .valueAtMost(10))
}

/// What an exchange of a hundred costs with few and with many jobs behind them.
private func claiming(_ bench: Bench, _ shop: Shop) async throws {
    let name = "postgres: claim"
    guard bench.wants(name) else { return }
    try await shop.empty()
    let sizes = [1000, 100_000, 1_000_000]
    var medians: [Double] = []
    for size in sizes {
        let held = try await shop.store.statistics().first { $0.queue == "deep" }?.waiting ?? 0
        try await shop.fill(size - held, queue: "deep")
        let worker = try await shop.store.register(
            WorkerDescription(host: "bench", process: 0, queues: ["deep"]), lease: .seconds(600))
        var acknowledgements: [Acknowledgement] = []
        var samples: [Double] = []
        for _ in 0..<60 {
            let start = now()
            let reply = try await shop.store.exchange(
                ExchangeRequest(
                    worker: worker, acknowledgements: acknowledgements, claims: [QueueClaim(queue: "deep", limit: 100)])
            )
            samples.append(Double(now() - start) / 1e6)
            acknowledgements = reply.claimed.map { Acknowledgement($0.reference, .completed(result: nil)) }
            try await shop.fill(100, queue: "deep")
        }
        try await shop.store.unregister(worker)
        medians.append(samples.sorted()[samples.count / 2])
    }
    for (size, median) in zip(sizes, medians) {
        bench.record(
            "\(name) of 100 with \(size) queued", median, "ms", floor: "with 1,000 queued", floorValue: medians[0],
            target: .ratioAtMost(1.3))
    }
}

/// What a snapshot costs that somebody holds for long: dead rows cannot go.
private func heldSnapshot(_ bench: Bench, _ shop: Shop) async throws {
    let name = "postgres: held snapshot"
    guard bench.wants(name) else { return }
    let portion = 30_000
    func chunks() async throws -> [Double] {
        var rates: [Double] = []
        for _ in 0..<4 {
            try await shop.fill(portion)
            rates.append(try await drainRate(shop.store, portion, slots: 600, exchanges: 3, batch: 200))
        }
        return rates
    }
    var free: [Double] = []
    var held: [Double] = []
    for _ in 0..<min(3, bench.rounds) {
        try await shop.empty()
        free += try await chunks().suffix(2)
        try await shop.empty()
        held += try await shop.database.withConnection { connection in
            try await connection.executeScript("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
            let rates = try await chunks()
            try await connection.executeScript("COMMIT")
            return Array(rates.suffix(2))
        }
    }
    let normal = free.sorted()[free.count / 2]
    let slowed = held.sorted()[held.count / 2]
    bench.record(
        "\(name): time of a job, last of 120,000", 1e6 / slowed, "µs", floor: "without it", floorValue: 1e6 / normal,
        target: .ratioAtMost(1.3))
}
