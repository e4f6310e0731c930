import Foundation
import SQLDatabase

/// Where the driver's answer is not psycopg's.
struct OracleDifference: Sendable {
    /// What kind of difference it is, the same for cases that differ alike.
    let group: String
    let detail: String

    /// Compares an answer with the expectation; `nil` where they agree.
    static func between(_ expected: OracleCase.Outcome?, _ answer: OracleAnswer) -> OracleDifference? {
        switch answer {
        case .failure(let state, _, let words):
            guard let expected else {
                return OracleDifference(group: "the connection is lost or not idle", detail: words)
            }
            guard let error = expected.error else {
                return OracleDifference(
                    group: "an error\(state.isEmpty ? " of the driver" : " \(state)") instead of a result",
                    detail: words)
            }
            if error.isEmpty || error == state { return nil }
            return OracleDifference(
                group: "error \(state.isEmpty ? "of the driver" : state) instead of \(error)", detail: words)
        case .result(let columns, let rows, let count):
            guard let expected else { return nil }
            if let error = expected.error {
                let words = rows.first.map { "[\($0.map(OracleValue.describe).joined(separator: ", "))]" }
                return OracleDifference(
                    group: "a result instead of \(error.isEmpty ? "a refusal" : "error \(error)")",
                    detail: words ?? "no rows")
            }
            return between(expected, columns, rows, count)
        }
    }

    private static func between(
        _ expected: OracleCase.Outcome, _ columns: [String]?, _ rows: [[SQLValue]], _ count: Int?
    ) -> OracleDifference? {
        let names = (expected.columns ?? []).map(\.name)
        if let columns, columns != names {
            return OracleDifference(group: "column names", detail: "\(columns) instead of \(names)")
        }
        let lines = expected.rows ?? []
        if rows.count != lines.count {
            return OracleDifference(group: "number of rows", detail: "\(rows.count) instead of \(lines.count)")
        }
        for (row, line) in zip(rows, lines) {
            if row.count != line.count {
                return OracleDifference(group: "number of columns", detail: "\(row.count) instead of \(line.count)")
            }
            for (index, (value, cell)) in zip(row, line).enumerated() where !cell.matches(value) {
                let answer = OracleValue.describe(value)
                let kinds = [answer, cell.description].map { $0.split(separator: " ").first ?? "" }
                return OracleDifference(
                    group: kinds[0] == kinds[1] ? "value of type \(kinds[0])" : "\(kinds[0]) instead of \(kinds[1])",
                    detail: "\(names[index]): \(answer.prefix(150)) instead of \(cell.description.prefix(150))")
            }
        }
        if let count, let wanted = expected.count, count != wanted {
            return OracleDifference(group: "count of rows", detail: "\(count) instead of \(wanted)")
        }
        return nil
    }
}

/// Differences, grouped by kind and case.
struct OracleReport {
    private struct Entry {
        let test: OracleCase
        let detail: String
        var uses: [String]
    }

    private var groups: [String: [Entry]] = [:]
    private(set) var cases: Set<String> = []

    mutating func add(_ difference: OracleDifference, of test: OracleCase, use: String) {
        cases.insert(test.id)
        // Names of prepared statements differ from run to run.
        let isNamed = difference.detail.utf8.contains(UInt8(ascii: "_"))
        let detail = isNamed ? difference.detail.replacing(#/vitals_\w+/#, with: "vitals_…") : difference.detail
        var entries = groups[difference.group] ?? []
        if let last = entries.indices.last, entries[last].test.id == test.id, entries[last].detail == detail {
            entries[last].uses.append(use)
        } else {
            entries.append(Entry(test: test, detail: detail, uses: [use]))
        }
        groups[difference.group] = entries
    }

    /// Adds another report's differences.
    mutating func merge(_ other: OracleReport) {
        groups.merge(other.groups) { $0 + $1 }
        cases.formUnion(other.cases)
    }

    /// The groups, the largest first, each with its lines: what differs, the statement with its parameters, and the uses.
    func lines(limit: Int = .max) -> [(group: String, lines: [String])] {
        let merged = groups.mapValues { entries in
            Dictionary(grouping: entries) { $0.test.id + $0.detail }.values.sorted {
                $0[0].test.id.compare($1[0].test.id, options: .numeric) == .orderedAscending
            }
        }
        return merged.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { group, entries in
            var lines = entries.prefix(limit).map { same in
                let test = same[0].test
                let parameters = test.parameters.map { String($0.description.prefix(60)) }.joined(separator: ", ")
                return """
                    \(test.id): \(same[0].detail.prefix(320))
                        \(test.setup.map { $0 + "; " }.joined())\(test.sql.prefix(160)) [\(parameters.prefix(200))]
                        \(Set(same.flatMap(\.uses)).sorted().joined(separator: ", "))
                    """
            }
            if entries.count > limit { lines.append("… and \(entries.count - limit) more") }
            return ("\(group) (\(entries.count))", lines)
        }
    }
}
