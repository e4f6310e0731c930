/// A bound that a log must keep: `p95>1000ms`.
public struct FailureCondition: Sendable, Equatable {
    enum Figure: String, CaseIterable { case p50, p95, p99, max, errorRate = "error_rate", errors, unreadable, dropped }

    let figure: Figure
    let bound: Double
    /// As it was written.
    public let text: String

    /// Reads a condition: a figure, `>`, and a bound.
    ///
    /// `p50`, `p95`, `p99` and `max` take milliseconds (`250ms`) or seconds (`2s`), `error_rate` a percentage (`1%`), and
    /// each holds for every route; `errors`, `unreadable` and `dropped` take a count, and hold for the whole log.
    /// - Throws: ``LogAnalysisError`` that says what is taken.
    public init(_ text: String) throws(LogAnalysisError) {
        let wanted =
            "--fail-if takes a figure, > and a bound, such as p95>1000ms, error_rate>1% or errors>0; figures are "
            + Figure.allCases.map(\.rawValue).joined(separator: ", ")
        let parts = text.filter { $0 != " " }.split(separator: ">", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let figure = Figure(rawValue: parts[0]) else {
            throw LogAnalysisError("“\(text)” is no condition; \(wanted)")
        }
        self.figure = figure
        self.text = text
        let units: [(String, Double)]
        switch figure {
        case .p50, .p95, .p99, .max: units = [("ms", 1), ("s", 1000)]
        case .errorRate: units = [("%", 0.01), ("", 1)]
        case .errors, .unreadable, .dropped: units = [("", 1)]
        }
        for (suffix, size) in units where parts[1].hasSuffix(suffix) {
            guard let number = Double(parts[1].dropLast(suffix.count)), number >= 0, number.isFinite else { break }
            bound = number * size
            return
        }
        throw LogAnalysisError("“\(text)” has no bound that \(figure.rawValue) can be held against; \(wanted)")
    }

    /// What breaks it, one line each.
    public func violations(in summary: LogSummary) -> [String] {
        switch figure {
        case .errors:
            let count = (summary.levels["error"] ?? 0) + (summary.levels["critical"] ?? 0)
            return Double(count) > bound ? ["\(count) lines of level error or critical"] : []
        case .unreadable:
            return Double(summary.unreadable) > bound ? ["\(summary.unreadable) lines are no record"] : []
        case .dropped: return Double(summary.dropped) > bound ? ["\(summary.dropped) lines were dropped"] : []
        case .errorRate:
            return summary.routes.filter { $0.errorRate > bound }.map {
                "\($0.name): \(decimals($0.errorRate * 100)) % of \($0.count) requests failed"
            }
        case .p50, .p95, .p99, .max:
            return summary.routes.compactMap { route in
                let value: Double =
                    switch figure {
                    case .p50: route.durations.quantile(0.5)
                    case .p95: route.durations.quantile(0.95)
                    case .p99: route.durations.quantile(0.99)
                    default: route.durations.longest
                    }
                return value > bound ? "\(route.name): \(figure.rawValue) is \(decimals(value)) ms" : nil
            }
        }
    }
}

/// A wish that cannot be met, with what can.
public struct LogAnalysisError: Error, CustomStringConvertible, Equatable {
    /// One line.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Two decimals.
func decimals(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
