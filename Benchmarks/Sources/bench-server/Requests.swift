import BenchHarness
import Foundation

/// From the process's start to its first 200 of the readiness probe.
func measureStart(_ bench: Bench, _ server: String) async throws {
    guard bench.wants("start to ready") else { return }
    let medians = try await bench.medians([
        {
            let start = now()
            let child = try Child.serve(server)
            defer { child.stop() }
            try child.ready()
            return Double(now() - start) / 1e6
        }
    ])
    bench.record("start to ready, SQLite", medians[0], "ms", target: .valueAtMost(300))
}

/// A request through all middleware, against Hummingbird alone; both servers run, wrk asks them in turn.
func measureMiddleware(_ bench: Bench, _ server: String) async throws {
    guard bench.wants("GET /health/live") else { return }
    let bare = try Child(CommandLine.arguments[0]) { port, _ in ["bare", "\(port)"] }
    defer { bare.stop() }
    try bare.ready("/api/v1/health/live")
    let quiet = try Child.serve(server, ["--no-workers", "--log-level", "warning"])
    defer { quiet.stop() }
    try quiet.ready()
    let logging = try Child.serve(server, ["--no-workers"])
    defer { logging.stop() }
    try logging.ready()
    func rate(_ child: Child) -> () throws -> Double {
        {
            let text = try output("wrk", ["-t1", "-c32", "-d2s", child.url + "/api/v1/health/live"])
            guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
                let rate = Double(line.split(separator: " ", omittingEmptySubsequences: true)[1]),
                !text.contains("Non-2xx")
            else { throw Failure(description: "wrk: \(text)") }
            return rate
        }
    }
    let medians = try await bench.medians([rate(bare), rate(quiet), rate(logging)])
    bench.record(
        "GET /health/live, all middleware", medians[1], "1/s", floor: "bare Hummingbird", floorValue: medians[0],
        target: .ratioAtLeast(0.8))
    bench.record(
        "GET /health/live, all middleware and the access log", medians[2], "1/s", floor: "bare Hummingbird",
        floorValue: medians[0])
}

/// A hundred users, each a simple query ten times a second, while a generation runs in the same process.
func measureUsers(_ bench: Bench, _ server: String) async throws {
    guard bench.wants("100 users") else { return }
    let child = try Child.serve(server, ["--workers", "1", "--max-patients", "10000000", "--log-level", "warning"])
    defer { child.stop() }
    try child.ready()
    let small = try child.generate(#"{"preset":"training_exercise","total_patients":1000,"seed":1}"#)
    try child.completed(small)
    let long = try child.generate(#"{"preset":"nato_article_5","total_patients":10000000,"seed":1}"#)
    let script = child.folder + "/users.lua"
    try """
    local paths = { "\(small)", "/api/v1/jobs/?limit=10", "/api/v1/presets", "\(small)/results?per_page=10" }
    local turn = 0
    function delay() return 100 end
    function request()
      turn = turn % #paths + 1
      return wrk.format("GET", paths[turn])
    end
    function done(summary, latency)
      local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
      io.write(string.format("FIGURES %d %d %d %d %d\\n", latency:percentile(50), latency:percentile(95),
        latency:percentile(99), summary.requests, bad))
    end
    """.write(toFile: script, atomically: true, encoding: .utf8)
    var rounds: [[Double]] = []
    for _ in 0..<3 {
        let text = try output("wrk", ["-t1", "-c100", "-d6s", "-s", script, child.url])
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("FIGURES ") }) else {
            throw Failure(description: "wrk: \(text)")
        }
        rounds.append(line.split(separator: " ").dropFirst().compactMap { Double($0) })
    }
    let isStillRunning = child.get(long).body.contains("\"status\":\"running\"")
    func median(_ place: Int) -> Double { rounds.map { $0[place] }.sorted()[1] }
    let note = isStillRunning ? "" : " (the generation ended early)"
    bench.record("100 users while a generation runs, p50\(note)", median(0) / 1000, "ms")
    bench.record("100 users while a generation runs, p95\(note)", median(1) / 1000, "ms", target: .valueAtMost(10))
    bench.record("100 users while a generation runs, p99\(note)", median(2) / 1000, "ms")
    bench.record("100 users while a generation runs, requests", median(3) / 6, "1/s")
    bench.record(
        "100 users while a generation runs, errors", rounds.map { $0[4] }.reduce(0, +), "", target: .valueAtMost(0))
    bench.record(
        "100 users while a generation runs, resident memory", try child.megabytes("VmHWM"), "MB",
        target: .valueAtMost(100))
    _ = child.post(long + "/cancel", "")
}
