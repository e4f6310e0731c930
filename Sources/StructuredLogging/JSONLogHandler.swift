public import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes each record as one line of JSON: `ts`, `level`, `msg`, `logger`, then the metadata, flat.
///
/// ```swift
/// LoggingSystem.bootstrap { JSONLogHandler(label: $0, sink: .standardOutput) }
/// ```
public struct JSONLogHandler: LogHandler {
    /// Stands on every record.
    public var metadata: Logger.Metadata = [:]
    /// Records below are not written.
    public var logLevel: Logger.Level = .info
    /// Adds what belongs to the task: trace ids.
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let sink: LogSink
    private let redacted: Set<String>

    /// A handler.
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - sink: Where the lines go.
    ///   - level: Records below are not written.
    ///   - redacted: Keys whose values are never shown.
    ///   - metadataProvider: Adds what belongs to the task.
    public init(
        label: String, sink: LogSink, level: Logger.Level = .info,
        redacted: Set<String> = ["password", "authorization", "api_key", "token", "secret"],
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.sink = sink
        self.redacted = redacted
        self.metadataProvider = metadataProvider
        logLevel = level
    }

    /// One key of the metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one record.
    public func log(event: LogEvent) {
        var line = [UInt8]()
        line.reserveCapacity(256)
        line.append(
            contentsOf: "{\"ts\":\"\(Date().formatted(Self.style))\",\"level\":\"\(event.level.rawValue)\",\"msg\":"
                .utf8)
        line.appendQuoted("\(event.message)")
        line.append(contentsOf: ",\"logger\":".utf8)
        line.appendQuoted(label)
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) where !Self.own.contains(key) {
            line.append(UInt8(ascii: ","))
            line.appendQuoted(key)
            line.append(UInt8(ascii: ":"))
            if redacted.contains(key.lowercased()) {
                line.appendQuoted("[redacted]")
            } else {
                line.append(value, redacted: redacted)
            }
        }
        line.append(contentsOf: "}\n".utf8)
        sink.write(line)
    }

    private static let own: Set<String> = ["ts", "level", "msg", "logger"]
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

extension [UInt8] {
    mutating func append(_ value: Logger.Metadata.Value, redacted: Set<String>) {
        switch value {
        case .string(let text): appendQuoted(text)
        case .stringConvertible(let value):
            switch value {
            case let number as any BinaryInteger: append(contentsOf: "\(number)".utf8)
            case let number as Double where number.isFinite: append(contentsOf: "\(number)".utf8)
            case let flag as Bool: append(contentsOf: "\(flag)".utf8)
            default: appendQuoted("\(value)")
            }
        case .array(let values):
            append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                append(value, redacted: redacted)
            }
            append(UInt8(ascii: "]"))
        case .dictionary(let values):
            append(UInt8(ascii: "{"))
            for (index, pair) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                appendQuoted(pair.key)
                append(UInt8(ascii: ":"))
                if redacted.contains(pair.key.lowercased()) {
                    appendQuoted("[redacted]")
                } else {
                    append(pair.value, redacted: redacted)
                }
            }
            append(UInt8(ascii: "}"))
        @unknown default: appendQuoted("\(value)")
        }
    }

    /// A JSON string; what could end the line or the string is escaped.
    mutating func appendQuoted(_ text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7f:
                append(contentsOf: "\\u00".utf8)
                append(contentsOf: (byte < 16 ? "0" : "").utf8)
                append(contentsOf: String(byte, radix: 16).utf8)
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
