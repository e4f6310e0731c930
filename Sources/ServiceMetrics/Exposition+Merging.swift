extension ExpositionWriter {
    /// Writes several registries as one: metrics of one name stand together, what does not fit is left out.
    func writeMerged(_ registries: [MetricRegistry]) {
        var order: [String] = []
        var groups: [String: [(registry: MetricRegistry, entry: MetricRegistry.Entry)]] = [:]
        var taken: [String: String] = [:]
        for registry in registries {
            for entry in registry.all where wants(entry.definition) {
                let definition = entry.definition
                if let first = groups[definition.name]?.first?.entry.definition {
                    if first.kind == definition.kind, first.unit == definition.unit {
                        groups[definition.name]?.append((registry, entry))
                    } else {
                        registries[0].countLeftOut(definition.name)
                    }
                    continue
                }
                let names = MetricName.taken(by: definition.name, kind: definition.kind)
                guard names.allSatisfy({ taken[$0] == nil }) else {
                    registries[0].countLeftOut(definition.name)
                    continue
                }
                for name in names { taken[name] = definition.name }
                order.append(definition.name)
                groups[definition.name] = [(registry, entry)]
            }
        }
        for name in order {
            guard let group = groups[name], let first = group.first else { continue }
            let mark = sink.count
            head(first.entry)
            let body = sink.count
            for (registry, entry) in group {
                let start = sink.count
                lines(entry, constants: registry.constantLabels)
                if start > body { dropRepeated(name, from: body, since: start, counting: registries[0]) }
            }
            if sink.count == body { sink.rewind(to: mark) }
        }
    }

    /// Takes back lines written since a mark whose series was written before it.
    private func dropRepeated(_ name: String, from first: Int, since mark: Int, counting registry: MetricRegistry) {
        let earlier = Set(sink.bytes[first..<mark].split(separator: 0x0A).map { Self.series(of: $0) })
        let added = sink.bytes[mark...].split(separator: 0x0A).map { (line: Array($0), series: Self.series(of: $0)) }
        guard added.contains(where: { earlier.contains($0.series) }) else { return }
        registry.countLeftOut(name)
        sink.rewind(to: mark)
        for one in added where !earlier.contains(one.series) {
            sink.append(one.line)
            sink.newline()
        }
    }

    /// A line up to its figure: a space ends it where no label's value is open.
    private static func series(of line: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
        var quoted = false
        var escaped = false
        for index in line.indices {
            let byte = line[index]
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                quoted.toggle()
            } else if byte == 0x20, !quoted {
                return Array(line[line.startIndex..<index])
            }
        }
        return Array(line)
    }
}
