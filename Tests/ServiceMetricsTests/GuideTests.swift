import ServiceMetrics
import Testing

/// The examples of the guide, as they stand there.
@Suite("Guide")
struct GuideTests {
    enum Outcome: String, CaseIterable, MetricLabelValue { case done, failed }

    @Test func `a page of metrics as the guide begins`() async throws {
        let registry = MetricRegistry(constantLabels: ["service": "patients"])
        let requests = try registry.counter(
            "api_requests_total", help: "Requests answered.", labels: "method", "endpoint", "status")
        let duration = try registry.histogram(
            "api_request_duration_seconds", help: "Time to answer.", labels: "endpoint", buckets: .latency)
        try registry.gauge("db_connections_active", help: "Connections in use.") { 3 }
        try registry.registerProcessMetrics()

        requests.with("GET", "/jobs/{id}", "200").increment()
        let answer = try await duration.with("/jobs/{id}").time {
            try await Task.sleep(for: .zero)
            return 42
        }
        #expect(answer == 42)
        var body: [UInt8] = []
        let format = ExpositionFormat.negotiate(accept: "application/openmetrics-text;q=1,text/plain;q=0.5")
        registry.write(format, into: &body)
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains(#"{service="patients",method="GET",endpoint="/jobs/{id}",status="200"} 1"#))
        #expect(text.contains(#"db_connections_active{service="patients"} 3.0"#))
        #expect(registry.lint() == [])
    }

    @Test func `typed and dense labels as the guide shows them`() throws {
        let registry = MetricRegistry()
        let runs = try registry.counter("runs_total", help: "Runs.", labels: "outcome").dense(Outcome.self)
        runs[.failed].increment()
        let typed = try registry.counter("steps_total", help: "Steps.", labels: "kind", "outcome")
            .typed(String.self, Outcome.self)
        typed.with("import", .done).increment()
        let requests = try registry.counter(
            "requests_total", help: "Requests.", labels: "method", "status", idle: .seconds(600))
        requests.increment("GET", "200")
        #expect(registry.total(of: "runs_total") == 1)
        #expect(registry.total(of: "steps_total", where: ["outcome": "done"]) == 1)
        #expect(registry.total(of: "requests_total") == 1)
    }

    actor Desk {
        let waits: Histogram
        let open: Gauge
        var served = 0

        init(_ waits: Histogram, _ open: Gauge) {
            self.waits = waits
            self.open = open
        }

        func serve() async {
            await open.track {
                await waits.time {
                    served += 1
                    await Task.yield()
                }
            }
        }
    }

    @Test func `an actor may time and track work on its own state`() async throws {
        let registry = MetricRegistry()
        let desk = Desk(
            try registry.histogram("wait_seconds", help: "Waits."), try registry.gauge("desks_open", help: "Open."))
        await desk.serve()
        #expect(await desk.served == 1)
        #expect(registry.observations(of: "wait_seconds")?.counts.reduce(0, +) == 1)
        #expect(registry.value(of: "desks_open") == 0)
    }
}
