/// What can be the value of a label. Enumerations of strings need only say so.
public protocol MetricLabelValue: Sendable {
    /// The value as it is written.
    var metricLabel: String { get }
}

extension String: MetricLabelValue {
    /// The string itself.
    public var metricLabel: String { self }
}

extension Int: MetricLabelValue {
    /// In decimal.
    public var metricLabel: String { String(self) }
}

extension Bool: MetricLabelValue {
    /// `true` or `false`.
    public var metricLabel: String { self ? "true" : "false" }
}

extension MetricLabelValue where Self: RawRepresentable<String> {
    /// The raw value.
    public var metricLabel: String { rawValue }
}

/// A family of one label of a type.
///
/// ```swift
/// let outcomes = try registry.counter("runs_total", help: "Runs.", labels: "outcome").typed(Outcome.self)
/// outcomes.with(.failed).increment()
/// ```
public struct TypedFamily1<Child: MetricSeries, First: MetricLabelValue>: Sendable {
    let family: MetricFamily<Child>

    /// The metric of this value.
    @inline(__always)
    public func with(_ first: First) -> Child { family.with(first.metricLabel) }
}

/// A family of two labels of types.
public struct TypedFamily2<Child: MetricSeries, First: MetricLabelValue, Second: MetricLabelValue>: Sendable {
    let family: MetricFamily<Child>

    /// The metric of these values.
    @inline(__always)
    public func with(_ first: First, _ second: Second) -> Child { family.with(first.metricLabel, second.metricLabel) }
}

/// A family of three labels of types.
public struct TypedFamily3<
    Child: MetricSeries, First: MetricLabelValue, Second: MetricLabelValue, Third: MetricLabelValue
>: Sendable {
    let family: MetricFamily<Child>

    /// The metric of these values.
    @inline(__always)
    public func with(_ first: First, _ second: Second, _ third: Third) -> Child {
        family.with(first.metricLabel, second.metricLabel, third.metricLabel)
    }
}

/// A family of four labels of types.
public struct TypedFamily4<
    Child: MetricSeries, First: MetricLabelValue, Second: MetricLabelValue, Third: MetricLabelValue,
    Fourth: MetricLabelValue
>: Sendable {
    let family: MetricFamily<Child>

    /// The metric of these values.
    @inline(__always)
    public func with(_ first: First, _ second: Second, _ third: Third, _ fourth: Fourth) -> Child {
        family.with(first.metricLabel, second.metricLabel, third.metricLabel, fourth.metricLabel)
    }
}

extension MetricFamily {
    /// This family, its one label a type.
    /// - Throws: ``MetricError`` when it has another number of labels.
    public func typed<First>(_: First.Type) throws(MetricError) -> TypedFamily1<Child, First> {
        try check(1)
        return TypedFamily1(family: self)
    }

    /// This family, its two labels types.
    public func typed<First, Second>(
        _: First.Type, _: Second.Type
    ) throws(MetricError) -> TypedFamily2<Child, First, Second> {
        try check(2)
        return TypedFamily2(family: self)
    }

    /// This family, its three labels types.
    public func typed<First, Second, Third>(
        _: First.Type, _: Second.Type, _: Third.Type
    ) throws(MetricError) -> TypedFamily3<Child, First, Second, Third> {
        try check(3)
        return TypedFamily3(family: self)
    }

    /// This family, its four labels types.
    public func typed<First, Second, Third, Fourth>(
        _: First.Type, _: Second.Type, _: Third.Type, _: Fourth.Type
    ) throws(MetricError) -> TypedFamily4<Child, First, Second, Third, Fourth> {
        try check(4)
        return TypedFamily4(family: self)
    }

    private func check(_ count: Int) throws(MetricError) {
        guard labels.count == count else {
            throw MetricError(
                .invalidLabel, "\(core.definition.name) has \(labels.count) labels, not \(count)")
        }
    }
}
