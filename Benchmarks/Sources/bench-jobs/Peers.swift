import BenchHarness
import Foundation

/// Queues of other languages on the same machine, in rows of their own.
func benchPeers(_ bench: Bench, dsn: String) async throws {
    guard bench.wants("peers") else { return }
    guard let folder = peerFolder("jobs") else {
        print("peers: skipped, Benchmarks/Peers/jobs is not below the current folder")
        return
    }
    let venv = FileManager.default.currentDirectoryPath + "/.build/peers/jobs"
    do {
        let output = try run(folder + "/run", [venv, dsn])
        var rates: [String: Double] = [:]
        for line in output.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2, let rate = Double(parts[1]) {
                rates[String(parts[0])] = rate
            } else {
                print("peers: \(line)")
            }
        }
        let shop = try await Shop(dsn: dsn)
        let count = 40_000
        try await shop.fill(count)
        let ours = try await drainRate(shop.store, count, slots: 600, exchanges: 3, batch: 200)
        try await shop.close()
        for (name, rate) in rates.sorted(by: { $0.key < $1.key }) {
            bench.record(
                "peers: no-op jobs", ours, "1/s", floor: name, floorValue: rate, target: .ratioAtLeast(1))
        }
    } catch {
        print("peers: skipped, \(error)")
    }
}
