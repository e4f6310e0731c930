import ServiceMetrics
import Testing

/// What crashed or corrupted other libraries is an error thrown at registration here, or a counted drop.
@Suite("Registration")
struct RegistrationTests {
    func code(_ body: () throws -> Void) -> MetricError.Code? {
        do {
            try body()
            return nil
        } catch let error as MetricError {
            return error.code
        } catch {
            return nil
        }
    }

    @Test func `a name registered as another kind is refused`() throws {
        let registry = MetricRegistry()
        _ = try registry.gauge("a", help: "A.")
        #expect(code { _ = try registry.histogram("a", help: "A.") } == .conflict)
    }

    @Test func `a name with and without labels is refused`() throws {
        let registry = MetricRegistry()
        _ = try registry.counter("a_total", help: "A.")
        #expect(code { _ = try registry.counter("a_total", help: "A.", labels: "b") } == .conflict)
    }

    @Test func `the same labels in another order are refused`() throws {
        let registry = MetricRegistry()
        _ = try registry.counter("a_total", help: "A.", labels: "b", "c")
        #expect(code { _ = try registry.counter("a_total", help: "A.", labels: "c", "b") } == .conflict)
    }

    @Test func `another help text is refused`() throws {
        let registry = MetricRegistry()
        _ = try registry.gauge("a", help: "A.")
        #expect(code { _ = try registry.gauge("a", help: "B.") } == .conflict)
    }

    @Test func `other buckets are refused`() throws {
        let registry = MetricRegistry()
        _ = try registry.histogram("a", help: "A.", buckets: Buckets([1]))
        #expect(code { _ = try registry.histogram("a", help: "A.", buckets: Buckets([2])) } == .conflict)
    }

    @Test func `a histogram beside a metric of its count is refused, in either order`() throws {
        for suffix in ["_count", "_sum"] {
            let registry = MetricRegistry()
            _ = try registry.histogram("foo", help: "F.")
            #expect(code { _ = try registry.gauge("foo" + suffix, help: "F.") } == .conflict)
            let other = MetricRegistry()
            _ = try other.gauge("foo" + suffix, help: "F.")
            #expect(code { _ = try other.histogram("foo", help: "F.") } == .conflict)
        }
    }

    @Test func `a gauge named as OpenMetrics names a counter's family is refused`() throws {
        let registry = MetricRegistry()
        _ = try registry.counter("a_total", help: "A.")
        #expect(code { _ = try registry.gauge("a", help: "A.") } == .conflict)
        #expect(code { _ = try registry.gauge("a_created", help: "A.") } == .conflict)
    }

    @Test func `the same metric registered twice is one`() throws {
        let registry = MetricRegistry()
        try registry.counter("a_total", help: "A.").increment()
        try registry.counter("a_total", help: "A.").increment()
        #expect(registry.lines().last == "a_total 2")
    }

    @Test(arguments: ["", "1a", "a-b", "a.b", "a b", "é", "a\n", "a\"", "{", String(repeating: "a", count: 201)])
    func `a name that is none is refused`(name: String) {
        let registry = MetricRegistry()
        #expect(code { _ = try registry.gauge(name, help: "A.") } == .invalidName)
        #expect(code { _ = try registry.counter(name + "_total", help: "A.") } == .invalidName || name.isEmpty)
        #expect(
            registry.text() == "# HELP metrics_registration_errors_total Metrics that could not be registered or "
                + "merged.\n# TYPE metrics_registration_errors_total counter\nmetrics_registration_errors_total 2.0\n"
                || name.isEmpty)
    }

    @Test(arguments: ["a_total", "a_bucket", "a_info"])
    func `a suffix that means something else is refused`(name: String) {
        let registry = MetricRegistry()
        #expect(code { _ = try registry.gauge(name, help: "A.") } == .invalidName)
        #expect(code { _ = try registry.histogram(name, help: "A.") } == .invalidName)
    }

    @Test func `a counter ends with _total and has a stem`() {
        let registry = MetricRegistry()
        #expect(code { _ = try registry.counter("a", help: "A.") } == .invalidName)
        #expect(code { _ = try registry.counter("_total", help: "A.") } == .invalidName)
        #expect(code { _ = try registry.counter("a_total_total", help: "A.") } == .invalidName)
    }

    @Test func `the registry's own metrics cannot be taken`() {
        #expect(
            code { _ = try MetricRegistry().counter("metrics_series_dropped_total", help: "A.") } == .invalidName)
    }

    @Test(arguments: ["", "le", "quantile", "__name__", "__x", "1a", "a-b", "a:b", "é", "a\"b"])
    func `a label that is none is refused`(label: String) {
        let registry = MetricRegistry()
        #expect(code { _ = try registry.counter("a_total", help: "A.", labels: label) } == .invalidLabel)
        #expect(code { _ = try registry.histogram("a", help: "A.", labels: label) } == .invalidLabel)
    }

    @Test func `a label that stands twice is refused, also where one is constant`() {
        #expect(code { _ = try MetricRegistry().gauge("a", help: "A.", labels: "b", "b") } == .invalidLabel)
        #expect(
            code { _ = try MetricRegistry(constantLabels: ["b": "1"]).gauge("a", help: "A.", labels: "b") }
                == .invalidLabel)
    }

    @Test(arguments: [[2, 1], [1, 1], [.nan], [-.infinity, 1], [.infinity, 1]] as [[Double]])
    func `bounds that do not rise are refused`(bounds: [Double]) {
        #expect(
            code { _ = try MetricRegistry().histogram("a", help: "A.", buckets: Buckets(bounds)) } == .invalidBuckets)
    }

    @Test func `a unit is the name's suffix`() throws {
        let registry = MetricRegistry()
        #expect(code { _ = try registry.gauge("a_bytes", help: "A.", unit: "seconds") } == .invalidName)
        _ = try registry.gauge("a_bytes", help: "A.", unit: "bytes")
        _ = try registry.counter("b_seconds_total", help: "B.", unit: "seconds")
    }

    @Test func `an unregistered metric is written no more and its name is free`() throws {
        let registry = MetricRegistry()
        let counter = try registry.counter("a_total", help: "A.")
        counter.increment()
        #expect(registry.unregister("a_total"))
        #expect(!registry.unregister("a_total"))
        counter.increment()
        #expect(registry.text().isEmpty)
        _ = try registry.gauge("a", help: "A.")
    }

    @Test func `a closure's metric has one owner`() throws {
        let registry = MetricRegistry()
        try registry.gauge("a", help: "A.") { 1 }
        #expect(code { try registry.gauge("a", help: "A.") { 2 } } == .conflict)
    }
}
