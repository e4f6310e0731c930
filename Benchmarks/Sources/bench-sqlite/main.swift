import BenchHarness

/// The suite, off the main actor so that nothing is moved to it and back.
nonisolated func measure() async throws {
    let bench = Bench(suite: "sqlite")
    try await withWorkbench { workbench in
        try await reads(bench, workbench)
        try await writes(bench, workbench)
        try await grdb(bench, workbench)
        try await peers(bench, workbench)
    }
    try bench.finish()
}

try await measure()
