import BenchHarness
import Foundation

/// Selects by key from ordinary tasks on a pool of 20, in turns with the same in Go and Rust: the rate, and the client's
/// processor time for each select.
struct TasksAndPeers {
    let selects: Selects
    let dsn: String
    private static let seconds = 1.5
    private static let names = ["pgx", "pq", "tokio-postgres"]

    func record(_ bench: Bench, _ peers: Peers) async throws {
        for tasks in [1, 20, 200] where bench.wants("from \(tasks) tasks") {
            var samples: [String: [Double]] = [:]
            for _ in 0..<bench.rounds {
                let used = clock()
                let rate = try await selects.pooledRate(tasks: tasks, seconds: Self.seconds)
                let microseconds = Double(clock() - used) * 1e6 / Double(CLOCKS_PER_SEC)
                samples["ours-rate", default: []].append(rate)
                samples["ours-cpu", default: []].append(microseconds / (rate * Self.seconds))
                for language in ["go", "rust"] {
                    let figures = try peers.figures([language, dsn, String(Self.seconds), String(tasks)])
                    for (name, figure) in figures { samples[name, default: []].append(figure) }
                }
            }
            func median(_ name: String) -> Double { samples[name].map { $0.sorted()[$0.count / 2] } ?? 0 }
            for peer in Self.names {
                bench.record(
                    "from \(tasks) tasks, against \(peer)", median("ours-rate"), "1/s", floor: peer,
                    floorValue: median("\(peer)-rate"), target: .ratioAtLeast(1))
                bench.record(
                    "from \(tasks) tasks, processor time, against \(peer)", median("ours-cpu"), "µs", floor: peer,
                    floorValue: median("\(peer)-cpu"), target: .ratioAtMost(1))
            }
        }
    }
}
