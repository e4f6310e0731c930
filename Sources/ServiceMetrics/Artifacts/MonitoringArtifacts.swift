/// Files for those who watch a service, made from the metrics it registers: a rename cannot drift.
///
/// ```swift
/// let artifacts = try MonitoringArtifacts(
///     title: "Patient server", metrics: registry.metrics, rules: try AlertThresholds(monitoring: text).rules)
/// for (name, text) in artifacts.files { … }
/// ```
public struct MonitoringArtifacts: Sendable {
    let title: String
    let metrics: [MetricDescription]
    let rules: [AlertRule]

    /// Artifacts of these metrics and rules.
    /// - Throws: ``MetricError`` when a rule reads a metric or label that is not registered, or compares with a figure
    ///   that is no bound of the histogram it reads.
    public init(title: String, metrics: [MetricDescription], rules: [AlertRule]) throws(MetricError) {
        self.title = title
        self.metrics = metrics
        self.rules = rules
        for rule in rules {
            for (name, labels) in rule.reads.sorted(by: { $0.key < $1.key }) {
                guard let metric = metrics.first(where: { $0.name == name }) else {
                    throw MetricError(.invalidAlert, "\(rule.name) reads \(name), which is not registered")
                }
                for label in labels where !metric.labels.contains(label) {
                    throw MetricError(.invalidAlert, "\(rule.name) reads the label \(label), which \(name) has not")
                }
                if metric.kind == .histogram, let last = rule.expression.split(separator: " ").last,
                    let bound = Double(last), !metric.bounds.contains(bound)
                {
                    throw MetricError(
                        .invalidAlert,
                        "\(rule.name) compares with \(bound), which is no bound of \(name): the quantile would be a guess"
                    )
                }
            }
        }
    }

    /// All files by name.
    public var files: [String: String] {
        [
            "rules.yml": rulesFile, "rules_test.yml": testsFile, "dashboard.json": dashboardFile,
            "metrics.md": referenceFile,
        ]
    }

    /// Rules for Prometheus.
    public var rulesFile: String {
        var text = "groups:\n  - name: \(quoted(title))\n    rules:\n"
        for rule in rules {
            text += """
                      - alert: \(rule.name)
                        expr: \(quoted(rule.expression))
                        for: \(rule.duration)
                        labels:
                          severity: \(rule.severity)
                        annotations:
                          summary: \(quoted(rule.summary))
                          description: \(quoted(rule.action))

                """
        }
        return text
    }

    /// Proofs of the rules, for `promtool test rules`.
    public var testsFile: String {
        var text = "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n"
        for rule in rules {
            for proof in rule.proofs {
                text += "  - interval: 1m\n    input_series:\n"
                for (series, values) in proof.series.sorted(by: { $0.key < $1.key }) {
                    text += "      - series: \(quoted(series))\n        values: \(quoted(values))\n"
                }
                text += "    alert_rule_test:\n      - eval_time: \(proof.time)\n        alertname: \(rule.name)\n"
                guard let labels = proof.fires else { continue }
                text += "        exp_alerts:\n          - exp_labels:\n              severity: \(rule.severity)\n"
                for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
                    text += "              \(name): \(quoted(value))\n"
                }
                text += """
                                exp_annotations:
                                  summary: \(quoted(rule.summary))
                                  description: \(quoted(rule.action))

                    """
            }
        }
        return text
    }

    /// A page that lists the metrics, in Markdown.
    public var referenceFile: String {
        var text = "# Metrics of \(title)\n\n| metric | kind | labels | what it says |\n|---|---|---|---|\n"
        for metric in metrics {
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: " ")
            text += "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(cell(metric.help)) |\n"
        }
        let histograms = metrics.filter { $0.kind == .histogram }
        if !histograms.isEmpty {
            text += "\n## Buckets\n\n| histogram | upper bounds |\n|---|---|\n"
            for metric in histograms {
                text += "| `\(metric.name)` | \(metric.bounds.map { "\($0)" }.joined(separator: " ")) |\n"
            }
        }
        guard !rules.isEmpty else { return text }
        text += "\n## Alarms\n\n| alarm | severity | what is wrong | what to do first |\n|---|---|---|---|\n"
        for rule in rules {
            text += "| \(rule.name) | \(rule.severity) | \(cell(rule.summary)) | \(cell(rule.action)) |\n"
        }
        return text
    }

    private func cell(_ text: String) -> String {
        text.map { $0 == "|" ? "\\|" : $0.isNewline ? " " : String($0) }.joined()
    }

    /// A string of YAML in single quotes.
    private func quoted(_ text: String) -> String {
        "'" + text.map { $0 == "'" ? "''" : String($0) }.joined() + "'"
    }
}
