/// How metrics are written out.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus text 0.0.4.
    case prometheusText
    /// OpenMetrics 1.0.
    case openMetrics

    /// The content type to answer with.
    public var contentType: String {
        switch self {
        case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// Chooses by the quality values of an `Accept` header; Prometheus text where nothing is said.
    public static func negotiate(accept: String?) -> ExpositionFormat {
        guard let accept else { return .prometheusText }
        var best: (format: ExpositionFormat, quality: Double) = (.prometheusText, 0)
        for part in accept.split(separator: ",") {
            let fields = part.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            guard let type = fields.first else { continue }
            func parameter(_ name: String) -> String? {
                fields.dropFirst().first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
            }
            let quality = parameter("q=").flatMap { Double($0) } ?? 1
            let format: ExpositionFormat? =
                switch type {
                // Of a version that it is not, the client could not read it.
                case "application/openmetrics-text":
                    ["1.0.0", "0.0.1"].contains(parameter("version=") ?? "1.0.0") ? .openMetrics : nil
                case "text/plain", "text/*", "*/*": .prometheusText
                default: nil
                }
            if let format, quality > best.quality { best = (format, quality) }
        }
        return best.format
    }
}
