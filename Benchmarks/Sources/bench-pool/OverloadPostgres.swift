import BenchHarness
import ConnectionPool
import Foundation
import PostgresBackend
import SQLDatabase

/// The same load on a PostgreSQL server, whose statements take 10 ms, and beside it the pools of other languages with the
/// same arrivals.
func measureOverloadPostgres(_ bench: Bench) async throws {
    guard OverloadRows.wanted(bench, "PostgreSQL") else { return }
    guard let dsn = ProcessInfo.processInfo.environment["VITALS_TEST_POSTGRES"] else {
        return print("overload, PostgreSQL: skipped, VITALS_TEST_POSTGRES names no server")
    }
    func withDatabase<Result>(
        _ overload: PoolOverload, _ body: (@Sendable @escaping () async throws -> Void) async throws -> Result
    ) async throws -> Result {
        let database = try PostgresDatabase(
            configuration: PostgresConfiguration(dsn), poolConfiguration: OverloadRows.configuration(overload))
        try await database.pool.warmUp()
        let result = try await body { _ = try await database.query("SELECT pg_sleep(0.01)") }
        await database.shutdown()
        return result
    }
    let capacity = try await withDatabase(.queue) { try await serviceRate($0) }
    let rows = OverloadRows(bench: bench, backend: "PostgreSQL", capacity: capacity)
    let peers = Peers(suite: "overload")
    for load in OverloadRows.loads where rows.wants(load) {
        let arrivals = OpenLoad(rate: load * capacity)
        let queue = try await withDatabase(.queue) { await arrivals.offer($0) }
        let shed = try await withDatabase(.shed) { await arrivals.offer($0) }
        rows.record(load, queue: queue, shed: shed)
        guard let peers else { continue }
        for (peer, theirs) in try outcomes(of: peers, dsn: dsn, arrivals) {
            rows.record(load, shed: shed, peer: peer, theirs)
        }
    }
}

/// Runs the peers one after the other on arrivals that a file passes on.
private func outcomes(of peers: Peers, dsn: String, _ load: OpenLoad) throws -> [(String, OpenLoad.Outcome)] {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("arrivals-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try load.arrivals.map(String.init).joined(separator: "\n").write(to: file, atomically: false, encoding: .utf8)
    let figures = try peers.figures([dsn, file.path])
    return ["HikariCP", "asyncpg"].compactMap { name in
        guard let goodput = figures["\(name)-goodput"], let p99 = figures["\(name)-p99"] else { return nil }
        return (name, OpenLoad.Outcome(goodput: goodput, p99: p99))
    }
}
