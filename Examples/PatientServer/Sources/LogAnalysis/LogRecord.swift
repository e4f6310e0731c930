import Foundation

/// One line of a service's log.
public struct LogRecord: Sendable {
    /// When, as it stands in the line.
    public var timestamp: String
    /// `info`, `error` …
    public var level: String
    /// What was said.
    public var message: String
    /// The route's template, of an access-log line.
    public var endpoint: String?
    /// The answer's status, of an access-log line.
    public var status: Int?
    /// How long it took, in milliseconds.
    public var duration: Double?

    /// Reads a JSON line; `nil` when it is none.
    public init?(line: some Sequence<UInt8>) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else { return nil }
        guard let level = object["level"] as? String, let message = object["msg"] as? String else { return nil }
        self.level = level
        self.message = message
        timestamp = object["ts"] as? String ?? ""
        endpoint = object["endpoint"] as? String
        status = (object["status"] as? NSNumber)?.intValue ?? (object["status"] as? String).flatMap { Int($0) }
        duration =
            (object["duration_ms"] as? NSNumber)?.doubleValue
            ?? (object["duration_ms"] as? String).flatMap { Double($0) }
    }
}
