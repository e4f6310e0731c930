import BenchHarness
import ConnectionPool
import Foundation

/// So many leases that nobody waits for.
func lease(_ count: Int) async throws {
    let pool = try Pool(backend: StubBackend())
    try await pool.warmUp(1)
    for _ in 0..<count {
        let lease = try await pool.acquire()
        blackHole(lease.connection)
        lease.release()
    }
    await pool.shutdown()
}

/// Heap allocations, counted by a library put before the system's: those of many leases less those of few.
func measureAllocations(_ bench: Bench) throws {
    guard bench.wants("allocations") else { return }
    #if os(Linux)
        guard let source = Peers(suite: "pool").map({ "\($0.folder)/malloc_count.c" }) else { return }
        let library = NSTemporaryDirectory() + "/malloc-count-\(ProcessInfo.processInfo.processIdentifier).so"
        defer { try? FileManager.default.removeItem(atPath: library) }
        do {
            _ = try run("cc", ["-O2", "-shared", "-fPIC", "-o", library, source])
        } catch {
            return print("allocations: skipped, \(error)")
        }
        func allocations(_ leases: Int) throws -> Double? {
            let output = try run(
                "env", ["LD_PRELOAD=\(library)", CommandLine.arguments[0], "--leases", "\(leases)"], withErrors: true)
            return output.split(separator: "\n").last { $0.hasPrefix("allocations ") }
                .flatMap { Double($0.dropFirst("allocations ".count)) }
        }
        guard let few = try allocations(1_000), let many = try allocations(101_000) else {
            return print("allocations: skipped, nothing was counted")
        }
        // The runtime's own come and go by a few with the timing of threads.
        bench.record(
            "allocations in 100,000 uncontended leases", max(0, many - few), "", target: .valueAtMost(20))
    #else
        print("allocations: skipped, they are counted on Linux only")
    #endif
}
