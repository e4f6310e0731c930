import BenchHarness
import Foundation

/// Queues of other languages on the same machine, in rows of their own.
func benchPeers(_ bench: Bench, dsn: String) async throws {
    guard bench.wants("peers"), let peers = Peers(suite: "jobs") else { return }
    do {
        let rates = try peers.figures([dsn])
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
