import BenchHarness

if let order = Residence.order(CommandLine.arguments) {
    try await Residence.generate(order)
} else {
    let bench = Bench(suite: "patients")
    try await measureFormats(bench)
    try await measureParallel(bench)
    try await measureFiles(bench)
    try await measureProgram(bench)
    try await measureFirstByte(bench)
    try await measureEncoder(bench)
    try await Residence.measure(bench)
    try bench.finish()
}
