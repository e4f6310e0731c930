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

/// Heap allocations as valgrind counts them: those of many leases less those of few.
func measureAllocations(_ bench: Bench) throws {
    guard bench.wants("allocations") else { return }
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/valgrind") else {
        return print("allocations: skipped, there is no valgrind")
    }
    func allocations(_ leases: Int) throws -> Double? {
        let output = try run(
            "/usr/bin/valgrind",
            ["--tool=memcheck", "--leak-check=no", CommandLine.arguments[0], "--leases", "\(leases)"])
        // ==1== total heap usage: 1,234 allocs, …
        guard let line = output.split(separator: "\n").first(where: { $0.contains("total heap usage") }) else {
            return nil
        }
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(where: { $0.hasPrefix("allocs") }) else { return nil }
        return Double(words[index - 1].replacingOccurrences(of: ",", with: ""))
    }
    guard let few = try allocations(1_000), let many = try allocations(101_000) else {
        return print("allocations: skipped, valgrind told no count")
    }
    bench.record(
        "allocations a lease, uncontended", ((many - few) / 100_000 * 1_000).rounded() / 1_000, "",
        target: .valueAtMost(0))
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
