public import CoreMetrics
public import Logging
public import ServiceMetrics

/// Lets libraries that report through swift-metrics report into a registry.
///
/// ```swift
/// MetricsSystem.bootstrap(RegistryMetricsFactory(registry: registry, logger: logger))
/// ```
/// Every instrument is native: counters and floating-point counters become counters, gauges and meters gauges, recorders
/// and timers histograms, timers in the unit they prefer. Names and labels are made fit (`http.requests` becomes
/// `http_requests_total`). Nothing a library does ends the process or spoils the text: what cannot be registered goes to
/// a handler that does nothing, with one line in the log and a count in `metrics_registration_errors_total`.
public final class RegistryMetricsFactory: MetricsFactory {
    /// A metric as a library asks for it.
    struct Key: Hashable, Sendable {
        enum Kind: Hashable, Sendable { case counter, gauge, recorder, timer }
        let kind: Kind
        let label: String
        let dimensions: [Dimension]

        struct Dimension: Hashable, Sendable {
            let name: String
            let value: String
        }

        init(_ kind: Kind, _ label: String, _ dimensions: [(String, String)]) {
            self.kind = kind
            self.label = label
            self.dimensions = dimensions.map { Dimension(name: $0.0, value: $0.1) }
        }
    }

    private struct Held {
        let handler: any RegistryHandler
        /// How many made it and did not destroy it yet.
        var holders: Int
    }

    private let families: RegistryFamilies
    private struct State {
        var handlers: [Key: Held] = [:]
        /// How many handlers report to a series: dimensions in another order are another handler.
        var users: [ObjectIdentifier: Int] = [:]
    }
    private let state = MetricLock(State())

    /// A factory.
    /// - Parameters:
    ///   - registry: Where metrics are registered; its limits and constant labels hold.
    ///   - timerBuckets: Of timers, in seconds.
    ///   - recorderBuckets: Of recorders that aggregate.
    ///   - buckets: Of single timers, in seconds, and recorders, by the label that the library uses.
    ///   - help: What metrics say, which swift-metrics does not know, by the label that the library uses; of others the
    ///     label is their help.
    ///   - logger: Told once of each metric that cannot be registered.
    public init(
        registry: MetricRegistry, timerBuckets: Buckets = .latency,
        recorderBuckets: Buckets = .exponential(from: 1, factor: 4, count: 12), buckets: [String: Buckets] = [:],
        help: [String: String] = [:], logger: Logger? = nil
    ) {
        families = RegistryFamilies(
            registry: registry,
            wishes: .init(timers: timerBuckets, recorders: recorderBuckets, buckets: buckets, help: help),
            logger: logger)
    }

    // MARK: Making

    /// A counter.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A counter that takes fractions; of one name and dimensions with ``makeCounter(label:dimensions:)`` it is the same.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A histogram where it aggregates, a gauge where it does not.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) ?? NOOPMetricsHandler.instance }
        let made = handler(Key(.recorder, label, dimensions)) { key in
            families.histogram(key, unit: nil).map { RegistryRecorder(key, $0) }
        }
        return made ?? NOOPMetricsHandler.instance
    }

    /// A histogram of durations.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        handler(Key(.timer, label, dimensions)) { RegistryTimer(factory: self, key: $0) } ?? NOOPMetricsHandler.instance
    }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> RegistryCounter? {
        handler(Key(.counter, label, dimensions)) { key in
            families.counter(key).map { RegistryCounter(key, $0) }
        }
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> RegistryGauge? {
        handler(Key(.gauge, label, dimensions)) { key in
            families.gauge(key).map { RegistryGauge(key, $0) }
        }
    }

    /// The one handler of a key, in the order of dimensions that the caller gave.
    private func handler<Handler: RegistryHandler>(_ key: Key, make: (Key) -> Handler?) -> Handler? {
        let known = state.withLock { state -> Handler? in
            state.handlers[key]?.holders += 1
            return state.handlers[key]?.handler as? Handler
        }
        if let known { return known }
        while let made = make(key) {
            let kept = state.withLock { state -> Handler? in
                if let other = state.handlers[key]?.handler as? Handler {
                    state.handlers[key]?.holders += 1
                    return other
                }
                if let series = made.series {
                    // Taken off since it was found: once more.
                    guard families.has(series) else { return nil }
                    state.users[ObjectIdentifier(series), default: 0] += 1
                }
                state.handlers[key] = Held(handler: made, holders: 1)
                return made
            }
            if let kept { return kept }
        }
        return nil
    }

    /// The histogram of a timer, whose unit is known only when it is used.
    func histogram(of key: Key, unit: TimeUnit) -> Histogram? {
        guard let histogram = families.histogram(key, unit: unit) else { return nil }
        state.withLock { $0.users[ObjectIdentifier(histogram), default: 0] += 1 }
        return histogram
    }

    // MARK: Destroying

    /// Takes the series off when nobody else holds it.
    public func destroyCounter(_ handler: any CounterHandler) { release(handler) }
    /// Takes the series off when nobody else holds it.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { release(handler) }
    /// Takes the series off when nobody else holds it.
    public func destroyMeter(_ handler: any MeterHandler) { release(handler) }
    /// Takes the series off when nobody else holds it.
    public func destroyRecorder(_ handler: any RecorderHandler) { release(handler) }
    /// Takes the series off when nobody else holds it.
    public func destroyTimer(_ handler: any TimerHandler) { release(handler) }

    private func release(_ handler: AnyObject) {
        guard let handler = handler as? any RegistryHandler else { return }
        state.withLock { state in
            guard let held = state.handlers[handler.key], held.handler === handler else { return }
            state.handlers[handler.key]?.holders -= 1
            guard held.holders <= 1 else { return }
            state.handlers[handler.key] = nil
            guard let series = handler.series else { return }
            let users = state.users[ObjectIdentifier(series), default: 1] - 1
            state.users[ObjectIdentifier(series)] = users > 0 ? users : nil
            if users <= 0 { families.remove(series) }
        }
    }
}
