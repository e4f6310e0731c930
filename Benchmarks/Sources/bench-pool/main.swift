import BenchHarness
import Foundation

// The suite starts itself to have its allocations counted.
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--leases", let count = Int(CommandLine.arguments[2]) {
    try await lease(count)
    exit(0)
}
let bench = Bench(suite: "pool")
try await measureUncontended(bench)
try measureAllocations(bench)
try await measureContended(bench)
try await measureReuse(bench)
try await measureOverload(bench)
try await measureOverloadPostgres(bench)
try await measurePeers(bench)
try bench.finish()
