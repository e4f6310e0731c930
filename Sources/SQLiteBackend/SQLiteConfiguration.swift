import SQLDatabase

/// How a database file is opened and used.
public struct SQLiteConfiguration: Sendable, Hashable {
    /// The file's path, or `:memory:` for a database that lives as long as the process uses it.
    public var path: String {
        get { exactPath.text }
        set { exactPath = ExactText(newValue) }
    }
    private var exactPath: ExactText
    /// How many connections read at the same time, 1…64. Each is a thread when it is busy.
    public var readers: Int
    /// How safely a commit is stored.
    public var synchronous: Synchronous
    /// How long a statement waits for a lock that another process holds.
    public var busyTimeout: Duration
    /// How long a statement may run before it ends with ``SQLiteError/Code/timeout``; `nil` sets no limit.
    public var statementTimeout: Duration?
    /// How long a caller waits for a connection.
    public var acquireTimeout: Duration
    /// How many statements each connection keeps prepared, 1 or more.
    public var statementCacheSize: Int
    /// The most memory, in KiB, that each connection's prepared statements take, 64 or more. A statement that alone takes
    /// more is prepared anew each time.
    public var statementCacheKiB: Int
    /// How many KiB of pages each connection keeps in memory.
    public var cacheSizeKiB: Int
    /// How many bytes of the file are mapped into memory; 0 maps none. A disk error in mapped pages ends the process.
    public var mappedBytes: Int
    /// The size of the write-ahead log, in bytes, from which the housekeeper truncates it.
    public var walLimit: Int
    /// How often the housekeeper looks whether the write-ahead log is to be copied into the database.
    public var checkpointInterval: Duration
    /// Whether foreign keys are enforced.
    public var foreignKeys: Bool
    /// Whether a missing file is made.
    public var createsFile: Bool
    /// How long a connection may be lent before the pool reports a suspected leak; `nil` reports none.
    public var leakThreshold: Duration?
    /// Whether the file may be written.
    public var mode: Mode
    /// When the changes that a borrower made to a connection are undone.
    public var sessionReset: SessionReset

    /// Whether the file may be written.
    public enum Mode: Sendable, Hashable {
        /// Reads and writes, with a write-ahead log.
        case readWrite
        /// Reads only: the file and its journal mode stay as they are, and `write` and `withWriter` throw
        /// ``SQLiteError/Code/readOnly``.
        ///
        /// In a folder that can be written SQLite may keep the log's two files beside the database, through which it
        /// sees what other processes commit. In a folder that cannot be written and holds no log, the file is read as
        /// one that does not change: nothing may write it meanwhile.
        case readOnly
    }

    /// When the changes that a borrower made to a connection (settings, attached files, temporary objects) are undone.
    /// An open transaction is always rolled back.
    public enum SessionReset: Sendable, Hashable {
        /// Never: the next borrower meets them.
        case never
        /// When a statement made any, which SQLite itself reports. A clean return costs nothing.
        case whenNeeded
        /// At every return.
        case always
    }

    /// How safely a commit is stored.
    public enum Synchronous: String, Sendable, Hashable, CaseIterable {
        /// Never waits for the disk: a power failure can damage the database. For scratch data.
        case off = "OFF"
        /// A power failure may undo the last commits but never damages the database. A killed process loses nothing.
        case normal = "NORMAL"
        /// A commit is on the disk when it returns.
        case full = "FULL"
    }

    /// Settings that suit a service on one machine.
    public init(
        path: String, readers: Int = 4, synchronous: Synchronous = .normal, busyTimeout: Duration = .seconds(5),
        statementTimeout: Duration? = nil, acquireTimeout: Duration = .seconds(30), statementCacheSize: Int = 100,
        statementCacheKiB: Int = 8192, cacheSizeKiB: Int = 8192, mappedBytes: Int = 0, walLimit: Int = 64 << 20,
        checkpointInterval: Duration = .seconds(1), foreignKeys: Bool = true, createsFile: Bool = true,
        leakThreshold: Duration? = .seconds(60), mode: Mode = .readWrite, sessionReset: SessionReset = .whenNeeded
    ) {
        exactPath = ExactText(path)
        self.readers = readers
        self.synchronous = synchronous
        self.busyTimeout = busyTimeout
        self.statementTimeout = statementTimeout
        self.acquireTimeout = acquireTimeout
        self.statementCacheSize = statementCacheSize
        self.statementCacheKiB = statementCacheKiB
        self.cacheSizeKiB = cacheSizeKiB
        self.mappedBytes = mappedBytes
        self.walLimit = walLimit
        self.checkpointInterval = checkpointInterval
        self.foreignKeys = foreignKeys
        self.createsFile = createsFile
        self.leakThreshold = leakThreshold
        self.mode = mode
        self.sessionReset = sessionReset
    }

    /// Whether the database lives in memory.
    public var isInMemory: Bool { path == ":memory:" }

    /// Checks every setting.
    /// - Throws: ``SQLiteError`` with the code ``SQLiteError/Code/invalidConfiguration`` that names the setting.
    public func validate() throws(SQLiteError) {
        func require(_ holds: Bool, _ rule: String) throws(SQLiteError) {
            if !holds { throw SQLiteError(.invalidConfiguration, rule) }
        }
        try require(!path.isEmpty, "path must name a file, or be :memory:")
        try require(!path.utf8.contains(0), "path must not hold a zero byte")
        try require((1...64).contains(readers), "readers must be from 1 to 64, it is \(readers)")
        try require(busyTimeout >= .zero, "busyTimeout must be zero or more")
        try require((statementTimeout ?? .seconds(1)) > .zero, "statementTimeout must be above zero, or nil")
        try require(acquireTimeout > .zero, "acquireTimeout must be above zero")
        try require((1...10_000).contains(statementCacheSize), "statementCacheSize must be from 1 to 10000")
        try require((64...4_194_304).contains(statementCacheKiB), "statementCacheKiB must be from 64 to 4194304")
        try require((64...16_777_216).contains(cacheSizeKiB), "cacheSizeKiB must be from 64 to 16777216")
        try require(mappedBytes >= 0, "mappedBytes must be zero or more")
        try require(walLimit >= 65_536, "walLimit must be 65536 bytes or more")
        try require(checkpointInterval >= .milliseconds(10), "checkpointInterval must be 10 ms or more")
        try require(!isInMemory || mode == .readWrite, "mode must be .readWrite for a database in memory")
        try require((leakThreshold ?? .seconds(1)) > .zero, "leakThreshold must be above zero, or nil")
        for (name, value) in [
            ("busyTimeout", busyTimeout), ("statementTimeout", statementTimeout), ("acquireTimeout", acquireTimeout),
            ("checkpointInterval", checkpointInterval), ("leakThreshold", leakThreshold),
        ] {
            try require((value ?? .zero) <= .longestSetting, "\(name) must be at most 100 years")
        }
    }
}

extension Duration {
    /// The longest time that a setting may have: clocks can still add it to the present.
    static var longestSetting: Duration { .seconds(100 * 365 * 86_400) }
}
