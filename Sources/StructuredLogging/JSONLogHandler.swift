public import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes each record as one line of JSON: `ts`, `level`, `msg`, `logger`, then `request_id`, `trace_id`, `span_id` and
/// `job_id` where they are known, then the rest of the metadata by name, flat.
///
/// ```swift
/// let levels = LogLevels(.info)
/// LoggingSystem.bootstrap { JSONLogHandler(label: $0, sink: .standardOutput, levels: levels) }
/// levels.set(.debug, for: "database")        // at runtime
/// ```
/// Whatever a text holds, a record stays one line of valid JSON: what could end the line, the string or confuse a
/// terminal is escaped. Bytes are written straight into the line; nothing is encoded through a tree.
public struct JSONLogHandler: LogHandler {
    /// Stands on every record.
    public var metadata: Logger.Metadata = [:]
    /// Adds what belongs to the task: trace ids.
    public var metadataProvider: Logger.MetadataProvider?
    /// The label as it stands in the line, with its key.
    private let label: [UInt8]
    private let sink: LogSink
    private let redaction: LogRedaction
    private let cell: LevelCell
    private var own: Logger.Level?

    /// Records below are not written: what was set on this logger, or else what ``LogLevels`` says of its label.
    public var logLevel: Logger.Level {
        get { own ?? cell.level }
        set { own = newValue }
    }

    /// A handler.
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - sink: Where the lines go.
    ///   - levels: Which records are written, by label; may be changed at any time.
    ///   - redaction: Keys whose values are never shown.
    ///   - metadataProvider: Adds what belongs to the task.
    public init(
        label: String, sink: LogSink, levels: LogLevels, redaction: LogRedaction = .standard,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        var quoted = LogBuffer(capacity: 64)
        quoted.append(",\"logger\":")
        quoted.quote(label)
        self.label = Array(quoted.bytes())
        self.sink = sink
        self.redaction = redaction
        self.metadataProvider = metadataProvider
        cell = levels.cell(for: label)
    }

    /// A handler with a level of its own.
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - sink: Where the lines go.
    ///   - level: Records below are not written.
    ///   - redaction: Keys whose values are never shown.
    ///   - metadataProvider: Adds what belongs to the task.
    public init(
        label: String, sink: LogSink, level: Logger.Level = .info, redaction: LogRedaction = .standard,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.init(
            label: label, sink: sink, levels: LogLevels(level), redaction: redaction,
            metadataProvider: metadataProvider)
    }

    /// One key of the metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one record.
    public func log(event: LogEvent) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let provided = metadataProvider?.get() ?? [:]
        let failure: Logger.Metadata =
            event.error.map { ["error": "\($0)", "error_type": "\(type(of: $0))"] } ?? [:]
        let own = event.metadata ?? [:]
        let count = own.count + provided.count + metadata.count + failure.count
        var line = LogLine(redaction: redaction)
        withUnsafeTemporaryAllocation(of: LogField.self, capacity: count) { places in
            var fields = LogFields(places)
            fields.add(own, to: &line)
            fields.add(provided, to: &line)
            fields.add(metadata, to: &line)
            fields.add(failure, to: &line)
            // The line begins behind its fields, which are then repeated in their order.
            let start = line.bytes.count
            line.open(seconds: Int64(time.tv_sec), microseconds: Int64(time.tv_nsec) / 1000)
            line.bytes.append(Self.level(event.level))
            line.bytes.quote(event.message.description)
            label.withUnsafeBufferPointer { line.bytes.append($0) }
            fields.append(to: &line)
            line.bytes.append("}\n")
            sink.write(line.bytes.bytes(from: start))
        }
    }

    private static func level(_ level: Logger.Level) -> StaticString {
        switch level {
        case .trace: ",\"level\":\"trace\",\"msg\":"
        case .debug: ",\"level\":\"debug\",\"msg\":"
        case .info: ",\"level\":\"info\",\"msg\":"
        case .notice: ",\"level\":\"notice\",\"msg\":"
        case .warning: ",\"level\":\"warning\",\"msg\":"
        case .error: ",\"level\":\"error\",\"msg\":"
        case .critical: ",\"level\":\"critical\",\"msg\":"
        }
    }
}
