import CoreMetrics
import Logging
import ServiceMetrics

/// The families behind the handlers: one for each name and set of labels.
///
/// Libraries use one name with several sets of labels. A family has one set; those that come later live in registries
/// of their own that are merged into the first, so that all stand under one head.
final class RegistryFamilies: Sendable {
    private enum Family {
        case counters(CounterFamily)
        case gauges(GaugeFamily)
        case histograms(HistogramFamily)
    }

    private struct Name {
        let label: String
        let kind: RegistryMetricsFactory.Key.Kind
        var byLabels: [[String]: Family] = [:]
    }

    private struct State {
        var names: [String: Name] = [:]
        var further: [MetricRegistry] = []
        /// Series and where they live.
        var homes: [ObjectIdentifier: @Sendable () -> Void] = [:]
        var refused: Set<String> = []
    }

    /// What swift-metrics does not say of a metric.
    struct Wishes: Sendable {
        let timers: Buckets
        let recorders: Buckets
        let buckets: [String: Buckets]
        let help: [String: String]

        /// The bounds of a histogram.
        /// - Parameter unit: Of a timer, whose bounds are wished in seconds; `nil` for a recorder.
        func bounds(_ label: String, unit: TimeUnit?) -> Buckets {
            guard let unit else { return buckets[label] ?? recorders }
            return Buckets((buckets[label] ?? timers).bounds.map { $0 * 1e9 / unit.inNanoseconds })
        }

        func help(_ label: String) -> String { help[label] ?? label }
    }

    private let registry: MetricRegistry
    private let wishes: Wishes
    private let logger: Logger?
    private let state = MetricLock(State())

    init(registry: MetricRegistry, wishes: Wishes, logger: Logger?) {
        self.registry = registry
        self.wishes = wishes
        self.logger = logger
    }

    func counter(_ key: RegistryMetricsFactory.Key) -> ServiceMetrics.Counter? {
        series(key, suffix: "_total") { registry, name, labels in
            .counters(try registry.counterFamily(name, wishes.help(key.label), labels))
        } child: { family, values in
            guard case .counters(let counters) = family else { return nil }
            return (counters.with(values: values), { counters.remove(values: values) })
        }
    }

    func gauge(_ key: RegistryMetricsFactory.Key) -> ServiceMetrics.Gauge? {
        series(key, suffix: nil) { registry, name, labels in
            .gauges(try registry.gaugeFamily(name, wishes.help(key.label), labels))
        } child: { family, values in
            guard case .gauges(let gauges) = family else { return nil }
            return (gauges.with(values: values), { gauges.remove(values: values) })
        }
    }

    /// - Parameter unit: Of a timer; `nil` for a recorder.
    func histogram(_ key: RegistryMetricsFactory.Key, unit: TimeUnit?) -> Histogram? {
        series(key, suffix: unit?.suffix) { registry, name, labels in
            .histograms(
                try registry.histogramFamily(
                    name, wishes.help(key.label), labels, wishes.bounds(key.label, unit: unit)))
        } child: { family, values in
            guard case .histograms(let histograms) = family else { return nil }
            return (histograms.with(values: values), { histograms.remove(values: values) })
        }
    }

    /// Whether a series was not taken off.
    func has(_ series: MetricSeries) -> Bool { state.withLock { $0.homes[ObjectIdentifier(series)] != nil } }

    /// Takes a series off.
    func remove(_ series: MetricSeries) {
        state.withLock { $0.homes.removeValue(forKey: ObjectIdentifier(series)) }?()
    }

    // MARK: Finding

    private func series<Child: MetricSeries>(
        _ key: RegistryMetricsFactory.Key, suffix: String?,
        make: (MetricRegistry, String, [String]) throws -> Family,
        child: (Family, [String]) -> (Child, @Sendable () -> Void)?
    ) -> Child? {
        guard let name = PrometheusNames.metric(key.label, suffix: suffix) else {
            return refuse(key, name: "", "it has no name")
        }
        let (labels, values, repeated) = Self.canonical(key.dimensions)
        if repeated { refuseOnce(key, name: name, "a dimension stands twice; the first counts") }
        let (family, fault) = state.withLock { state -> (Family?, String) in
            do {
                return (try find(name, key, labels, in: &state, make: make), "")
            } catch {
                return (nil, "\(error)")
            }
        }
        guard let family, let (found, remove) = child(family, values) else {
            return refuse(key, name: name, fault)
        }
        state.withLock { $0.homes[ObjectIdentifier(found)] = remove }
        return found
    }

    private func find(
        _ name: String, _ key: RegistryMetricsFactory.Key, _ labels: [String], in state: inout State,
        make: (MetricRegistry, String, [String]) throws -> Family
    ) throws -> Family? {
        guard let known = state.names[name] else {
            let family = try make(registry, name, labels)
            state.names[name] = Name(label: key.label, kind: key.kind, byLabels: [labels: family])
            return family
        }
        guard known.label == key.label else {
            registry.countRegistrationError()
            throw MetricError(.conflict, "“\(known.label)” is \(name) already")
        }
        guard known.kind == key.kind else {
            registry.countRegistrationError()
            throw MetricError(.conflict, "\(name) is another kind of metric already")
        }
        if let family = known.byLabels[labels] { return family }
        let place = known.byLabels.count - 1
        while state.further.count <= place {
            let made = registry.sibling()
            registry.merge(made)
            state.further.append(made)
        }
        let family = try make(state.further[place], name, labels)
        state.names[name]?.byLabels[labels] = family
        return family
    }

    /// Names made fit and in order, without values that say nothing.
    private static func canonical(
        _ dimensions: [RegistryMetricsFactory.Key.Dimension]
    ) -> (labels: [String], values: [String], repeated: Bool) {
        var pairs: [String: String] = [:]
        var repeated = false
        for dimension in dimensions {
            let name = PrometheusNames.label(dimension.name)
            if pairs[name] != nil { repeated = true } else { pairs[name] = dimension.value }
        }
        let kept = pairs.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        return (kept.map(\.key), kept.map(\.value), repeated)
    }

    // MARK: Refusing

    private func refuse<Child>(_ key: RegistryMetricsFactory.Key, name: String, _ reason: String) -> Child? {
        if name.isEmpty { registry.countRegistrationError() }
        say(key, reason)
        return nil
    }

    private func refuseOnce(_ key: RegistryMetricsFactory.Key, name: String, _ reason: String) {
        registry.countRegistrationError()
        say(key, reason)
    }

    /// One line in the log for a name.
    private func say(_ key: RegistryMetricsFactory.Key, _ reason: String) {
        guard state.withLock({ $0.refused.insert(key.label).inserted }) else { return }
        logger?.warning("a metric cannot be registered", metadata: ["metric": "\(key.label)", "reason": "\(reason)"])
    }
}
