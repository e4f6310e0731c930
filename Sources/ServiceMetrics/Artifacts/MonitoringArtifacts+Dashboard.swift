extension MonitoringArtifacts {
    /// A panel of the dashboard.
    public struct Panel: Sendable, Hashable {
        /// The title.
        public let title: String
        /// What the metric says.
        public let description: String
        /// The row that it stands in.
        public let row: String
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
    public var panels: [Panel] { panels(of: "", over: "5m") }

    /// - Parameters:
    ///   - selector: Behind each metric's name, as `{job="api"}`.
    ///   - window: What rates are taken over.
    private func panels(of selector: String, over window: String) -> [Panel] {
        metrics.compactMap { metric in
            let labels = metric.labels.joined(separator: ", ")
            let by = labels.isEmpty ? "" : " by (\(labels))"
            let legend = metric.labels.isEmpty ? metric.name : metric.labels.map { "{{\($0)}}" }.joined(separator: " ")
            func panel(_ title: String, _ unit: String, _ targets: [Panel.Target]) -> Panel {
                Panel(title: title, description: metric.help, row: row(of: metric), unit: unit, targets: targets)
            }
            switch metric.kind {
            case .counter:
                let unit =
                    metric.name.hasSuffix("_bytes_total")
                    ? "Bps" : metric.name.hasSuffix("_seconds_total") ? "s" : "ops"
                let rate = "sum\(by) (rate(\(metric.name)\(selector)[\(window)]))"
                return panel("\(metric.name), per second", unit, [.init(expression: rate, legend: legend)])
            case .histogram:
                let all = (["le"] + metric.labels).joined(separator: ", ")
                let rate = "sum by (\(all)) (rate(\(metric.name)_bucket\(selector)[\(window)]))"
                return panel(
                    metric.name, unit(of: metric),
                    [0.5, 0.95, 0.99].map { quantile in
                        .init(
                            expression: "histogram_quantile(\(quantile), \(rate))",
                            legend: "p\(Int(quantile * 100)) \(metric.labels.isEmpty ? "" : legend)")
                    })
            case .gauge, .stateSet:
                let value = "max\(by) (\(metric.name)\(selector))"
                return panel(metric.name, unit(of: metric), [.init(expression: value, legend: legend)])
            case .info: return nil
            }
        }
    }

    /// Metrics of one first word stand in one row; jobs are of job.
    private func row(of metric: MetricDescription) -> String {
        let word = metric.name.prefix { $0 != "_" }
        return word.hasSuffix("s") && metrics.contains { $0.name.hasPrefix("\(word.dropLast())_") }
            ? String(word.dropLast()) : String(word)
    }

    private func unit(of metric: MetricDescription) -> String {
        if metric.name.hasSuffix("start_time_seconds") { return "dateTimeAsIso" }
        if metric.name.hasSuffix("_seconds") { return "s" }
        return metric.name.hasSuffix("_bytes") ? "bytes" : "short"
    }

    /// A dashboard for Grafana: a row for the metrics of one first word, instances to choose from, and marks where an
    /// alarm was raised.
    public var dashboardFile: String {
        let source = #"{"type": "prometheus", "uid": "${datasource}"}"#
        let head = """
            {
              "title": \(json(title)),
              "uid": \(json(uid)),
              "schemaVersion": 39,
              "editable": true,
              "graphTooltip": 1,
              "refresh": "10s",
              "time": {"from": "now-1h", "to": "now"},
              "annotations": {"list": [{
                "name": "Alarms", "enable": true, "iconColor": "red", "datasource": \(source),
                "expr": "ALERTS{alertstate=\\"firing\\"}", "titleFormat": "{{alertname}}", "step": "60s"
              }]},
              "templating": {"list": [
                {"name": "datasource", "type": "datasource", "query": "prometheus"},
                {
                  "name": "instance", "type": "query", "datasource": \(source), "refresh": 2,
                  "query": "label_values(\(metrics.first?.name ?? "up"), instance)",
                  "includeAll": true, "multi": true, "allValue": ".*", "current": {"text": "All", "value": "$__all"}
                }
              ]},
              "panels": [

            """
        let panels = panels(of: #"{instance=~"$instance"}"#, over: "$__rate_interval")
        var parts: [String] = []
        var y = 0
        for row in Set(panels.map(\.row)).sorted() {
            parts.append(
                """
                    {
                      "id": \(parts.count + 1), "type": "row", "title": \(json(row)), "collapsed": false, "panels": [],
                      "gridPos": {"x": 0, "y": \(y), "w": 24, "h": 1}
                    }
                """)
            y += 1
            let members = panels.filter { $0.row == row }
            for (place, panel) in members.enumerated() {
                let targets = panel.targets.enumerated().map { place, target in
                    "{\"refId\": \"\(Character(UnicodeScalar(UInt8(65 + place))))\", \"expr\": \(json(target.expression)), "
                        + "\"legendFormat\": \(json(target.legend))}"
                }
                parts.append(
                    """
                        {
                          "id": \(parts.count + 1), "type": "timeseries", "title": \(json(panel.title)),
                          "description": \(json(panel.description)), "datasource": \(source),
                          "gridPos": {"x": \(place % 3 * 8), "y": \(y + place / 3 * 7), "w": 8, "h": 7},
                          "fieldConfig": {"defaults": {"unit": \(json(panel.unit)), "min": 0}, "overrides": []},
                          "targets": [\(targets.joined(separator: ", "))]
                        }
                    """)
            }
            y += (members.count + 2) / 3 * 7
        }
        return head + parts.joined(separator: ",\n") + "\n  ]\n}\n"
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
