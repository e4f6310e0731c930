/// A family whose one label is a case of an enumeration: all series are there from the start, found by an index.
///
/// ```swift
/// enum Outcome: String, CaseIterable, MetricLabelValue { case done, failed }
/// let runs = try registry.counter("runs_total", help: "Runs.", labels: "outcome").dense(Outcome.self)
/// runs[.failed].increment()
/// ```
public struct DenseFamily<Child: MetricSeries, Case: CaseIterable & Hashable & MetricLabelValue>: Sendable {
    /// By the one byte that a plain enumeration is, where it is one.
    private let byByte: [Child]
    private let byCase: [Case: Child]

    init(_ family: MetricFamily<Child>) {
        let children = Case.allCases.map { ($0, family.with($0.metricLabel)) }
        byCase = Dictionary(children) { first, _ in first }
        guard let first = children.first, MemoryLayout<Case>.size == 1 else {
            byByte = []
            return
        }
        var table = Array(repeating: first.1, count: 256)
        for (value, child) in children { table[Self.byte(value)] = child }
        byByte = table
    }

    /// The metric of a case.
    public subscript(value: Case) -> Child {
        if !byByte.isEmpty { return byByte[Self.byte(value)] }
        return byCase[value] ?? byCase[byCase.startIndex].value
    }

    private static func byte(_ value: Case) -> Int { withUnsafeBytes(of: value) { Int($0[0]) } }
}

extension MetricFamily {
    /// This family, its one label a case of an enumeration; each case's series is made now.
    /// - Throws: ``MetricError`` when it has another number of labels, or the enumeration no case.
    public func dense<Case>(_: Case.Type) throws(MetricError) -> DenseFamily<Child, Case> {
        guard labels.count == 1, !Case.allCases.isEmpty else {
            throw MetricError(.invalidLabel, "\(core.definition.name): one label and at least one case are needed")
        }
        return DenseFamily(self)
    }
}
