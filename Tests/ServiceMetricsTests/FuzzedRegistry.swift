import TestServers
import ServiceMetrics

/// A registry to which whatever comes was done; what it refuses is refused by a thrown error.
struct FuzzedRegistry {
    let registry: MetricRegistry
    private var generator: SplitMix64
    private let plainExemplars: Bool
    private var counters: [CounterFamily] = []
    private var gauges: [GaugeFamily] = []
    private var histograms: [HistogramFamily] = []

    /// - Parameter plainExemplars: For readers that lose their way at quotes and braces in an exemplar's value.
    init(seed: UInt64, cases: Int, plainExemplars: Bool = false) {
        self.plainExemplars = plainExemplars
        generator = SplitMix64(seed: seed)
        registry = MetricRegistry(
            constantLabels: seed % 3 == 0 ? ["instance_name": "a\"b\\c\nd"] : [:], seriesLimit: seed % 2 == 0 ? 5 : 100,
            createdTimestamps: seed % 4 == 0, now: { 1_700_000_000.25 })
        for _ in 0..<cases {
            if Int.random(in: 0..<4, using: &generator) == 0 { register() } else { update() }
        }
    }

    private mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &generator)] }

    /// Any text, from harmless to hostile.
    private mutating func text() -> String {
        let parts = [
            "a", "le", "\"", "\\", "\n", "\r", "\t", " ", "{", "}", "=", ",", "#", "é", "😀", "\u{0}", "\u{7F}",
            "\u{FFFD}",
            "\u{2028}", "\u{FEFF}", "\\n", "# EOF", "# TYPE", "1", "_", "NaN", "\u{85}", "\u{C}", "\u{1C}",
        ]
        return (0..<Int.random(in: 0...6, using: &generator)).map { _ in pick(parts) }.joined()
    }

    private mutating func name() -> String {
        if Int.random(in: 0..<6, using: &generator) == 0 { return text() }
        let stem = pick(["a", "b", "foo", "foo:bar", "x_y", "A9", "_z", "http_requests", "h\(generator.next() % 50)"])
        return stem + pick(["", "", "_total", "_count", "_sum", "_bucket", "_created", "_info", "_seconds", "_gcount"])
    }

    private mutating func labels() -> [String] {
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            pick([0, 1, 1, 1, 1, 1]) == 0 ? text() : pick(["a", "b", "c", "le", "__x", "quantile", "_d", "E"])
        }
    }

    private mutating func value() -> Double {
        pick([
            0, 1, -1, 0.1, .nan, .infinity, -.infinity, -0.0, 1e300, Double.leastNonzeroMagnitude, 123_456_789.123,
            Double(bitPattern: generator.next()), Double.random(in: 0...10, using: &generator),
        ])
    }

    private mutating func register() {
        let (name, help, labels) = (name(), text(), labels())
        let unit: String? = pick([nil, nil, nil, "seconds", text()])
        switch Int.random(in: 0..<7, using: &generator) {
        case 0, 1:
            if let made = try? registry.counterFamily(name, help, unit: unit, labels) { counters.append(made) }
        case 2: if let made = try? registry.gaugeFamily(name, help, unit: unit, labels) { gauges.append(made) }
        case 3:
            let bounds = pick([[1, 2], [-1, 0, 1], [], [0.1, .infinity], [2, 1], [1e-7, 1e9, 1e21]])
            if let made = try? registry.histogramFamily(name, help, unit: unit, labels, Buckets(bounds)) {
                histograms.append(made)
            }
        case 4: try? registry.info(name, help: help, ["version": text(), "b": text()])
        case 5:
            if let made = try? registry.stateSet(name, help: help, states: [text(), text() + "2", "x"]) {
                made.set("x", active: true)
            }
        default:
            let (first, second, figure) = (text(), text(), value())
            try? registry.gauge(name, help: help, labels: labels) {
                [([first, second], figure), ([first], 1), ([first, second], 2), ([], .nan)]
            }
        }
    }

    private mutating func update() {
        let values = [text(), text(), text()]
        let label = text()
        let exemplar = Exemplar(
            [pick(["trace_id", "le", text()]): plainExemplars ? "\(label.utf8.count)" : label],
            timestamp: pick([nil, 1.5, .nan]))
        switch Int.random(in: 0..<4, using: &generator) {
        case 0 where !counters.isEmpty:
            let counter = pick(counters).with(values: values)
            pick([true, false])
                ? counter.increment(by: value()) : counter.increment(by: Int(truncatingIfNeeded: generator.next()))
            if pick([0, 1, 2]) == 0 { counter.increment(exemplar: exemplar) }
        case 1 where !gauges.isEmpty: pick(gauges).with(values[0], values[1]).set(value())
        case 2 where !histograms.isEmpty:
            let histogram = pick(histograms).with(values: values)
            histogram.observe(value(), exemplar: exemplar)
        default: if let family = counters.last { family.remove(values[0]) }
        }
    }
}
