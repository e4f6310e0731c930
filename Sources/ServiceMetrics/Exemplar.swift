import Synchronization

/// One observation by name, `trace_id` for one, that OpenMetrics shows beside a counter or a bucket.
public struct Exemplar: Sendable, Hashable {
    /// Names and values.
    public var labels: [String: String]
    /// Seconds since 1970; left out when `nil`.
    public var timestamp: Double?

    /// An exemplar. Names and values together may have 128 characters; a longer one is not shown.
    public init(_ labels: [String: String], timestamp: Double? = nil) {
        self.labels = labels
        self.timestamp = timestamp
    }

    /// ` # {trace_id="4bf9"} 0.5 1700000000.0`, or `nil` where the format forbids it.
    func text(value: Double) -> [UInt8]? {
        let characters = labels.reduce(0) { $0 + $1.key.unicodeScalars.count + $1.value.unicodeScalars.count }
        guard characters <= 128, labels.keys.allSatisfy({ MetricName.isLabel($0) }), value.isFinite else { return nil }
        guard timestamp.map(\.isFinite) ?? true else { return nil }
        let sink = ByteSink(capacity: 192)
        sink.append(" # {")
        for (index, pair) in labels.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { sink.byte(UInt8(ascii: ",")) }
            sink.append(pair.key)
            sink.append("=\"")
            sink.append(EscapedText.label(pair.value))
            sink.byte(UInt8(ascii: "\""))
        }
        sink.append("} ")
        sink.double(value)
        if let timestamp {
            sink.byte(0x20)
            sink.double(timestamp)
        }
        return Array(sink.bytes)
    }
}

/// The last exemplar of each bucket, rendered.
final class ExemplarSlots: Sendable {
    private let any = Atomic<Bool>(false)
    private let count: Int
    /// One lock for all: exemplars are few, counters are many.
    private static let lock = MetricLock(false)
    // Guarded by the lock.
    private nonisolated(unsafe) var texts: [[UInt8]?] = []

    init(count: Int) { self.count = count }

    /// Returns whether the format allows the exemplar.
    func set(_ exemplar: Exemplar, value: Double, at index: Int) -> Bool {
        guard let text = exemplar.text(value: value) else { return false }
        Self.lock.withLock { _ in
            if texts.isEmpty { texts = Array(repeating: nil, count: count) }
            texts[index] = text
        }
        any.store(true, ordering: .releasing)
        return true
    }

    @inline(__always)
    func write(_ index: Int, to sink: ByteSink) {
        guard any.load(ordering: .acquiring) else { return }
        guard let text = Self.lock.withLock({ _ in texts.isEmpty ? nil : texts[index] }) else { return }
        sink.append(text)
    }
}
