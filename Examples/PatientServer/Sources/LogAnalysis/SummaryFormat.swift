import Foundation

extension LogSummary {
    /// The summary for people.
    public var text: String {
        var text = "\(lines) lines, \(counted) of them counted, \(unreadable) no record"
        text += dropped > 0 ? ", \(dropped) dropped by the service\n" : "\n"
        for (level, count) in levels.sorted(by: { $0.value > $1.value }) { text += "  \(level): \(count)\n" }
        if !routes.isEmpty {
            text += "\nroute                                         count   errors      p50      p95      p99  (ms)\n"
            for route in routes {
                text +=
                    pad(clean(route.name), 42) + left("\(route.count)", 9)
                    + left("\(decimals(route.errorRate * 100))%", 9) + quantiles(route) + "\n"
            }
        }
        if !statements.isEmpty {
            text += "\nstatement         count      p50      p95      p99  (ms)   pool wait p95\n"
            for group in statements {
                text +=
                    pad(clean(group.name), 16) + left("\(group.count)", 7) + quantiles(group)
                    + left(decimals(group.poolWaits.quantile(0.95)), 16) + "\n    \(clean(group.statement ?? ""))\n"
            }
        }
        if !errors.isEmpty {
            text += "\nerrors\n"
            for (message, count) in errors.prefix(20) { text += left("\(count)", 8) + "  \(clean(message))\n" }
        }
        return text
    }

    /// The summary for programs.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            lines: lines, counted: counted, unreadable: unreadable, dropped: dropped, levels: levels,
            routes: routes.map(Document.Entry.init), statements: statements.map(Document.Entry.init),
            errors: Dictionary(errors.map { ($0.message, $0.count) }) { $0 + $1 })
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }

    private struct Document: Encodable {
        struct Entry: Encodable {
            var name: String
            var statement: String?
            var count: Int
            var failures: Int
            var aborted: Int
            var error_rate: Double
            var p50_ms: Double
            var p95_ms: Double
            var p99_ms: Double
            var max_ms: Double
            var pool_wait_p95_ms: Double

            init(_ group: Group) {
                name = group.name
                statement = group.statement
                count = group.count
                failures = group.failures
                aborted = group.aborted
                error_rate = group.errorRate
                p50_ms = group.durations.quantile(0.5)
                p95_ms = group.durations.quantile(0.95)
                p99_ms = group.durations.quantile(0.99)
                max_ms = group.durations.longest
                pool_wait_p95_ms = group.poolWaits.quantile(0.95)
            }
        }

        var lines: Int
        var counted: Int
        var unreadable: Int
        var dropped: Int
        var levels: [String: Int]
        var routes: [Entry]
        var statements: [Entry]
        var errors: [String: Int]
    }

    private func quantiles(_ group: Group) -> String {
        [0.5, 0.95, 0.99].map { left(decimals(group.durations.quantile($0)), 9) }.joined()
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }

    /// A text from a log, fit for a terminal.
    private func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}

extension LogSummary {
    /// Whether a line is of a trace, a request or a job.
    public static func isOf(_ id: [UInt8], _ line: UnsafeBufferPointer<UInt8>) -> Bool {
        var scanner = LogScanner(line)
        guard let ids = scanner.fields()?.ids else { return false }
        return [ids.0, ids.1, ids.2].contains { $0.map { $0.elementsEqual(id) } ?? false }
    }
}
