import BenchHarness
import Foundation

/// A million patients in one response.
func measureStreaming(_ bench: Bench, _ server: String) async throws {
    guard bench.wants("streaming") else { return }
    let child = try Child.serve(server, ["--no-workers", "--log-level", "warning"])
    defer { child.stop() }
    try child.ready()
    let text = try output(
        "curl",
        [
            "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download} %{speed_download}",
            child.url + "/api/v1/streaming/generate?preset=nato_article_5&total_patients=1000000&seed=1",
        ])
    let figures = text.split(separator: " ").compactMap { Double($0) }
    guard figures.count == 3, figures[0] == 200 else { throw Failure(description: "curl: \(text)") }
    bench.record("streaming 1,000,000 patients, NDJSON", figures[2] / 1e6, "MB/s")
    bench.record("streaming 1,000,000 patients, patients", 1e6 / (figures[1] / figures[2]), "1/s")
    bench.record(
        "streaming 1,000,000 patients, resident memory", try child.megabytes("VmHWM"), "MB", target: .valueAtMost(100))
}

/// The same generation by one worker process and by two, each with one slot, on one PostgreSQL.
func measureWorkers(_ bench: Bench, _ server: String) async throws {
    guard bench.wants("worker processes") else { return }
    guard let database = ProcessInfo.processInfo.environment["VITALS_TEST_POSTGRES"] else {
        print("worker processes: left out, VITALS_TEST_POSTGRES names no PostgreSQL")
        return
    }
    let child = try Child.serve(
        server, ["--database", database, "--no-workers", "--log-level", "warning"])
    defer { child.stop() }
    try child.ready()
    var memory = 0.0
    func rate(_ count: Int) -> () throws -> Double {
        {
            let workers = try (0..<count).map { _ in
                try Child(server) { _, _ in
                    ["worker", "--workers", "1", "--database", database, "--log-level", "warning"]
                }
            }
            defer { for worker in workers { worker.stop() } }
            // Both have claimed something before the clock starts.
            for _ in 0..<count {
                try child.completed(
                    try child.generate(#"{"preset":"nato_article_5","total_patients":20000,"seed":1}"#))
            }
            // Long enough that the start and the end of the job, which no second worker shortens, do not count.
            let start = now()
            try child.completed(try child.generate(#"{"preset":"nato_article_5","total_patients":400000,"seed":1}"#))
            let seconds = Double(now() - start) / 1e9
            memory = try max(memory, workers.map { try $0.megabytes("VmHWM") }.max() ?? 0)
            return 400_000 / seconds
        }
    }
    let medians = try await bench.medians([rate(1), rate(2)])
    bench.record(
        "2 worker processes, patients", medians[1], "1/s", floor: "1 worker process", floorValue: medians[0],
        target: .ratioAtLeast(1.8))
    bench.record("a worker process under load, resident memory", memory, "MB", target: .valueAtMost(100))
}
