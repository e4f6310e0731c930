import BenchHarness

let bench = Bench(suite: "metrics")
try await measureUpdates(bench)
try await measureSwiftMetrics(bench)
try await measureExposition(bench)
try await measurePeers(bench)
try bench.finish()
