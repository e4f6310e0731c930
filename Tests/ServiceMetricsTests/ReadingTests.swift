import ServiceMetrics
import Testing

@Suite("Reading")
struct ReadingTests {
    @Test func `a metric without labels has a value, however it is kept`() throws {
        let registry = MetricRegistry()
        try registry.counter("a_total", help: "A.").increment(by: 2)
        try registry.gauge("b", help: "B.").set(3)
        try registry.gauge("c", help: "C.") { 4 }
        #expect(registry.value(of: "a_total") == 2)
        #expect(registry.value(of: "b") == 3)
        #expect(registry.value(of: "c") == 4)
        #expect(registry.value(of: "d") == nil)
    }

    @Test func `a total is the sum of the series whose labels have the values asked for`() throws {
        let registry = MetricRegistry()
        let runs = try registry.counter("runs_total", help: "R.", labels: "queue", "outcome")
        runs.with("a", "done").increment(by: 1)
        runs.with("a", "failed").increment(by: 2)
        runs.with("b", "done").increment(by: 4)
        #expect(registry.total(of: "runs_total") == 7)
        #expect(registry.total(of: "runs_total", where: ["queue": "a"]) == 3)
        #expect(registry.total(of: "runs_total", where: ["queue": "a", "outcome": "done"]) == 1)
        #expect(registry.total(of: "runs_total", where: ["colour": "red"]) == 0)
        try registry.gauge("size", help: "S.", labels: ["state"]) { [(["ready"], 5), (["running"], 6)] }
        #expect(registry.total(of: "size", where: ["state": "ready"]) == 5)
        #expect(registry.total(of: "size") == 11)
        #expect(registry.total(of: "none") == nil)
    }

    @Test func `the observations of a histogram are those of all its series`() throws {
        let registry = MetricRegistry()
        let waits = try registry.histogram("wait_seconds", help: "W.", labels: "queue", buckets: Buckets([1, 2]))
        #expect(registry.observations(of: "wait_seconds") == nil)
        waits.with("a").observe(0.5)
        waits.with("b").observe(0.5)
        waits.with("b").observe(9)
        let read = try #require(registry.observations(of: "wait_seconds"))
        #expect(read.buckets == Buckets([1, 2]))
        #expect(read.counts == [2, 0, 1])
        #expect(registry.total(of: "wait_seconds") == nil)
        #expect(registry.observations(of: "none") == nil)
    }
}
