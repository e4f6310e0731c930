extension MetricRegistry {
    /// Writes all metrics, appending to a buffer.
    public func write(_ format: ExpositionFormat = .prometheusText, into buffer: inout [UInt8]) {
        var writer = ExpositionWriter(format: format, constantLabels: constantLabels)
        for definition in all { writer.write(definition, into: &buffer) }
        if format == .openMetrics { buffer.append(contentsOf: "# EOF\n".utf8) }
    }
}

/// Writes one family after another.
struct ExpositionWriter {
    let format: ExpositionFormat
    let constantLabels: [(name: String, value: String)]

    mutating func write(_ definition: MetricRegistry.Definition, into buffer: inout [UInt8]) {
        let lines = samples(of: definition)
        guard !lines.isEmpty else { return }
        var family = definition.name
        if format == .openMetrics, definition.kind == .counter { family = String(family.dropLast("_total".count)) }
        buffer.append(contentsOf: "# HELP \(family) \(escape(definition.help, quotes: format == .openMetrics))\n".utf8)
        buffer.append(contentsOf: "# TYPE \(family) \(definition.kind.rawValue)\n".utf8)
        for line in lines { buffer.append(contentsOf: line.utf8) }
    }

    private func samples(of definition: MetricRegistry.Definition) -> [String] {
        let name = definition.name
        switch definition.source {
        case .counters(let family):
            return family.series.map { values, counter in
                let figure = counter.wholeValue.map { String($0) } ?? number(counter.value)
                return "\(name)\(labels(family.labels, values)) \(figure)\n"
            }
        case .gauges(let family):
            return family.series.map { "\(name)\(labels(family.labels, $0)) \(number($1.value))\n" }
        case .read(let read):
            return read().map { ["\(name)\(labels([], [])) \(number($0))\n"] } ?? []
        case .readSeries(let read):
            return read().map { "\(name)\(labels(definition.labels, $0.values)) \(number($0.value))\n" }
        case .histograms(let family):
            return family.series.map { values, histogram in
                let counts = histogram.counts
                var cumulative: UInt64 = 0
                var text = ""
                for (index, count) in counts.enumerated() {
                    cumulative += count
                    let bounds = histogram.buckets.bounds
                    let bound = index < bounds.count ? number(bounds[index]) : "+Inf"
                    text += "\(name)_bucket\(labels(family.labels, values, le: bound)) \(cumulative)\n"
                }
                text += "\(name)_sum\(labels(family.labels, values)) \(number(histogram.sum))\n"
                text += "\(name)_count\(labels(family.labels, values)) \(cumulative)\n"
                return text
            }
        }
    }

    private func labels(_ names: [String], _ values: [String], le: String? = nil) -> String {
        var pairs = constantLabels.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }
        for (name, value) in zip(names, values) { pairs.append("\(name)=\"\(escape(value, quotes: true))\"") }
        if let le { pairs.append("le=\"\(le)\"") }
        return pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    /// A number as both formats read it: `1.0`, `+Inf`, `NaN`.
    private func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return "\(value)"
    }

    private func escape(_ text: String, quotes: Bool) -> String {
        guard
            text.utf8.contains(where: {
                $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\"")
            })
        else { return text }
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"": escaped += quotes ? "\\\"" : "\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
