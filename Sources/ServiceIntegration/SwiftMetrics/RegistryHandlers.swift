import CoreMetrics
import ServiceMetrics
import Synchronization

/// A handler and what it was made for.
protocol RegistryHandler: AnyObject, Sendable {
    var key: RegistryMetricsFactory.Key { get }
    /// Where it reports to; `nil` before a timer is registered.
    var series: MetricSeries? { get }
}

/// A counter of swift-metrics, whole or not.
final class RegistryCounter: RegistryHandler, CounterHandler, FloatingPointCounterHandler {
    let key: RegistryMetricsFactory.Key
    private let counter: ServiceMetrics.Counter

    init(_ key: RegistryMetricsFactory.Key, _ counter: ServiceMetrics.Counter) {
        self.key = key
        self.counter = counter
    }

    var series: MetricSeries? { counter }

    func increment(by amount: Int64) { counter.increment(by: Int(amount)) }
    func increment(by amount: Double) { counter.increment(by: amount) }
    func reset() { counter.reset() }
}

/// A gauge or meter of swift-metrics.
final class RegistryGauge: RegistryHandler, RecorderHandler, MeterHandler {
    let key: RegistryMetricsFactory.Key
    private let gauge: ServiceMetrics.Gauge

    init(_ key: RegistryMetricsFactory.Key, _ gauge: ServiceMetrics.Gauge) {
        self.key = key
        self.gauge = gauge
    }

    var series: MetricSeries? { gauge }

    func record(_ value: Int64) { gauge.set(Double(value)) }
    func record(_ value: Double) { gauge.set(value) }
    func set(_ value: Int64) { gauge.set(Double(value)) }
    func set(_ value: Double) { gauge.set(value) }
    func increment(by amount: Double) { gauge.increment(by: amount) }
    func decrement(by amount: Double) { gauge.decrement(by: amount) }
}

/// A recorder of swift-metrics that aggregates.
final class RegistryRecorder: RegistryHandler, RecorderHandler {
    let key: RegistryMetricsFactory.Key
    private let histogram: Histogram

    init(_ key: RegistryMetricsFactory.Key, _ histogram: Histogram) {
        self.key = key
        self.histogram = histogram
    }

    var series: MetricSeries? { histogram }

    func record(_ value: Int64) { histogram.observe(Double(value)) }
    func record(_ value: Double) { histogram.observe(value) }
}

/// A timer of swift-metrics. It is registered when its unit is known: when it prefers one, or else is first used.
final class RegistryTimer: RegistryHandler, TimerHandler {
    private struct Target {
        let histogram: Histogram
        let nanoseconds: Double
    }

    // The factory holds its handlers; whoever uses one holds the factory. Set once.
    private nonisolated(unsafe) weak var factory: RegistryMetricsFactory?
    let key: RegistryMetricsFactory.Key
    // Set once, before the flag; read after it.
    private nonisolated(unsafe) var target: Target?
    private let isReady = Atomic<Bool>(false)
    private let preparing = MetricLock(())

    init(factory: RegistryMetricsFactory, key: RegistryMetricsFactory.Key) {
        self.factory = factory
        self.key = key
    }

    func preferDisplayUnit(_ unit: TimeUnit) { prepare(unit) }

    func recordNanoseconds(_ duration: Int64) {
        if !isReady.load(ordering: .acquiring) { prepare(.seconds) }
        guard let target else { return }
        target.histogram.observe(Double(duration) / target.nanoseconds)
    }

    var series: MetricSeries? { isReady.load(ordering: .acquiring) ? target?.histogram : nil }

    /// Registers it, unless that is done.
    private func prepare(_ unit: TimeUnit) {
        preparing.withLock { _ in
            guard !isReady.load(ordering: .relaxed) else { return }
            if let histogram = factory?.histogram(of: key, unit: unit) {
                target = Target(histogram: histogram, nanoseconds: unit.inNanoseconds)
            }
            isReady.store(true, ordering: .releasing)
        }
    }
}

extension TimeUnit {
    /// Nanoseconds in one.
    var inNanoseconds: Double { Double(scaleFromNanoseconds) }

    /// As a name's suffix, after Prometheus' custom of whole words.
    var suffix: String {
        let all: [(TimeUnit, String)] = [
            (.nanoseconds, "_nanoseconds"), (.microseconds, "_microseconds"), (.milliseconds, "_milliseconds"),
            (.minutes, "_minutes"), (.hours, "_hours"), (.days, "_days"),
        ]
        return all.first { $0.0 == self }?.1 ?? "_seconds"
    }
}
