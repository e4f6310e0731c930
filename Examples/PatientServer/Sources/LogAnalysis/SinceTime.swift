public import Foundation

/// `--since`: a moment, or a span back from now, in the form in which lines hold their time.
public enum SinceTime {
    /// Reads `2025-06-01T12:00:00Z`, `2025-06-01`, `90s`, `15m`, `2h` or `1d`.
    /// - Parameter now: Where spans end.
    /// - Throws: ``LogAnalysisError`` that says what is taken.
    public static func parse(_ text: String, now: Date = Date()) throws(LogAnalysisError) -> String {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        if let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()), number >= 0 {
            return now.addingTimeInterval(-number * unit).formatted(.iso8601).replacing("Z", with: "")
        }
        if let date = try? Date(text, strategy: .iso8601) {
            return date.formatted(.iso8601).replacing("Z", with: "")
        }
        if (try? Date(text, strategy: .iso8601.year().month().day())) != nil, text.utf8.count == 10 { return text }
        throw LogAnalysisError(
            "“\(text)” is no time; --since takes 2025-06-01T12:00:00Z, 2025-06-01, or a span such as 90s, 15m, 2h, 1d")
    }
}
