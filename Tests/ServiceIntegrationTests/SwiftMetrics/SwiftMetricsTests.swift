import CoreMetrics
import ServiceMetrics
import Testing

@testable import ServiceIntegration

@Suite("swift-metrics factory")
struct SwiftMetricsTests {
    let registry = MetricRegistry()
    let factory: RegistryMetricsFactory

    init() { factory = RegistryMetricsFactory(registry: registry) }

    private var samples: [String] {
        registry.text().split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    @Test func `every instrument is native`() {
        factory.makeCounter(label: "a.b", dimensions: [("x", "1")]).increment(by: 2)
        factory.makeFloatingPointCounter(label: "f", dimensions: []).increment(by: 0.5)
        factory.makeMeter(label: "m", dimensions: []).set(3.5)
        factory.makeRecorder(label: "g", dimensions: [], aggregate: false).record(Int64(4))
        factory.makeRecorder(label: "r", dimensions: [], aggregate: true).record(Int64(5))
        factory.makeTimer(label: "t", dimensions: []).recordNanoseconds(250_000_000)
        #expect(
            samples.filter { !$0.contains("bucket") } == [
                #"a_b_total{x="1"} 2"#, "f_total 0.5", "m 3.5", "g 4.0", "r_sum 5.0", "r_count 1", "t_seconds_sum 0.25",
                "t_seconds_count 1",
            ])
    }

    @Test func `the unit a timer prefers is its suffix`() {
        let timer = factory.makeTimer(label: "t", dimensions: [])
        timer.preferDisplayUnit(.milliseconds)
        timer.recordNanoseconds(2_500_000)
        #expect(samples.contains("t_milliseconds_sum 2.5"))
        #expect(samples.contains(#"t_milliseconds_bucket{le="2.5"} 1"#))
    }

    @Test func `a timer with a unit stands in the scrape before anything is timed, others once they are used`() {
        let timer = factory.makeTimer(label: "t", dimensions: [])
        #expect(samples == [])
        timer.preferDisplayUnit(.seconds)
        #expect(samples.contains("t_seconds_count 0"))
        timer.preferDisplayUnit(.milliseconds)
        timer.recordNanoseconds(250_000_000)
        #expect(samples.contains("t_seconds_sum 0.25") && !registry.text().contains("t_milliseconds"))
    }

    @Test func `a factory that nobody uses any more is let go, with its timers`() {
        weak var gone: RegistryMetricsFactory?
        do {
            let factory = RegistryMetricsFactory(registry: MetricRegistry())
            gone = factory
            Timer(label: "t", preferredDisplayUnit: .seconds, factory: factory).recordNanoseconds(1)
            Timer(label: "u", factory: factory).recordNanoseconds(1)
        }
        #expect(gone == nil)
    }

