import ServiceMetrics
import TestServers
import Testing

@Suite("Updates")
struct UpdateTests {
    @Test func `a negative, infinite or NaN step is not counted but shows`() throws {
        let registry = MetricRegistry()
        let counter = try registry.counter("a_total", help: "A.")
        counter.increment(by: -1)
        counter.increment(by: -0.5)
        counter.increment(by: .nan)
        counter.increment(by: .infinity)
        #expect(counter.value == 0)
        #expect(registry.lines().contains(#"metrics_updates_rejected_total{metric="a_total"} 4.0"#))
    }

    @Test func `a negative time, NaN and infinities are not observed but show`() throws {
        let registry = MetricRegistry()
        let histogram = try registry.histogram("a_seconds", help: "A.")
        for value: Double in [-1, .nan, .infinity, -.infinity] { histogram.observe(value) }
        histogram.observe(.seconds(-1))
        #expect(histogram.counts.allSatisfy { $0 == 0 })
        #expect(registry.lines().contains(#"metrics_updates_rejected_total{metric="a_seconds"} 5.0"#))
    }

    @Test func `a counter beyond Int64 goes on rising`() throws {
        let counter = try MetricRegistry().counter("a_total", help: "A.")
        var before = -1.0
        for _ in 0..<10 {
            counter.increment(by: Int.max)
            #expect(counter.value > before)
            before = counter.value
        }
        #expect(counter.value == 10 * 0x1p63)
    }

    @Test func `a counter that many steps bring near the end of Int64 stays positive`() throws {
        let counter = try MetricRegistry().counter("a_total", help: "A.")
        let step = 1 << 40
        for _ in 0..<9_000_000 { counter.increment(by: step) }
        #expect(counter.value == 9_000_000 * Double(step))
    }

    @Test func `whole and fractional steps add up`() throws {
        let registry = MetricRegistry()
        let counter = try registry.counter("a_total", help: "A.")
        counter.increment(by: 2)
        counter.increment(by: 0.5)
        counter.increment(by: 1.0)
        #expect(counter.value == 3.5)
        #expect(registry.lines().last == "a_total 3.5")
    }

    @Test func `a million tenths add up to a hundred thousand`() throws {
        let histogram = try MetricRegistry().histogram("a", help: "A.")
        for _ in 0..<1_000_000 { histogram.observe(0.1) }
        #expect(histogram.sum == 100_000)
    }

    @Test func `a sum that leaves the range of a double is infinite, not NaN`() throws {
        let registry = MetricRegistry()
        let histogram = try registry.histogram("a", help: "A.", buckets: Buckets([1]))
        for _ in 0..<3 { histogram.observe(1.7e308) }
        #expect(registry.lines().contains("a_sum +Inf"))
    }

    @Test(
        arguments: [
            (.milliseconds(250), 0.25), (.microseconds(500), 0.0005), (.seconds(1), 1), (.seconds(100_000), 1e5),
        ]
            as [(Duration, Double)])
    func `a duration lands exactly on its bound`(duration: Duration, bound: Double) throws {
        let histogram = try MetricRegistry().histogram("a", help: "A.", buckets: Buckets([bound]))
        histogram.observe(duration)
        #expect(histogram.counts == [1, 0])
        #expect(histogram.sum == bound)
    }

    @Test(arguments: [1, 3, 4, 12, 31, 32, 33, 100, 500])
    func `every value finds its bucket, however many there are`(count: Int) throws {
        let bounds = (0..<count).map { Double($0 * $0) - 3 }
        let histogram = try MetricRegistry().histogram("a", help: "A.", buckets: Buckets(bounds))
        var expected = Array(repeating: UInt64(0), count: count + 1)
        var generator = SplitMix64(seed: 7)
        for index in 0..<2000 {
            let value =
                index % 3 == 0
                ? bounds[index % count] : Double.random(in: -5...(bounds[count - 1] + 2), using: &generator)
            expected[bounds.firstIndex { value <= $0 } ?? count] += 1
            histogram.observe(value)
        }
        #expect(histogram.counts == expected)
    }

    @Test func `a gauge tracks what runs, however it ends`() async throws {
        let gauge = try MetricRegistry().gauge("a", help: "A.")
        await gauge.track {
            #expect(gauge.value == 1)
            await Task.yield()
        }
        struct Failure: Error {}
        #expect(throws: Failure.self) { try gauge.track { throw Failure() } }
        #expect(gauge.value == 0)
    }

    @Test func `a timer observes a closure that throws`() async throws {
        struct Failure: Error {}
        let histogram = try MetricRegistry().histogram("a", help: "A.")
        await #expect(throws: Failure.self) {
            try await histogram.time {
                await Task.yield()
                throw Failure()
            }
        }
        #expect(histogram.snapshot.count == 1)
    }

    @Test func `a batch is added when it ends`() throws {
        let counter = try MetricRegistry().counter("a_total", help: "A.")
        do {
            var batch = counter.batch()
            for _ in 0..<10 { batch.increment() }
            #expect(counter.value == 0)
            batch.flush()
            #expect(counter.value == 10)
            batch.increment(by: 5)
            batch.increment(by: -5)
        }
        #expect(counter.value == 15)
    }

    @Test(arguments: [(0.5, 1.5), (0, 0), (1, 4), (0.25, 1), (2, 4)])
    func `a quantile is interpolated in its bucket`(quantile: Double, expected: Double) throws {
        let histogram = try MetricRegistry().histogram("a", help: "A.", buckets: Buckets([1, 2, 4]))
        #expect(histogram.quantile(quantile) == nil)
        for value in [0.5, 1.5, 1.6, 3] { histogram.observe(value) }
        #expect(histogram.quantile(quantile) == expected)
    }

    @Test func `a quantile of a window comes from the difference of two moments`() throws {
        let histogram = try MetricRegistry().histogram("a", help: "A.", buckets: Buckets([1, 2, 4]))
        for _ in 0..<100 { histogram.observe(0.5) }
        let before = histogram.snapshot
        for _ in 0..<10 { histogram.observe(3) }
        #expect(histogram.snapshot.since(before).quantile(0.5) == 3)
    }
}
