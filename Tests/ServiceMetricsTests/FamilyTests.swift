import ServiceMetrics
import Synchronization
import Testing

@Suite("Families")
struct FamilyTests {
    @Test func `the same values find the same series, by any way`() throws {
        let family = try MetricRegistry().counter("a_total", help: "A.", labels: "x", "y")
        #expect(family.with("1", "2") === family.with("1", "2"))
        #expect(family.with("1", "2") === family.with(values: ["1", "2"]))
        #expect(family.with("1", "2") !== family.with("12", ""))
        #expect(family.with("1") === family.with("1", ""))
    }

    @Test func `values that are written alike are one series`() throws {
        let registry = MetricRegistry()
        let family = try registry.counter("a_total", help: "A.", labels: "x")
        family.with("a\0b").increment()
        family.with("a\u{FFFD}b").increment()
        family.with("a\0b").increment()
        #expect(registry.lines().filter { !$0.hasPrefix("#") } == ["a_total{x=\"a\u{FFFD}b\"} 3"])
        try registry.gauge("g", help: "G.", labels: ["x"]) { [(["\0"], 1), (["\u{FFFD}"], 2)] }
        #expect(registry.lines().last == "g{x=\"\u{FFFD}\"} 1.0")
    }

    @Test func `a value of two megabytes is a series like any other`() throws {
        let family = try MetricRegistry().counter("a_total", help: "A.", labels: "x")
        let long = String(repeating: "long", count: 1 << 19)
        family.with(long).increment()
        family.with(long).increment()
        #expect(family.with(long).value == 2)
        #expect(family.all.count == 1)
    }

    @Test func `an update straight through a family is the series' own`() throws {
        let registry = MetricRegistry()
        let counters = (1...4).map { count in
            try? registry.counterFamily("c\(count)_total", "C.", (0..<count).map { "l\($0)" })
        }
        for _ in 0..<2 {
            counters[0]?.increment("a")
            counters[1]?.increment("a", "b")
            counters[2]?.increment("a", "b", "c", by: 2)
            counters[3]?.increment("a", "b", "c", "d")
        }
        #expect(counters[0]?.with("a").value == 2)
        #expect(counters[1]?.with("a", "b").value == 2)
        #expect(counters[2]?.with("a", "b", "c").value == 4)
        #expect(counters[3]?.with("a", "b", "c", "d").value == 2)
        let waits = try registry.histogram("h", help: "H.", labels: "a", "b")
        for _ in 0..<2 { waits.observe("x", "y", value: 0.5) }
        #expect(waits.with("x", "y").sum == 1)
    }

    @Test func `ten thousand series are each found again, and only once`() throws {
        let family = try MetricRegistry().counter("a_total", help: "A.", labels: "x", "y", "z")
        for round in 1...2 {
            for index in 0..<10_000 {
                let counter = family.with("\(index % 7)", "a rather long value, number \(index)", "é\(index)")
                counter.increment()
                #expect(counter.value == Double(round))
            }
        }
        #expect(family.all.count == 10_000)
    }

