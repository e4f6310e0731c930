extension MonitoringArtifacts {
    /// A panel of the dashboard.
    public struct Panel: Sendable, Hashable {
        /// The title.
        public let title: String
        /// What Grafana calls the unit.
        public let unit: String
        /// Expressions in PromQL and their legends.
        public let targets: [Target]

        /// A line of a panel.
        public struct Target: Sendable, Hashable {
            /// In PromQL.
            public let expression: String
            /// What it is called.
            public let legend: String
        }
    }

    /// A panel for each metric: rates of counters, quantiles of histograms, gauges as they are.
    public var panels: [Panel] {
        metrics.compactMap { metric in
            let labels = metric.labels.joined(separator: ", ")
            let by = labels.isEmpty ? "" : " by (\(labels))"
            let legend = metric.labels.isEmpty ? metric.name : metric.labels.map { "{{\($0)}}" }.joined(separator: " ")
            switch metric.kind {
            case .counter:
                let unit =
                    metric.name.hasSuffix("_bytes_total")
                    ? "Bps" : metric.name.hasSuffix("_seconds_total") ? "s" : "ops"
                return Panel(
                    title: "\(metric.name), per second", unit: unit,
                    targets: [Panel.Target(expression: "sum\(by) (rate(\(metric.name)[5m]))", legend: legend)])
            case .histogram:
                let all = (["le"] + metric.labels).joined(separator: ", ")
                return Panel(
                    title: metric.name, unit: unit(of: metric),
                    targets: [0.5, 0.95, 0.99].map { quantile in
                        Panel.Target(
                            expression:
                                "histogram_quantile(\(quantile), sum by (\(all)) (rate(\(metric.name)_bucket[5m])))",
                            legend: "p\(Int(quantile * 100)) \(metric.labels.isEmpty ? "" : legend)")
                    })
            case .gauge, .stateSet:
                return Panel(
                    title: metric.name, unit: unit(of: metric),
                    targets: [Panel.Target(expression: "max\(by) (\(metric.name))", legend: legend)])
            case .info: return nil
            }
        }
    }

    private func unit(of metric: MetricDescription) -> String {
        if metric.name.hasSuffix("start_time_seconds") { return "dateTimeAsIso" }
        if metric.name.hasSuffix("_seconds") { return "s" }
        return metric.name.hasSuffix("_bytes") ? "bytes" : "short"
    }

    /// A dashboard for Grafana.
    public var dashboardFile: String {
        var text = """
            {
              "title": \(json(title)),
              "uid": \(json(uid)),
              "schemaVersion": 39,
              "editable": true,
              "refresh": "10s",
              "time": {"from": "now-1h", "to": "now"},
              "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
              "panels": [

            """
        let panels = panels
        for (index, panel) in panels.enumerated() {
            let targets = panel.targets.enumerated().map { place, target in
                "{\"refId\": \"\(Character(UnicodeScalar(UInt8(65 + place))))\", \"expr\": \(json(target.expression)), "
                    + "\"legendFormat\": \(json(target.legend))}"
            }
            text += """
                    {
                      "id": \(index + 1), "type": "timeseries", "title": \(json(panel.title)),
                      "datasource": {"type": "prometheus", "uid": "${datasource}"},
                      "gridPos": {"x": \(index % 2 * 12), "y": \(index / 2 * 8), "w": 12, "h": 8},
                      "fieldConfig": {"defaults": {"unit": \(json(panel.unit)), "min": 0}, "overrides": []},
                      "targets": [\(targets.joined(separator: ", "))]
                    }\(index + 1 < panels.count ? "," : "")

                """
        }
        return text + "  ]\n}\n"
    }

    private var uid: String {
        String(title.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }.prefix(40))
    }

    private func json(_ text: String) -> String {
        var escaped = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case _ where scalar.value < 0x20: escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped + "\""
    }
}
