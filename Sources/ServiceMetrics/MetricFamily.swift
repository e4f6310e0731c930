/// Metrics of one name, told apart by the values of their labels.
///
/// ```swift
/// let requests = try registry.counter("api_requests_total", help: "Requests.", labels: "method", "status")
/// requests.with("GET", "200").increment()
/// ```
/// Finding a series of up to four labels takes no lock and allocates nothing. Keep labels to what has few values: each
/// combination is a series of its own.
public struct MetricFamily<Child: MetricSeries>: Sendable {
    let core: FamilyCore

    init(_ core: FamilyCore) { self.core = core }

    /// The labels' names.
    public var labels: [String] { core.definition.labels }

    /// The metric of these label values, in the order of the labels. Missing values are empty. Above the family's limit
    /// all further ones share the child whose values are `overflow`.
    @_disfavoredOverload
    public func with(_ values: String...) -> Child { child(values) }

    /// The metric of these label values, in the order of the labels.
    public func with(values: [String]) -> Child { child(values) }

    /// The metric of this label's value.
    public func with(_ first: String) -> Child {
        unsafeDowncast(core.series(first), to: Child.self)
    }

    /// The metric of these labels' values.
    public func with(_ first: String, _ second: String) -> Child {
        unsafeDowncast(core.series(first, second), to: Child.self)
    }

    /// The metric of these labels' values.
    public func with(_ first: String, _ second: String, _ third: String) -> Child {
        unsafeDowncast(core.series(first, second, third), to: Child.self)
    }

    /// The metric of these labels' values.
    public func with(_ first: String, _ second: String, _ third: String, _ fourth: String) -> Child {
        unsafeDowncast(core.series(first, second, third, fourth), to: Child.self)
    }

    /// Removes a series; returns whether it was there. Whoever holds it may go on using it unseen. From the first
    /// removal on, lookups in this family take a lock.
    @discardableResult
    public func remove(_ values: String...) -> Bool { core.remove(values) }

    /// Removes a series; returns whether it was there.
    @discardableResult
    public func remove(values: [String]) -> Bool { core.remove(values) }

    /// The series there are, in the order they were made.
    public var all: [Child] { core.all.map { unsafeDowncast($0, to: Child.self) } }

    func child(_ values: [String]) -> Child { unsafeDowncast(core.series(values), to: Child.self) }
}

/// Counters of one name.
public typealias CounterFamily = MetricFamily<Counter>
/// Gauges of one name.
public typealias GaugeFamily = MetricFamily<Gauge>
/// Histograms of one name.
public typealias HistogramFamily = MetricFamily<Histogram>
