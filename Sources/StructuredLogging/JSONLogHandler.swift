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
    private let label: String
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
        self.label = label
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
        var line = LogLine(redaction: redaction)
        line.open(seconds: Int64(time.tv_sec), microseconds: Int64(time.tv_nsec) / 1000)
        line.raw(Self.level(event.level))
        line.quote(event.message.description)
        line.raw(",\"logger\":")
        line.quote(label)
        var fields = LogFields()
        if let own = event.metadata { fields.add(own) }
        if let provided = metadataProvider?.get() { fields.add(provided) }
        fields.add(metadata)
        if let error = event.error { fields.add(["error": "\(error)", "error_type": "\(type(of: error))"]) }
        for (key, value) in fields.ordered() {
            line.raw(",")
            line.field(key, value)
        }
        sink.write(line.close())
    }

    private static func level(_ level: Logger.Level) -> StaticString {
        switch level {
        case .trace: "\",\"level\":\"trace\",\"msg\":"
        case .debug: "\",\"level\":\"debug\",\"msg\":"
        case .info: "\",\"level\":\"info\",\"msg\":"
        case .notice: "\",\"level\":\"notice\",\"msg\":"
        case .warning: "\",\"level\":\"warning\",\"msg\":"
        case .error: "\",\"level\":\"error\",\"msg\":"
        case .critical: "\",\"level\":\"critical\",\"msg\":"
        }
    }
}

/// The metadata of one record: the first to name a key wins, and the order is always the same.
struct LogFields {
    private var pairs: [(key: String, value: Logger.Metadata.Value)] = []

    mutating func add(_ metadata: Logger.Metadata) {
        guard !metadata.isEmpty else { return }
        let known = pairs.count
        for (key, value) in metadata where Self.rank(key) >= 0 {
            if pairs[..<known].contains(where: { $0.key == key }) { continue }
            pairs.append((key, value))
        }
    }

    /// Ids first, the rest by name.
    mutating func ordered() -> [(key: String, value: Logger.Metadata.Value)] {
        if pairs.count > 1 {
            pairs.sort { a, b in
                let (first, second) = (Self.rank(a.key), Self.rank(b.key))
                return first == second ? a.key < b.key : first < second
            }
        }
        return pairs
    }

    /// Below 0 for the keys that are the record's own.
    private static func rank(_ key: String) -> Int {
        switch key {
        case "ts", "level", "msg", "logger": -1
        case "request_id": 0
        case "trace_id": 1
        case "span_id": 2
        case "job_id": 3
        default: 4
        }
    }
}
