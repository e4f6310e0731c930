extension MetricRegistry {
    /// Writes all metrics, appending to a buffer.
    ///
    /// Whoever scrapes while another does waits for it and shares the next text. Nothing is allocated once the buffers
    /// have grown to the size of the text.
    /// - Parameters:
    ///   - format: As ``ExpositionFormat/negotiate(accept:)`` chose it.
    ///   - names: Only metrics of these names, of the family or of a line of it; all when `nil`. For `?name[]=…`.
    ///   - buffer: Appended to; give it again with `removeAll(keepingCapacity: true)`.
    public func write(
        _ format: ExpositionFormat = .prometheusText, names: Set<String>? = nil, into buffer: inout [UInt8]
    ) {
        scrapes.write(ScrapeTurns.Key(format: format, names: names), into: &buffer) { sink in
            var writer = ExpositionWriter(sink: sink, openMetrics: format == .openMetrics, names: names)
            writer.write(self)
        }
    }

    /// The text of all metrics.
    public func text(_ format: ExpositionFormat = .prometheusText, names: Set<String>? = nil) -> String {
        var buffer: [UInt8] = []
        write(format, names: names, into: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }
}

/// Writes one family after another.
struct ExpositionWriter {
    let sink: ByteSink
    let openMetrics: Bool
    let names: Set<String>?

    mutating func write(_ registry: MetricRegistry) {
        let merged = registry.merged
        if merged.isEmpty {
            for entry in registry.all { write(entry, constants: registry.constantLabels) }
            writeSelf([registry])
        } else {
            let all = [registry] + merged
            writeMerged(all)
            writeSelf(all)
        }
        if openMetrics { sink.append("# EOF\n") }
    }

    func wants(_ definition: MetricDefinition) -> Bool {
        guard let names else { return true }
        return MetricName.taken(by: definition.name, kind: definition.kind).contains(where: names.contains)
    }

    private func write(_ entry: MetricRegistry.Entry, constants: [(name: String, value: String)]) {
        guard wants(entry.definition) else { return }
        let mark = sink.count
        head(entry)
        let body = sink.count
        lines(entry, constants: constants)
        if sink.count == body { sink.rewind(to: mark) }
    }

    func head(_ entry: MetricRegistry.Entry) { sink.append(openMetrics ? entry.openMetricsHead : entry.head) }

    func lines(_ entry: MetricRegistry.Entry, constants: [(name: String, value: String)]) {
        let definition = entry.definition
        switch entry.source {
        case .family(let core): core.render(into: sink, openMetrics: openMetrics)
        case .read(let read):
            if let value = read() { line(definition, constants, [], value) }
        case .readSeries(let read):
            each(read(), of: definition) { line(definition, constants, $0, $1) }
        case .readHistograms(let bounds, let read):
            each(read(), of: definition) { histogram(definition, constants, $0, $1, bounds) }
        }
    }

    /// Calls a body with each series that was read; of two with the same values with the first.
    private func each<Value>(
        _ series: [(values: [String], value: Value)], of definition: MetricDefinition, _ body: ([String], Value) -> Void
    ) {
        var seen: Set<[String]> = []
        for one in series {
            let values = definition.labels.indices.map {
                $0 < one.values.count ? EscapedText.writable(one.values[$0]) : ""
            }
            if series.count > 1, !seen.insert(values).inserted { continue }
            body(values, one.value)
        }
    }

    private func histogram(
        _ definition: MetricDefinition, _ constants: [(name: String, value: String)], _ values: [String],
        _ snapshot: HistogramSnapshot, _ bounds: BoundsTable
    ) {
        guard snapshot.counts.count == bounds.texts.count, BoundsTable.finite(snapshot.buckets) == bounds.values else {
            return
        }
        let labels = EscapedText.labels(constants + zip(definition.labels, values).map { (name: $0, value: $1) })
        var cumulative: UInt64 = 0
        for (count, bound) in zip(snapshot.counts, bounds.texts) {
            cumulative &+= count
            sink.append(definition.name)
            sink.append("_bucket{")
            sink.append(labels)
            if !labels.isEmpty { sink.byte(UInt8(ascii: ",")) }
            sink.append(bound)
            sink.integer(cumulative)
            sink.newline()
        }
        if openMetrics, bounds.search.takesNegative { return }
        sink.head(Array("\(definition.name)_sum".utf8), labels: labels)
        sink.double(snapshot.sum)
        sink.newline()
        sink.head(Array("\(definition.name)_count".utf8), labels: labels)
        sink.integer(cumulative)
        sink.newline()
    }

    private func line(
        _ definition: MetricDefinition, _ constants: [(name: String, value: String)], _ values: [String],
        _ value: Double
    ) {
        if definition.kind == .counter, !(value >= 0) { return }
        let pairs = constants + zip(definition.labels, values).map { (name: $0, value: $1) }
        sink.head(Array(definition.name.utf8), labels: EscapedText.labels(pairs))
        sink.double(value)
        sink.newline()
    }

    // MARK: About the registry itself

    /// Families at their limit, updates that were not taken, metrics that could not be registered: only where there are.
    private func writeSelf(_ registries: [MetricRegistry]) {
        var dropped: [(String, Int64)] = []
        var rejected: [(String, Int64)] = []
        for registry in registries {
            for entry in registry.all {
                guard case .family(let core) = entry.source else { continue }
                if core.dropped > 0 { dropped.append((entry.definition.name, core.dropped)) }
                if core.rejected.value > 0 { rejected.append((entry.definition.name, core.rejected.value)) }
            }
        }
        let errors = registries.reduce(0) { $0 + $1.registrationErrors.value }
        let constants = registries.first?.constantLabels ?? []
        func own(_ index: Int, _ help: String, _ label: [String], _ series: [(String, Int64)]) {
            guard !series.isEmpty else { return }
            let definition = MetricDefinition(
                name: MetricRegistry.ownNames[index], help: help, kind: .counter, labels: label)
            let values: [(values: [String], value: Double)] = series.map { (values: [$0], value: Double($1)) }
            write(MetricRegistry.Entry(definition: definition, source: .readSeries { values }), constants: constants)
        }
        own(0, "Lookups beyond a metric's limit of series.", ["metric"], dropped)
        own(1, "Updates that were not taken: negative steps, NaN, exemplars too long.", ["metric"], rejected)
        own(2, "Metrics that could not be registered or merged.", [], errors > 0 ? [("", errors)] : [])
    }
}
