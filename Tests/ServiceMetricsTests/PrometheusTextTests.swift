import Testing

@testable import ServiceMetrics

@Suite("Prometheus text 0.0.4")
struct PrometheusTextTests {
    @Test func `a counter has help, type and one line`() throws {
        let registry = MetricRegistry()
        try registry.counter("visits_total", help: "Visits.").increment(by: 3)
        #expect(
            registry.text() == """
                # HELP visits_total Visits.
                # TYPE visits_total counter
                visits_total 3

                """)
    }

    @Test func `a label's value escapes backslash, quote and line feed, and nothing else`() throws {
        let registry = MetricRegistry()
        try registry.counter("a_total", help: "A.", labels: "path").with("C:\\x \"y\"\nz\té😀").increment()
        #expect(registry.lines().last == #"a_total{path="C:\\x \"y\"\nz"# + "\té😀\"} 1")
    }

    @Test func `help escapes backslash and line feed and leaves quotes`() throws {
        let registry = MetricRegistry()
        try registry.gauge("g", help: "a\\b\n\"c\"\td").set(1)
        #expect(registry.lines().first == #"# HELP g a\\b\n"c""# + "\td")
    }

    @Test(arguments: [
        (1.0, "1.0"), (0.1, "0.1"), (-2.5, "-2.5"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        (1e21, "1e+21"), (0, "0.0"),
    ])
    func `a gauge's figure is written as the format reads it`(value: Double, text: String) throws {
        let registry = MetricRegistry()
        try registry.gauge("g", help: "G.").set(value)
        #expect(registry.lines().last == "g \(text)")
    }

    @Test func `a histogram's buckets are cumulative and end with the count`() throws {
        let registry = MetricRegistry()
        let histogram = try registry.histogram("h_seconds", help: "H.", buckets: Buckets([0.5, 1]))
        for value in [0.25, 0.5, 0.75, 2] { histogram.observe(value) }
        #expect(
            registry.text() == """
                # HELP h_seconds H.
                # TYPE h_seconds histogram
                h_seconds_bucket{le="0.5"} 2
                h_seconds_bucket{le="1.0"} 3
                h_seconds_bucket{le="+Inf"} 4
                h_seconds_sum 3.5
                h_seconds_count 4

                """)
    }

    @Test func `constant labels stand first on every series`() throws {
        let registry = MetricRegistry(constantLabels: ["service": "x"])
        try registry.counter("a_total", help: "A.", labels: "b").with("c").increment()
        #expect(registry.lines().last == #"a_total{service="x",b="c"} 1"#)
    }
}
