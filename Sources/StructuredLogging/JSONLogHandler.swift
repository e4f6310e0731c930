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
    /// The label as it stands in the line.
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
        var quoted = LogLine(redaction: redaction)
        quoted.quote(label)
        self.label = quoted.bytes
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
        line.bytes.append(contentsOf: label)
        var fields = LogFields()
        if let own = event.metadata { fields.add(own) }
        if let provided = metadataProvider?.get() { fields.add(provided) }
        fields.add(metadata)
        if let error = event.error { fields.add(["error": "\(error)", "error_type": "\(type(of: error))"]) }
        for place in fields.order {
            line.raw(",")
            line.field(fields.all[place].key, fields.all[place].value)
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

/// The metadata of one record: the first to name a key wins. Ids come first, the rest by name.
struct LogFields {
    struct Field {
        let rank: Int
        let key: String
        let value: Logger.Metadata.Value

        /// Whether it stands before another one.
        func precedes(_ other: Field) -> Bool {
            rank == other.rank ? key < other.key : rank < other.rank
        }
    }

    private(set) var all: [Field] = []
    /// Their places in `all`, in the order of the line. Only these are moved.
    private(set) var order: [Int] = []

    mutating func add(_ metadata: Logger.Metadata) {
        guard !metadata.isEmpty else { return }
        all.reserveCapacity(all.count + metadata.count)
        order.reserveCapacity(all.count + metadata.count)
        // A record has few fields: each is put where it belongs.
        for (key, value) in metadata {
            let rank = Self.rank(key)
            guard rank >= 0 else { continue }
            let field = Field(rank: rank, key: key, value: value)
            var place = order.count
            while place > 0, field.precedes(all[order[place - 1]]) { place -= 1 }
            if place > 0, all[order[place - 1]].key == key { continue }
            order.insert(all.count, at: place)
            all.append(field)
        }
    }

    /// Below 0 for the keys that are the record's own.
    private static func rank(_ key: String) -> Int {
        switch key.utf8.count {
        case 2: key == "ts" ? -1 : 4
        case 3: key == "msg" ? -1 : 4
        case 5: key == "level" ? -1 : 4
        case 6: key == "logger" ? -1 : key == "job_id" ? 3 : 4
        case 7: key == "span_id" ? 2 : 4
        case 8: key == "trace_id" ? 1 : 4
        case 10: key == "request_id" ? 0 : 4
        default: 4
        }
    }
}