    @Test func `help and buckets of single metrics are what the service wants`() {
        let factory = RegistryMetricsFactory(
            registry: registry, buckets: ["turn": Buckets([0.001, 1]), "rows": Buckets([10])],
            help: ["turn": "How long a turn takes.", "c": "Calls."])
        let turn = factory.makeTimer(label: "turn", dimensions: [])
        turn.preferDisplayUnit(.milliseconds)
        turn.recordNanoseconds(2_000_000)
        factory.makeRecorder(label: "rows", dimensions: [], aggregate: true).record(Int64(7))
        factory.makeCounter(label: "c", dimensions: []).increment(by: 1)
        factory.makeMeter(label: "m", dimensions: []).set(1.0)
        let text = registry.text()
        for line in [
            "# HELP turn_milliseconds How long a turn takes.", #"turn_milliseconds_bucket{le="1000.0"} 1"#,
            #"turn_milliseconds_bucket{le="1.0"} 0"#, #"rows_bucket{le="10.0"} 1"#, "# HELP c_total Calls.",
            "# HELP m m",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        #expect(samples.filter { $0.hasPrefix("turn_milliseconds_bucket") }.count == 3)
    }

    @Test func `dimensions in another order are the same series`() {
        factory.makeCounter(label: "a", dimensions: [("x", "1"), ("y", "2")]).increment(by: 1)
        factory.makeCounter(label: "a", dimensions: [("y", "2"), ("x", "1")]).increment(by: 1)
        #expect(samples == [#"a_total{x="1",y="2"} 2"#])
    }

    @Test func `one name with several sets of labels stands under one head`() {
        factory.makeCounter(label: "a", dimensions: []).increment(by: 1)
        factory.makeCounter(label: "a", dimensions: [("x", "1")]).increment(by: 2)
        factory.makeCounter(label: "b", dimensions: []).increment(by: 5)
        factory.makeCounter(label: "a", dimensions: [("y", "1"), ("x", "")]).increment(by: 3)
        #expect(samples == ["a_total 1", #"a_total{x="1"} 2"#, #"a_total{y="1"} 3"#, "b_total 5"])
    }

    @Test func `a clash of kinds is counted and harms nobody`() {
        factory.makeMeter(label: "a", dimensions: []).set(1.0)
        let recorder = factory.makeRecorder(label: "a", dimensions: [], aggregate: true)
        recorder.record(3.5)
        factory.makeCounter(label: "a", dimensions: []).increment(by: 1)
        #expect(samples == ["a 1.0", "metrics_registration_errors_total 2.0"])
    }

    @Test func `a name that becomes another's is counted, not merged`() {
        factory.makeCounter(label: "a.b", dimensions: []).increment(by: 1)
        factory.makeCounter(label: "a_b", dimensions: []).increment(by: 1)
        #expect(samples == ["a_b_total 1", "metrics_registration_errors_total 1.0"])
    }

    @Test func `negative and NaN updates are counted, not taken`() {
        factory.makeCounter(label: "a", dimensions: []).increment(by: -1)
        factory.makeFloatingPointCounter(label: "b", dimensions: []).increment(by: .nan)
        factory.makeTimer(label: "c", dimensions: []).recordNanoseconds(-1)
        #expect(samples.contains("a_total 0"))
        #expect(samples.filter { $0.hasPrefix("metrics_updates_rejected_total") }.count == 3)
        #expect(samples.contains("c_seconds_count 0"))
    }

    @Test(arguments: ["", "0", "é", "a\n", "le", "a\"b", "_total", "x_info", "x_bucket", "a_total_total", "😀 {}"])
    func `any name gives valid text`(name: String) throws {
        factory.makeCounter(label: name, dimensions: [(name, name), ("le", "1"), ("__x", "2"), (name, "3")])
            .increment(by: 1)
        factory.makeMeter(label: name + "m", dimensions: []).set(1.0)
        factory.makeRecorder(label: name + "_count", dimensions: [], aggregate: false).record(1.0)
        factory.makeRecorder(label: name + "h", dimensions: [(name, "\"\n\\")], aggregate: true).record(1.0)
        factory.makeTimer(label: name + "t", dimensions: []).recordNanoseconds(1)
        let shape = try Regex(
            #"[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*",?)+\})? [-+.a-zA-Z0-9]+"#)
        for sample in samples {
            #expect(try shape.wholeMatch(in: sample) != nil, "\(sample)")
        }
        #expect(!samples.contains { $0.contains("{le=\"1\"") })
    }

    @Test func `a counter that is destroyed lives on for its other holders`() {
        let first = factory.makeCounter(label: "a", dimensions: [("x", "1"), ("y", "2")])
        let second = factory.makeCounter(label: "a", dimensions: [("x", "1"), ("y", "2")])
        let third = factory.makeCounter(label: "a", dimensions: [("y", "2"), ("x", "1")])
        first.increment(by: 1)
        factory.destroyCounter(first)
        second.increment(by: 1)
        #expect(samples == [#"a_total{x="1",y="2"} 2"#])
        factory.destroyCounter(second)
        third.increment(by: 1)
        #expect(samples == [#"a_total{x="1",y="2"} 3"#])
        factory.destroyCounter(third)
        #expect(samples == [])
        factory.destroyCounter(third)
        factory.makeCounter(label: "a", dimensions: [("x", "1"), ("y", "2")]).increment(by: 1)
        #expect(samples == [#"a_total{x="1",y="2"} 1"#])
    }

    @Test func `a counter that is reset begins again`() {
        let counter = factory.makeCounter(label: "a", dimensions: [])
        counter.increment(by: 5)
        counter.reset()
        #expect(samples == ["a_total 0"])
    }
}
