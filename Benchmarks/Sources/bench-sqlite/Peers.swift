import BenchHarness
import SQLiteBackend

/// The same read through other languages' drivers, in turn with this one's.
func peers(_ bench: Bench, _ workbench: Workbench) async throws {
    guard bench.wants("peers"), let peers = Peers(suite: "sqlite") else { return }
    var samples: [String: [Double]] = [:]
    for _ in 0..<min(bench.rounds, 3) {
        for (name, figure) in try peers.figures([workbench.path, "0.5"]) { samples[name, default: []].append(figure) }
        samples["alone", default: []].append(try await alone(workbench.database, count: 5_000, moves: true))
        samples["there", default: []].append(try await alone(workbench.database, count: 5_000, moves: false))
        samples["crowd", default: []].append(
            try await crowd(workbench.database, tasks: 200, each: 100, moves: true))
    }
    func median(_ name: String) -> Double { samples[name].map { $0.sorted()[$0.count / 2] } ?? 0 }
    for (name, ours, theirs, peer) in [
        ("peers: read on the database's executor", "there", "sqlite3", "Python's sqlite3, no pool"),
        ("peers: read from any task", "alone", "sqlalchemy", "SQLAlchemy's pool"),
        ("peers: read from any task, alone", "alone", "aiosqlite-1", "aiosqlite, one task"),
        ("peers: 200 tasks", "crowd", "aiosqlite-200", "aiosqlite, 200 tasks"),
    ] {
        bench.record(
            name, median(ours), "ns", floor: peer, floorValue: median(theirs), target: .ratioAtMost(1))
    }
}
