import BenchHarness
import ConnectionPool
import Foundation
import PostgresBackend

// The epic's “current state” beside what is there now, in one run: a row holds what was asked, before and after.
// Needs VITALS_TEST_POSTGRES: the DSN of a server with nothing else to do. `Scripts/bench epic` starts one.
let arguments = CommandLine.arguments
if arguments.count == 4, arguments[1] == "--child", let way = Memory.Way(rawValue: arguments[2]),
    let count = Int(arguments[3])
{
    try Memory.child(way, count: count)
    exit(0)
}
guard let dsn = ProcessInfo.processInfo.environment["VITALS_TEST_POSTGRES"] else {
    print("VITALS_TEST_POSTGRES names no server; run Scripts/bench epic")
    exit(2)
}
let bench = Bench(suite: "epic")

for users in [20, 100] where bench.wants("requests, users \(users)") {
    let database = try PostgresDatabase(
        configuration: PostgresConfiguration(dsn), poolConfiguration: PoolConfiguration(size: 20, maxOverflow: 10))
    let requests = Requests(database: database, users: users, count: 2000)
    try await requests.prepare()
    var before: [Requests.Figures] = []
    var after: [Requests.Figures] = []
    for _ in 0..<max(1, min(bench.rounds, 3)) {
        before.append(try await requests.connectionPerRequest())
        after.append(try await requests.pooled())
    }
    func median(_ figures: [Requests.Figures], _ path: KeyPath<Requests.Figures, Double>) -> Double {
        figures.map { $0[keyPath: path] }.sorted()[figures.count / 2]
    }
    let floor = "a connection each"
    let made = after[0].connections
    bench.record(
        "requests, users \(users): connections made for 2000", made, "connections", floor: floor,
        floorValue: median(before, \.connections), target: .ratioAtMost(0.5))
    bench.record(
        "requests, users \(users): share of leases that reuse", database.pool.statistics.reuse, "of 1", floor: floor,
        floorValue: 0, target: .valueAtLeast(0.9))
    bench.record(
        "requests, users \(users): p95", median(after, \.p95), "ms", floor: floor, floorValue: median(before, \.p95),
        target: .valueAtMost(100))
    bench.record(
        "requests, users \(users): requests a second", median(after, \.rate), "1/s", floor: floor,
        floorValue: median(before, \.rate), target: .ratioAtLeast(1.5))
    bench.record(
        "requests, users \(users): processor time, database's too", median(after, \.processor), "ms",
        floor: floor, floorValue: median(before, \.processor), target: .ratioAtMost(0.7))
    await database.shutdown()
}

for count in [10_000, 100_000] where bench.wants("memory, patients \(count)") {
    var before: [Double] = []
    var after: [Double] = []
    var rates: [Double] = []
    for _ in 0..<max(1, min(bench.rounds, 3)) {
        before.append(try Memory.measure(.everything, count: count).megabytes)
        let streamed = try Memory.measure(.streaming, count: count)
        after.append(streamed.megabytes)
        rates.append(streamed.perMinute)
    }
    bench.record(
        "memory, patients \(count): peak resident", after.sorted()[after.count / 2], "MB", floor: "all in memory",
        floorValue: before.sorted()[before.count / 2], target: .ratioAtMost(0.7))
    bench.record(
        "memory, patients \(count): patients a minute, one core", rates.sorted()[rates.count / 2], "1/min",
        floor: "asked", floorValue: 10_000, target: .ratioAtLeast(1))
}
try bench.finish()
