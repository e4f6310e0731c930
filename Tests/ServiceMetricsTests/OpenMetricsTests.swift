import Testing

@testable import ServiceMetrics

@Suite("OpenMetrics 1.0")
struct OpenMetricsTests {
    @Test func `a counter's family drops _total, its sample keeps it, and the text ends with EOF`() throws {
        let registry = MetricRegistry()
        try registry.counter("visits_total", help: "Visits.").increment()
        #expect(
            registry.text(.openMetrics) == """
                # HELP visits Visits.
                # TYPE visits counter
                visits_total 1
                # EOF

                """)
    }

    @Test func `help escapes quotes too`() throws {
        let registry = MetricRegistry()
        try registry.gauge("g", help: "say \"a\\b\"\n").set(1)
        #expect(registry.lines(.openMetrics).first == #"# HELP g say \"a\\b\"\n"#)
    }

    @Test func `an empty registry is only EOF`() {
        #expect(MetricRegistry().text(.openMetrics) == "# EOF\n")
    }
}
