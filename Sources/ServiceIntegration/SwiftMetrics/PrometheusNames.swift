/// Names as libraries give them, made names that Prometheus takes.
enum PrometheusNames {
    /// The name of a metric; `nil` where nothing is left of it.
    /// - Parameter suffix: What the name must end with, `_total` or a unit.
    static func metric(_ label: String, suffix: String?) -> String? {
        guard !label.isEmpty else { return nil }
        var stem = clean(label, colon: true)
        if let suffix, stem.hasSuffix(suffix), stem != suffix { stem.removeLast(suffix.count) }
        // These mean something else to a scraper.
        if ["_total", "_bucket", "_info"].contains(where: stem.hasSuffix) { stem += "_value" }
        return stem + (suffix ?? "")
    }

    /// The name of a label.
    static func label(_ name: String) -> String {
        let cleaned = clean(name, colon: false)
        let isReserved = cleaned == "le" || cleaned == "quantile" || cleaned.hasPrefix("__")
        return isReserved ? "exported_" + cleaned : cleaned
    }

    private static func clean(_ text: String, colon: Bool) -> String {
        var bytes = text.utf8.map { byte -> UInt8 in
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: byte
            case UInt8(ascii: ":") where colon: byte
            default: 0x5F
            }
        }
        if bytes.first.map({ (0x30...0x39).contains($0) }) ?? true { bytes.insert(0x5F, at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
