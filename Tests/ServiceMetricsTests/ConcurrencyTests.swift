import Foundation
import ServiceMetrics
import Synchronization
import Testing

/// Threads, not tasks: updates and scrapes truly meet. Run under the thread sanitizer as well.
@Suite("Concurrency")
struct ConcurrencyTests {
    private static let steps = 20_000

    @Test func `no step is lost while counters get cells and scrapes go on`() throws {
        let registry = MetricRegistry()
        let whole = try registry.counter("whole_total", help: "W.")
        let halves = try registry.counter("halves_total", help: "H.")
        onThreads(9) { thread in
            for step in 0..<Self.steps {
                whole.increment()
                halves.increment(by: 0.5)
                if thread == 0, step % 500 == 0 { _ = registry.text() }
            }
        }
        #expect(whole.value == Double(9 * Self.steps))
        #expect(halves.value == 4.5 * Double(Self.steps))
        #expect(registry.lines().contains("whole_total \(9 * Self.steps)"))
    }

    @Test func `every scrape of a histogram sums what it counts, and the end is exact`() throws {
        let registry = MetricRegistry()
        let histogram = try registry.histogram("h", help: "H.", buckets: Buckets([1, 2, 3]))
        let faults = Mutex<[String]>([])
        onThreads(5) { thread in
            guard thread > 0 else {
                for _ in 0..<200 {
                    let figures = registry.lines().filter { !$0.hasPrefix("#") }.compactMap {
                        $0.split(separator: " ").last.flatMap { Double($0) }
                    }
                    let (buckets, sum, count) = (figures[0..<4], figures[4], figures[5])
                    if buckets[3] != count || Array(buckets) != buckets.sorted() {
                        faults.withLock { $0.append("\(figures)") }
                    }
                    // All are 0.5 or 3.5: what is counted is what is summed, to the last one.
                    let expected = 0.5 * buckets[0] + 3.5 * (count - buckets[0])
                    if sum != expected { faults.withLock { $0.append("sum \(sum), not \(expected)") } }
                }
                return
            }
            for _ in 0..<Self.steps {
                histogram.observe(0.5)
                histogram.observe(3.5)
            }
        }
        #expect(faults.withLock { $0 } == [])
        #expect(histogram.counts == [UInt64(4 * Self.steps), 0, 0, UInt64(4 * Self.steps)])
        #expect(histogram.sum == 16 * Double(Self.steps))
    }

    @Test func `threads that make the same series get the same one`() throws {
        let registry = MetricRegistry()
        let family = try registry.counter("a_total", help: "A.", labels: "x", "y")
        onThreads(6) { thread in
            for step in 0..<Self.steps { family.with("\(step % 1000)", "y").increment() }
            if thread == 1 { for _ in 0..<20 { _ = registry.text() } }
        }
        #expect(family.all.count == 1000)
        #expect(family.all.allSatisfy { $0.value == Double(6 * Self.steps / 1000) })
    }

    @Test func `series may be removed while others look them up`() throws {
        let registry = MetricRegistry()
        let family = try registry.counter("a_total", help: "A.", labels: "x")
        onThreads(4) { thread in
            for step in 0..<Self.steps / 4 {
                family.with("\(step % 50)").increment()
                if thread == 0 { family.remove("\(step % 37)") }
                if thread == 1, step % 100 == 0 { _ = registry.text() }
            }
        }
        #expect(family.all.count <= 50)
        #expect(family.all.count == Set(family.all.map(\.labelValues)).count)
    }

    @Test func `no step is lost to expiry while a series is held`() throws {
        let time = Atomic<Int>(0)
        let registry = MetricRegistry(now: { Double(time.wrappingAdd(1, ordering: .relaxed).newValue) })
        let family = try registry.counter("a_total", help: "A.", labels: "x", idle: .seconds(1))
        let held = (0..<8).map { family.with("\($0)") }
        onThreads(4) { thread in
            for step in 0..<2000 {
                held[step % 8].increment()
                family.with("passing \(step % 20)").increment()
                if step % 20 == 0 { _ = registry.text() }
            }
        }
        #expect(held.allSatisfy { $0.value == 1000 })
        for index in 0..<8 { #expect(family.with("\(index)") === held[index]) }
    }

    @Test func `scrapes that meet share a text that began after each of them`() throws {
        let registry = MetricRegistry()
        let reads = Atomic<Int>(0)
        try registry.gauge("slow", help: "S.") {
            usleep(2000)
            return Double(reads.wrappingAdd(1, ordering: .relaxed).newValue)
        }
        let stale = Atomic<Int>(0)
        onThreads(8) { _ in
            for _ in 0..<5 {
                // What had been read when the scrape began must be older than what it shows.
                let known = reads.load(ordering: .sequentiallyConsistent)
                let line = registry.lines().last ?? ""
                let seen = line.split(separator: " ").last.flatMap { Double($0) } ?? 0
                if Int(seen) <= known { stale.wrappingAdd(1, ordering: .relaxed) }
            }
        }
        #expect(reads.load(ordering: .relaxed) < 40)
        #expect(stale.load(ordering: .relaxed) == 0)
    }

    @Test func `a figure that is read by scraping does not wait for itself`() throws {
        let registry = MetricRegistry()
        try registry.counter("a_total", help: "A.").increment()
        try registry.gauge("lines", help: "L.") { [weak registry] in
            registry.map { Double($0.text(names: ["a_total"]).split(separator: "\n").count) }
        }
        #expect(registry.lines().last == "lines 3.0")
    }
}
