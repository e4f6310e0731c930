import BenchHarness
import ConnectionPool
import Foundation
import PostgresBackend

// Needs VITALS_TEST_POSTGRES: the DSN of a server with nothing else to do. `Scripts/bench postgres` starts one.
guard let dsn = ProcessInfo.processInfo.environment["VITALS_TEST_POSTGRES"] else {
    print("VITALS_TEST_POSTGRES names no server; run Scripts/bench postgres")
    exit(2)
}
let bench = Bench(suite: "postgres")
let pgbench = try PgBench(dsn: dsn)
try pgbench.makeAccounts()
let database = try PostgresDatabase(
    configuration: PostgresConfiguration(dsn),
    poolConfiguration: PoolConfiguration(size: 20, maxOverflow: 0, leakThreshold: nil),
    // As many threads as pgbench has.
    loops: ProcessInfo.processInfo.activeProcessorCount)
let selects = Selects(database: database)
try await database.pool.warmUp()

for connections in [1, 8, 20] where bench.wants("select by key, connections \(connections)") {
    let figures = try await bench.medians([
        { try await selects.rate(connections: connections, onLoop: true, seconds: 1) },
        { try await selects.rate(connections: connections, onLoop: false, seconds: 1) },
        { try pgbench.selects(clients: connections) },
    ])
    bench.record(
        "select by key, connections \(connections), on the loop", figures[0], "1/s", floor: "pgbench -c \(connections)",
        floorValue: figures[2], target: .ratioAtLeast(0.85))
    bench.record(
        "select by key, connections \(connections), off the loop", figures[1], "1/s",
        floor: "pgbench -c \(connections)",
        floorValue: figures[2], target: .ratioAtLeast(0.55))
}

if bench.wants("pipelined batch of 100") {
    let figures = try await bench.medians([
        { try await selects.pipelinedRate(seconds: 1) }, { try pgbench.selects(clients: 1) },
    ])
    bench.record(
        "pipelined batch of 100", figures[0], "1/s", floor: "pgbench -c 1, single", floorValue: figures[1],
        target: .ratioAtLeast(3))
}

try await Connections(configuration: PostgresConfiguration(dsn)).record(bench, database)

if let peers = Peers(suite: "postgres") {
    try await TasksAndPeers(selects: selects, dsn: dsn).record(bench, peers)
    if bench.wants("peers") {
        var samples: [String: [Double]] = [:]
        for _ in 0..<min(bench.rounds, 3) {
            for (name, rate) in try peers.figures(["python", dsn, "1.5"]) { samples[name, default: []].append(rate) }
            samples["pool", default: []].append(try await selects.pooledRate(tasks: 200, seconds: 1.5))
            samples["one", default: []].append(try await selects.rate(connections: 1, onLoop: true, seconds: 1.5))
        }
        func median(_ name: String) -> Double { samples[name].map { $0.sorted()[$0.count / 2] } ?? 0 }
        for (name, ours, theirs, peer) in [
            ("peers: 200 tasks on 20 pooled connections", "pool", "sqlalchemy-20", "SQLAlchemy + psycopg, 20 threads"),
            ("peers: 200 tasks on 20, against asyncpg", "pool", "asyncpg-20", "asyncpg pool, 200 tasks"),
            ("peers: one connection", "one", "asyncpg-1", "asyncpg, one connection"),
        ] {
            bench.record(
                name, median(ours), "1/s", floor: peer, floorValue: median(theirs), target: .ratioAtLeast(1))
        }
    }
}

if bench.wants("rows in and out") {
    let bulk = Bulk(database: database)
    try await bulk.prepare()
    let figures = try await bench.medians([bulk.copyIn, bulk.unnest, bulk.server, bulk.stream])
    bench.record("rows in and out: COPY in", figures[0], "rows/s", floor: "the server alone", floorValue: figures[2])
    bench.record(
        "rows in and out: unnest of 1,000", figures[1], "rows/s", floor: "the server alone", floorValue: figures[2])
    bench.record(
        "rows in and out: streamed select", figures[3], "rows/s", floor: "the server alone", floorValue: figures[2])
}

await database.shutdown()
try bench.finish()
