/// Metrics of one name, told apart by the values of their labels.
public final class MetricFamily<Child: Sendable>: Sendable {
    let labels: [String]
    private let limit: Int
    private let make: @Sendable () -> Child
    private let state: MetricLock<(children: [[String]: Child], order: [[String]], dropped: UInt64)>

    init(labels: [String], limit: Int, make: @escaping @Sendable () -> Child) {
        self.labels = labels
        self.limit = limit
        self.make = make
        state = MetricLock((children: [:], order: [], dropped: 0))
    }

    /// The metric of these label values, in the order of the labels. Missing values are empty; above the cap of series
    /// all further ones share the child whose values are `overflow`.
    public func with(_ values: String...) -> Child { child(values) }

    func child(_ values: [String]) -> Child {
        var values = values
        if values.count != labels.count {
            values = labels.indices.map { $0 < values.count ? values[$0] : "" }
        }
        return state.withLock { state in
            if let child = state.children[values] { return child }
            if state.order.count >= limit {
                state.dropped += 1
                values = labels.map { _ in "overflow" }
                if let child = state.children[values] { return child }
            }
            let child = make()
            state.children[values] = child
            state.order.append(values)
            return child
        }
    }

    var series: [([String], Child)] {
        state.withLock { state in state.order.compactMap { values in state.children[values].map { (values, $0) } } }
    }

    var dropped: UInt64 { state.withLock { $0.dropped } }
}

/// Counters of one name.
public typealias CounterFamily = MetricFamily<Counter>
/// Gauges of one name.
public typealias GaugeFamily = MetricFamily<Gauge>
/// Histograms of one name.
public typealias HistogramFamily = MetricFamily<Histogram>
