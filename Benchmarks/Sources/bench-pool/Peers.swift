import BenchHarness
import ConnectionPool
import Foundation

/// The same acquire and release in HikariCP and SQLAlchemy, where they can be had.
func measurePeers(_ bench: Bench) async throws {
    guard bench.wants("peers"), let peers = Peers(suite: "pool") else { return }
    let pool = try Pool(backend: StubBackend())
    try await pool.warmUp()
    let own = try await bench.medians([{ try await acquireAndRelease(pool, 500_000) }])[0]
    await pool.shutdown()
    for (name, figure) in try peers.figures().sorted(by: { $0.key < $1.key }) {
        bench.record(
            "peers: acquire + release, against \(name)", own, "ns", floor: name, floorValue: figure,
            target: .ratioAtMost(1))
    }
}
