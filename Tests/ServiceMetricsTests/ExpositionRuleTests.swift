import TestServers
import Testing

@testable import ServiceMetrics

@Suite("Rules of exposition")
struct ExpositionRuleTests {
    @Test func `OpenMetrics writes units, info and state sets by their types, classic text as gauges`() throws {
        let registry = MetricRegistry()
        try registry.gauge("size_bytes", help: "S.", unit: "bytes").set(1)
        try registry.info("build_info", help: "B.", ["version": "1.2"])
        let phase = try registry.stateSet("phase", help: "P.", states: ["starting", "serving"])
        phase.set("serving")
        #expect(
            registry.text(.openMetrics) == """
                # HELP size_bytes S.
                # TYPE size_bytes gauge
                # UNIT size_bytes bytes
                size_bytes 1.0
                # HELP build B.
                # TYPE build info
                build_info{version="1.2"} 1.0
                # HELP phase P.
                # TYPE phase stateset
                phase{phase="starting"} 0.0
                phase{phase="serving"} 1.0
                # EOF

                """)
        #expect(registry.lines().filter { $0.hasPrefix("# TYPE") }.allSatisfy { $0.hasSuffix(" gauge") })
        #expect(!registry.text().contains("UNIT"))
    }

    @Test func `an exemplar stands at its bucket in OpenMetrics and never in classic text`() throws {
        let registry = MetricRegistry()
        let histogram = try registry.histogram("h", help: "H.", buckets: Buckets([1]))
        histogram.observe(0.5, exemplar: Exemplar(["trace_id": "a\"b"], timestamp: 12.5))
        try registry.counter("c_total", help: "C.").increment(exemplar: Exemplar(["trace_id": "x"]))
        let lines = registry.lines(.openMetrics)
        #expect(lines.contains(#"h_bucket{le="1.0"} 1 # {trace_id="a\"b"} 0.5 12.5"#))
        #expect(lines.contains(#"c_total 1 # {trace_id="x"} 1.0"#))
        #expect(!registry.text().contains("trace_id"))
    }

    @Test func `an exemplar of more than 128 characters is not shown but counted`() throws {
        let registry = MetricRegistry()
        let counter = try registry.counter("c_total", help: "C.")
        counter.increment(exemplar: Exemplar(["x": String(repeating: "é", count: 127)]))
        #expect(registry.lines(.openMetrics).contains { $0.contains(" # {x=") })
        counter.increment(exemplar: Exemplar(["y": String(repeating: "é", count: 128)]))
        counter.increment(exemplar: Exemplar(["bad name": "1"]))
        #expect(!registry.lines(.openMetrics).contains { $0.contains(" # {y=") || $0.contains("bad") })
        #expect(registry.lines().contains(#"metrics_updates_rejected_total{metric="c_total"} 2.0"#))
        #expect(counter.value == 3)
    }

    @Test func `_created is written where it is asked for`() throws {
        let registry = MetricRegistry(createdTimestamps: true, now: { 1_700_000_000 })
        try registry.counter("c_total", help: "C.", labels: "a").with("b").increment()
        _ = try registry.histogram("h", help: "H.", buckets: Buckets([1]))
        let lines = registry.lines(.openMetrics)
        #expect(lines.contains(#"c_created{a="b"} 1700000000.0"#))
        #expect(lines.contains("h_created 1700000000.0"))
        #expect(!registry.text().contains("_created"))
    }

    @Test func `bounds below zero leave sum and count to classic text`() throws {
        let registry = MetricRegistry()
        let histogram = try registry.histogram("h", help: "H.", buckets: Buckets([-1, 1]))
        histogram.observe(-3)
        #expect(registry.lines().suffix(2) == ["h_sum -3.0", "h_count 1"])
        #expect(registry.lines(.openMetrics).suffix(2) == [#"h_bucket{le="+Inf"} 1"#, "# EOF"])
    }

    @Test func `a bound of infinity given by hand stands once`() throws {
        let registry = MetricRegistry()
        try registry.histogram("h", help: "H.", buckets: Buckets([1, .infinity])).observe(2)
        #expect(registry.lines().filter { $0.contains("+Inf") } == [#"h_bucket{le="+Inf"} 1"#])
    }

    @Test func `a filter takes the names of families and of lines`() throws {
        let registry = MetricRegistry()
        try registry.counter("a_total", help: "A.").increment()
        try registry.histogram("h", help: "H.", buckets: Buckets([1])).observe(1)
        try registry.gauge("g", help: "G.").set(1)
        #expect(registry.text(names: ["a_total"]).contains("a_total 1"))
        #expect(registry.text(names: ["a"]).contains("a_total 1"))
        #expect(registry.text(names: ["h_sum"]).contains("h_count 1"))
        #expect(registry.text(names: ["g"]) == "# HELP g G.\n# TYPE g gauge\ng 1.0\n")
        #expect(registry.text(.openMetrics, names: []) == "# EOF\n")
    }

    @Test func `a closure's series are written once each, and never in a wrong shape`() throws {
        let registry = MetricRegistry()
        try registry.gauge("g", help: "G.", labels: ["a", "b"]) {
            [(["1", "2"], 1), (["1", "2"], 2), (["1"], 3), (["1", "3", "4"], 4)]
        }
        #expect(
            registry.lines().suffix(3) == [#"g{a="1",b="2"} 1.0"#, #"g{a="1",b=""} 3.0"#, #"g{a="1",b="3"} 4.0"#])
    }

    @Test(arguments: [nil, -1, .nan] as [Double?])
    func `a counter's closure without a figure leaves the metric out`(value: Double?) throws {
        let registry = MetricRegistry()
        try registry.counter("a_total", help: "A.") { value }
        #expect(registry.text().isEmpty)
    }

    @Test func `numbers read back as they were, in any size`() {
        var generator = SplitMix64(seed: 3)
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: NumberText.longest)
        defer { buffer.deallocate() }
        func text(_ length: Int) -> String {
            String(decoding: UnsafeBufferPointer(start: buffer, count: length), as: UTF8.self)
        }
        for round in 0..<300_000 {
            let value: Double =
                switch round % 4 {
                case 0: Double(bitPattern: generator.next())
                case 1: Double(Int64.random(in: -2_000_000_000...2_000_000_000, using: &generator)) / 1000
                case 2: Double(Int64.random(in: -5_000_000...5_000_000, using: &generator)) / 1_000_000
                default: Double(Int64.random(in: -99_999...99_999, using: &generator))
                }
            let written = text(NumberText.write(value, to: buffer))
            if value.isNaN {
                #expect(written == "NaN")
            } else if Double(written) != value {
                Issue.record("\(value) became \(written)")
            }
            let whole = generator.next() >> UInt64(round % 64)
            if text(NumberText.write(whole, to: buffer)) != String(whole) { Issue.record("\(whole)") }
        }
        for edge in [0, 9, 10, 99, 100, 12345, .max] as [UInt64] {
            #expect(text(NumberText.write(edge, to: buffer)) == String(edge))
        }
        #expect(text(NumberText.write(Int64.min, to: buffer)) == String(Int64.min))
    }
}
