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
        let folder = FileManager.default.currentDirectoryPath
        let source = [folder + "/Benchmarks/Peers/pool/malloc_count.c", folder + "/Peers/pool/malloc_count.c"]
            .first { FileManager.default.fileExists(atPath: $0) }
        guard let source else { return print("allocations: skipped, Peers/pool/malloc_count.c is not here") }
        let library = NSTemporaryDirectory() + "/malloc-count-\(ProcessInfo.processInfo.processIdentifier).so"
        defer { try? FileManager.default.removeItem(atPath: library) }
        let complaint = try run("/usr/bin/env", ["cc", "-O2", "-shared", "-fPIC", "-o", library, source])
        guard FileManager.default.fileExists(atPath: library) else {
            return print("allocations: skipped, cc says \(complaint)")
        }
        func allocations(_ leases: Int) throws -> Double? {
            let output = try run(
                "/usr/bin/env", ["LD_PRELOAD=\(library)", CommandLine.arguments[0], "--leases", "\(leases)"])
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

/// Runs a program and returns what it wrote, to either stream.
func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
}