    @Test func `beyond its limit a family counts in one series and says so`() throws {
        let registry = MetricRegistry(seriesLimit: 2)
        let family = try registry.counter("a_total", help: "A.", labels: "x")
        for value in ["1", "2", "3", "4", "1"] { family.with(value).increment() }
        #expect(
            registry.lines().filter { !$0.hasPrefix("#") } == [
                #"a_total{x="1"} 2"#, #"a_total{x="2"} 1"#, #"a_total{x="overflow"} 2"#,
                #"metrics_series_dropped_total{metric="a_total"} 2.0"#,
            ])
    }

    @Test func `a series nobody uses or holds goes away, and begins anew`() throws {
        let clock = Atomic<Int>(0)
        let registry = MetricRegistry(now: { Double(clock.load(ordering: .relaxed)) })
        let family = try registry.counter("a_total", help: "A.", labels: "x", idle: .seconds(60))
        let held = family.with("held")
        family.with("used").increment()
        family.with("idle").increment(by: 7)
        _ = registry.text()
        clock.store(50, ordering: .relaxed)
        family.with("used").increment()
        _ = registry.text()
        clock.store(70, ordering: .relaxed)
        #expect(
            registry.lines().filter { !$0.hasPrefix("#") } == [#"a_total{x="held"} 0"#, #"a_total{x="used"} 2"#])
        held.increment()
        family.with("idle").increment()
        #expect(registry.lines().contains(#"a_total{x="held"} 1"#))
        #expect(registry.lines().contains(#"a_total{x="idle"} 1"#))
    }

    @Test func `a removed series is written no more, and found anew`() throws {
        let registry = MetricRegistry()
        let family = try registry.counter("a_total", help: "A.", labels: "x")
        let old = family.with("1")
        old.increment()
        #expect(family.remove("1"))
        #expect(!family.remove("1"))
        old.increment()
        #expect(registry.text().isEmpty)
        #expect(family.with("1") !== old)
        #expect(family.with("1").value == 0)
    }

    enum Outcome: String, CaseIterable, MetricLabelValue { case done, failed }
    enum Wide: String, CaseIterable, MetricLabelValue { case only }

    @Test func `typed labels are written as their types say`() throws {
        let registry = MetricRegistry()
        let family = try registry.gauge("a", help: "A.", labels: "outcome", "size", "last", "name")
            .typed(Outcome.self, Int.self, Bool.self, String.self)
        family.with(.failed, 3, true, "x").set(1)
        #expect(registry.lines().last == #"a{outcome="failed",size="3",last="true",name="x"} 1.0"#)
        #expect(throws: MetricError.self) {
            _ = try registry.gauge("b", help: "B.", labels: "x").typed(Outcome.self, Int.self)
        }
    }

    @Test func `an enumeration's series are all there from the start`() throws {
        let registry = MetricRegistry()
        let runs = try registry.counter("runs_total", help: "R.", labels: "outcome").dense(Outcome.self)
        runs[.failed].increment(by: 2)
        #expect(
            registry.lines().suffix(2) == [#"runs_total{outcome="done"} 0"#, #"runs_total{outcome="failed"} 2"#])
        let one = try registry.counter("one_total", help: "O.", labels: "x").dense(Wide.self)
        one[.only].increment()
        #expect(registry.lines().last == #"one_total{x="only"} 1"#)
    }

    @Test func `merged registries write one family with the series of both`() throws {
        let first = MetricRegistry(constantLabels: ["shard": "1"])
        let second = MetricRegistry(constantLabels: ["shard": "2"])
        try first.counter("a_total", help: "A.").increment()
        try second.counter("a_total", help: "A.").increment(by: 2)
        try second.gauge("b", help: "B.").set(3)
        first.merge(second)
        #expect(
            first.lines().filter { !$0.hasPrefix("# HELP") } == [
                "# TYPE a_total counter", #"a_total{shard="1"} 1"#, #"a_total{shard="2"} 2"#, "# TYPE b gauge",
                #"b{shard="2"} 3.0"#,
            ])
    }

    @Test func `what is read of merged registries is what they write`() throws {
        let first = MetricRegistry()
        let second = MetricRegistry()
        try first.counter("a_total", help: "A.", labels: "x").with("1").increment()
        try second.counter("a_total", help: "A.", labels: "x", "y").with("1", "2").increment(by: 2)
        try second.gauge("b", help: "B.").set(3)
        for registry in [first, second] {
            let times = try registry.histogram("h", help: "H.", labels: "x", buckets: Buckets([1]))
            times.with("1").observe(0.5)
            times.with("2").observe(2)
        }
        // Of another kind: left out of the scrape, and of what is read.
        try first.gauge("c", help: "C.").set(1)
        try second.histogram("c", help: "C.", buckets: Buckets([1])).observe(1)
        first.merge(second)
        #expect(first.total(of: "a_total") == 3 && first.total(of: "a_total", where: ["y": "2"]) == 2)
        #expect(first.totals(of: "a_total", by: "x") == ["1": 3] && first.totals(of: "a_total", by: "y") == ["2": 2])
        #expect(first.value(of: "b") == 3 && first.value(of: "c") == 1 && first.observations(of: "c") == nil)
        #expect(first.observations(of: "h")?.counts == [2, 2])
        #expect(first.observations(of: "h", by: "x")?.counts == ["1": [2, 0], "2": [0, 2]])
        #expect(first.total(of: "h") == nil && first.total(of: "nothing") == nil)
    }

    @Test func `merging leaves out what is there already or does not fit`() throws {
        let first = MetricRegistry()
        let second = MetricRegistry()
        try first.counter("a_total", help: "A.", labels: "x").with("1 } 2").increment()
        let other = try second.counter("a_total", help: "A.", labels: "x")
        other.with("1 } 2").increment()
        other.with("2").increment()
        try first.histogram("h", help: "H.", buckets: Buckets([1])).observe(1)
        try second.gauge("h", help: "H.").set(1)
        try second.gauge("h_count", help: "H.").set(1)
        first.merge(second)
        let lines = first.lines().filter { !$0.hasPrefix("#") }
        #expect(lines.prefix(2) == [#"a_total{x="1 } 2"} 1"#, #"a_total{x="2"} 1"#])
        #expect(!lines.contains { $0.hasPrefix("h ") || $0 == "h_count 1.0" })
        #expect(lines.last == "metrics_registration_errors_total 3.0")
    }
}
