import BenchHarness
import ConnectionPool
import Foundation

/// The same acquire and release in HikariCP and SQLAlchemy, where they can be had.
func measurePeers(_ bench: Bench) async throws {
    guard bench.wants("peers") else { return }
    let folder = FileManager.default.currentDirectoryPath
    let script = [folder + "/Benchmarks/Peers/pool/run", folder + "/Peers/pool/run"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let script else { return print("peers: skipped, Peers/pool/run is not here") }
    let pool = try Pool(backend: StubBackend())
    try await pool.warmUp()
    let own = try await bench.medians([{ try await acquireAndRelease(pool, 500_000) }])[0]
    await pool.shutdown()
    let output = try run(script, [folder + "/.build/peers/pool"])
    for line in output.split(separator: "\n") {
        // "HikariCP 78.1" or "HikariCP skipped: why".
        let words = line.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { continue }
        if let peer = Double(words[1]) {
            bench.record(
                "peers: acquire + release, against \(words[0])", own, "ns", floor: String(words[0]), floorValue: peer,
                target: .ratioAtMost(1))
        } else if words[1].hasPrefix("skipped") {
            print("peers: \(line)")
        }
    }
}
