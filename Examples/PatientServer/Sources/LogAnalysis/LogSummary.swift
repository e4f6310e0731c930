/// What a log comes to: lines by level, requests by route, slow statements by fingerprint, errors by message.
public struct LogSummary: Sendable {
    /// Requests of one route, or runs of one statement.
    public struct Group: Sendable {
        /// The route's template or the statement's fingerprint.
        public let name: String
        /// The statement's text, without its parameters.
        public var statement: String?
        /// How many.
        public var count = 0
        /// How many of them were answered with 500 or above.
        public var failures = 0
        /// Whose client went before the end.
        public var aborted = 0
        /// How long they took.
        public var durations = DurationSketch()
        /// How long they waited for a connection.
        public var poolWaits = DurationSketch()
        /// Failures over all, 0…1.
        public var errorRate: Double { count == 0 ? 0 : Double(failures) / Double(count) }

        init(name: String) { self.name = name }
    }

    /// Lines read, those outside the time asked for included.
    public private(set) var lines = 0
    /// Lines that count.
    public private(set) var counted = 0
    /// Lines that are no record.
    public private(set) var unreadable = 0
    /// Lines that the service itself says it dropped.
    public private(set) var dropped = 0
    private var levelTable = NameTable<Int>()
    private var routeTable = NameTable<Group>()
    private var statementTable = NameTable<Group>()
    private var errorTable = NameTable<Int>()
    private let since: [UInt8]

    /// Nothing yet.
    /// - Parameter since: Lines older than this count for nothing; `2025-06-01T12:00:00Z`.
    public init(since: String? = nil) { self.since = Array((since ?? "").utf8) }

    /// Lines by level.
    public var levels: [String: Int] { Dictionary(levelTable.all.map { ($0.name, $0.value) }) { $0 + $1 } }
    /// Requests by route, the slowest first.
    public var routes: [Group] { sorted(routeTable) }
    /// Statements by fingerprint, those first that took most time together.
    public var statements: [Group] { statementTable.all.map(\.value).sorted { $0.durations.sum > $1.durations.sum } }
    /// Messages of errors, the most frequent first.
    public var errors: [(message: String, count: Int)] {
        errorTable.all.map { (message: $0.name, count: $0.value) }.sorted {
            $0.count == $1.count ? $0.message < $1.message : $0.count > $1.count
        }
    }

    private func sorted(_ table: NameTable<Group>) -> [Group] {
        table.all.map(\.value).sorted {
            let (a, b) = ($0.durations.quantile(0.95), $1.durations.quantile(0.95))
            return a == b ? $0.name < $1.name : a > b
        }
    }

    /// Counts a line, given without its line feed.
    public mutating func add(line: UnsafeBufferPointer<UInt8>) {
        lines += 1
        var scanner = LogScanner(line)
        guard let fields = scanner.fields(), let level = fields.level, let message = fields.message else {
            unreadable += 1
            return
        }
        if !since.isEmpty, let time = fields.time, time.lexicographicallyPrecedes(since) { return }
        counted += 1
        levelTable.update(level, default: { _ in 0 }) { $0 += 1 }
        if level.equals("error") || level.equals("critical") {
            errorTable.update(message, default: { _ in 0 }) { $0 += 1 }
        }
        if let count = fields.dropped { dropped += count }
        if let endpoint = fields.endpoint, let status = fields.status {
            routeTable.update(endpoint, default: Group.init(name:)) { group in
                group.count += 1
                if status >= 500 { group.failures += 1 }
                if message.equals("request aborted") { group.aborted += 1 }
                if let duration = fields.duration { group.durations.add(duration) }
            }
        }
        if let fingerprint = fields.fingerprint {
            statementTable.update(fingerprint, default: Group.init(name:)) { group in
                group.count += 1
                if group.statement == nil { group.statement = fields.statement?.unescaped }
                if let duration = fields.duration { group.durations.add(duration) }
                if let wait = fields.poolWait { group.poolWaits.add(wait) }
            }
        }
    }

    /// Counts a line given as text.
    public mutating func add(line: String) {
        var line = line
        line.withUTF8 { add(line: $0) }
    }
}

/// Values by name, found by the name's bytes without making a string of them.
struct NameTable<Value: Sendable>: Sendable {
    private var places: [UInt64: Int] = [:]
    private(set) var all: [(name: String, value: Value)] = []
    private var keys: [[UInt8]] = []

    mutating func update(
        _ name: UnsafeBufferPointer<UInt8>, default make: (String) -> Value, _ change: (inout Value) -> Void
    ) {
        // FNV-1a; a name whose place is taken by another looks at the next.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        while let place = places[hash] {
            if keys[place].elementsEqual(name) { return change(&all[place].value) }
            hash &+= 1
        }
        places[hash] = all.count
        keys.append(Array(name))
        let text = name.unescaped
        all.append((text, make(text)))
        change(&all[all.count - 1].value)
    }
}
