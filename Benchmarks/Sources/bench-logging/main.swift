import BenchHarness

let bench = Bench(suite: "logging")
try await measureRecords(bench)
try await measureAnalysis(bench)
try bench.finish()
