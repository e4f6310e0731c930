import CoreMetrics
import Foundation
import ServiceMetrics
import TestServers
import Testing

@testable import ServiceIntegration

@Suite("swift-metrics under stress")
struct SwiftMetricsFuzzTests {
    private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool", "/opt/homebrew/bin/promtool"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Whatever libraries may do with a factory, of a seed.
    private static func use(_ factory: RegistryMetricsFactory, seed: UInt64, steps: Int) {
        var generator = SplitMix64(seed: seed)
        let words = [
            "a", "a.b", "a_b", "le", "", "é", "\"", "\n", "x_total", "foo", "foo_count", "foo_sum", "0", "http/2",
        ]
        func word() -> String { words[Int.random(in: 0..<words.count, using: &generator)] }
        for _ in 0..<steps {
            let label = word()
            let dimensions = (0..<Int.random(in: 0...3, using: &generator)).map { _ in (word(), word()) }
            let value = [1, -1, .nan, .infinity, 0.5, 1e300][Int.random(in: 0..<6, using: &generator)]
            let whole = Int64(truncatingIfNeeded: generator.next())
            let isDestroyed = generator.next() % 5 == 0
            switch generator.next() % 6 {
            case 0:
                let made = factory.makeCounter(label: label, dimensions: dimensions)
                made.increment(by: whole)
                if isDestroyed { factory.destroyCounter(made) } else if whole % 7 == 0 { made.reset() }
            case 1:
                let made = factory.makeFloatingPointCounter(label: label, dimensions: dimensions)
                made.increment(by: value)
                if isDestroyed { factory.destroyFloatingPointCounter(made) }
            case 2:
                let made = factory.makeMeter(label: label, dimensions: dimensions)
                made.set(value)
                made.increment(by: value)
                made.decrement(by: 1)
                if isDestroyed { factory.destroyMeter(made) }
            case 3:
                let made = factory.makeRecorder(label: label, dimensions: dimensions, aggregate: false)
                made.record(whole)
                if isDestroyed { factory.destroyRecorder(made) }
            case 4:
                let made = factory.makeRecorder(label: label, dimensions: dimensions, aggregate: true)
                made.record(value)
                if isDestroyed { factory.destroyRecorder(made) }
            default:
                let made = factory.makeTimer(label: label, dimensions: dimensions)
                made.preferDisplayUnit([.nanoseconds, .milliseconds, .seconds, .days][Int(generator.next() % 4)])
                made.recordNanoseconds(whole)
                if isDestroyed { factory.destroyTimer(made) }
            }
        }
    }

    @Test(.enabled(if: promtool != nil, "promtool is not installed"))
    func `whatever libraries do, promtool reads the text and no series stands twice`() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let registry = MetricRegistry()
            Self.use(RegistryMetricsFactory(registry: registry), seed: seed, steps: 1500)
            let text = registry.text()
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Self.promtool ?? "")
            process.arguments = ["check", "metrics"]
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardError = output
            process.standardOutput = output
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).prom")
            try Data(text.utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            process.standardInput = try FileHandle(forReadingFrom: file)
            try process.run()
            let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(
                process.terminationStatus == 0 || process.terminationStatus == 3, "seed \(seed): \(said.prefix(500))")
            let series = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
                $0.prefix(upTo: $0.lastIndex(of: " ") ?? $0.endIndex)
            }
            #expect(Set(series).count == series.count)
            #expect(series.count > 20)
        }
    }

    @Test func `threads that make, use and destroy the same metrics lose nothing that is held`() {
        let registry = MetricRegistry()
        let factory = RegistryMetricsFactory(registry: registry)
        let held = factory.makeCounter(label: "held", dimensions: [("x", "1")])
        let group = DispatchGroup()
        for thread in 0..<4 {
            group.enter()
            Thread {
                for step in 0..<2000 {
                    let mine = factory.makeCounter(label: "held", dimensions: [("x", "1")])
                    mine.increment(by: 1)
                    factory.destroyCounter(mine)
                    if step % 200 == 0 {
                        Self.use(factory, seed: UInt64(thread * 100_000 + step), steps: 10)
                        _ = registry.text()
                    }
                }
                group.leave()
            }.start()
        }
        group.wait()
        held.increment(by: 1)
        #expect(registry.text().contains("held_total{x=\"1\"} 8001\n"))
    }
}
