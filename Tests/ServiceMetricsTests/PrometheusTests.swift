import Foundation
import ServiceMetrics
import Synchronization
import TestServers
import Testing

/// A real Prometheus scrapes this process while it is under load.
@Suite("Prometheus")
struct PrometheusTests {
    static let program = ["/usr/bin/prometheus", "/usr/local/bin/prometheus", "/opt/homebrew/bin/prometheus"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: program != nil, "prometheus is not installed"), .timeLimit(.minutes(1)))
    func `Prometheus scrapes a process under load without an error, and answers from it`() async throws {
        let registry = MetricRegistry(constantLabels: ["service": "a \"b\" \\ \n é"])
        let counter = try registry.counter("load_total", help: "Load \\ \"quoted\"\nlines.", labels: "path")
        let histogram = try registry.histogram("load_seconds", help: "Load.", labels: "path")
        try registry.info("load_build_info", help: "I.", ["version": "1"])
        try registry.stateSet("load_phase", help: "P.", states: ["on", "off"]).set("on")
        try registry.registerProcessMetrics()
        let types = Mutex<Set<String>>([])
        let server = try ScrapeServer(registry) { type in _ = types.withLock { $0.insert(type) } }
        let running = Atomic<Bool>(true)
        defer {
            running.store(false, ordering: .relaxed)
            server.stop()
        }
        for thread in 0..<2 {
            Thread {
                var step = 0
                while running.load(ordering: .relaxed) {
                    step += 1
                    counter.with("/\(step % 200)").increment()
                    histogram.with("/\(thread)").observe(
                        Double(step % 100) / 50, exemplar: Exemplar(["trace_id": "\(step)"]))
                    if step % 100 == 0 { usleep(200) }
                }
            }.start()
        }

        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("prometheus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = folder.appendingPathComponent("prometheus.yml").path
        try """
        global: { scrape_interval: 200ms, scrape_timeout: 200ms }
        scrape_configs:
          - job_name: load
            honor_labels: true
            static_configs: [{ targets: ["127.0.0.1:\(server.port)"] }]
        """.write(toFile: config, atomically: true, encoding: .utf8)
        let port = try TestPort.free()
        let prometheus = try ChildProcess.start(
            Self.program ?? "",
            [
                "--config.file=\(config)", "--storage.tsdb.path=\(folder.path)/data",
                "--web.listen-address=127.0.0.1:\(port)", "--enable-feature=exemplar-storage",
            ], output: folder.path + "/log")
        func answer(_ path: String) async throws -> String {
            try await Task.sleep(for: .milliseconds(50))
            return ScrapeServer.get(port: port, path) ?? ""
        }
        // Until it has scraped a few times: the count of samples over time says so.
        var figures = ""
        while !figures.contains(#""value":["#) {
            figures = try await answer("/api/v1/query?query=sum(count_over_time(up%5B1m%5D))%3E%3D5")
        }
        let targets = try await answer("/api/v1/targets")
        #expect(targets.contains(#""health":"up""#))
        #expect(targets.contains(#""lastError":"""#))
        let rate = try await answer("/api/v1/query?query=sum(load_total)%3E0")
        #expect(rate.contains(#""value":["#))
        let consistent = try await answer(
            "/api/v1/query?query=load_seconds_bucket%7Ble%3D%22%2BInf%22%7D%20!%3D%20ignoring(le)%20load_seconds_count")
        #expect(consistent.contains(#""result":[]"#))
        let exemplars = try await answer("/api/v1/query_exemplars?query=load_seconds_bucket&start=0&end=4000000000")
        #expect(exemplars.contains("trace_id"))
        #expect(types.withLock { $0 } == [ExpositionFormat.openMetrics.contentType])
        prometheus.signal(SIGTERM)
        await prometheus.ended()
    }
}
