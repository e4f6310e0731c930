import CVitalsSQLite
import SQLDatabase

/// The settings of a connection, and how a borrower's changes to them are undone.
enum SessionSettings {
    /// The writer copies the log into the database by itself only when the housekeeper does not keep up.
    static let autocheckpointPages = 8000

    /// The statements that set a connection up.
    static func script(_ configuration: SQLiteConfiguration) -> String {
        var settings = [
            "synchronous = \(configuration.synchronous.rawValue)",
            "cache_size = -\(configuration.cacheSizeKiB)",
            "mmap_size = \(configuration.mappedBytes)",
            "foreign_keys = \(configuration.foreignKeys ? "ON" : "OFF")",
            "trusted_schema = OFF",
            "wal_autocheckpoint = \(autocheckpointPages)",
            "query_only = OFF",
        ]
        if configuration.mode == .readWrite { settings.append("journal_size_limit = \(configuration.walLimit)") }
        return settings.map { "PRAGMA \($0);" }.joined()
    }

    /// Settings that each file or database of a connection has of its own. Before the others: some depend on them.
    static let ofSchemas = [
        "cache_size", "journal_size_limit", "max_page_count", "mmap_size", "secure_delete", "synchronous",
    ]

    /// Settings of the connection as a whole.
    static let ofConnection = [
        "analysis_limit", "automatic_index", "cache_spill", "cell_size_check", "checkpoint_fullfsync",
        "defer_foreign_keys", "foreign_keys", "full_column_names", "fullfsync", "ignore_check_constraints",
        "legacy_alter_table", "locking_mode", "query_only", "read_uncommitted", "recursive_triggers",
        "reverse_unordered_selects",
        "short_column_names", "temp_store", "threads", "trusted_schema", "wal_autocheckpoint", "writable_schema",
    ]

    /// Whether ``CleanSession`` restores a setting.
    static func isRestorable(_ name: String) -> Bool { restorable.contains(name) }

    private static let restorable = Set(ofSchemas + ofConnection + ["case_sensitive_like"])
}

/// The state of a connection in memory after it was prepared. Its data are its own, so it cannot be opened anew.
struct CleanSession: Sendable {
    /// A setting and how it is read and changed.
    private struct Setting: Sendable {
        let name: String
        let question: String

        init(_ name: String, of schema: String? = nil) {
            self.name = name
            question = "PRAGMA \(schema.map { $0.quotedName + "." } ?? "")\(name)"
        }

        private init(_ name: String, question: String) { (self.name, self.question) = (name, question) }

        /// The one setting that has no question: it is seen by what it does.
        static let caseSensitiveLike = Setting("case_sensitive_like", question: "SELECT NOT ('a' LIKE 'A')")

        func read(_ handle: Handle) throws -> String? {
            try handle.rowsInternally(question).first?.values.first.map(text)
        }

        func restore(_ value: String, _ handle: Handle) throws {
            guard try read(handle)?.isExactly(value) != true else { return }
            let isStatement = question.hasPrefix("PRAGMA")
            // SQLite answers 2 and takes the word.
            let argument = name == "secure_delete" && value == "2" ? "FAST" : value
            try handle.runInternally("\(isStatement ? question : "PRAGMA \(name)") = \(argument)")
        }
    }

    private let settings: [(setting: Setting, value: String)]
    private let attached: Set<ObjectName>
    private let temporary: Set<ObjectName>

    /// Reads the state of a connection, and has borrowers' changes refused that could not be undone.
    init(of handle: Handle) throws {
        attached = try Self.names(handle, "PRAGMA database_list", column: 1)
        let all =
            attached.sorted().flatMap { schema in SessionSettings.ofSchemas.map { Setting($0, of: schema.text) } }
            + SessionSettings.ofConnection.map { Setting($0) } + [.caseSensitiveLike]
        settings = try all.compactMap { setting in try setting.read(handle).map { (setting, $0) } }
        temporary = try Self.names(handle, "SELECT name FROM sqlite_temp_schema", column: 0)
        let prepared = PreparedObjects(
            temporary: temporary.subtracting([.temp]), attached: attached.subtracting([.main, .temp]))
        try handle.withDatabase { _, state in state.core.authorizer.prepared = prepared }
    }

    /// Restores the settings that differ, detaches what was attached and drops temporary objects. A borrower cannot have
    /// changed those of the closure that prepared the connection: ``PreparedObjects``.
    func restore(_ handle: Handle) {
        for name in (try? Self.names(handle, "PRAGMA database_list", column: 1)) ?? [] where !attached.contains(name) {
            try? handle.runInternally("DETACH \(name.text.quotedName)")
        }
        let objects =
            (try? handle.rowsInternally("SELECT type, name FROM sqlite_temp_schema ORDER BY type = 'table'")) ?? []
        for object in objects {
            let (type, name) = (text(object.values[0]), text(object.values[1]))
            guard !temporary.contains(ObjectName(name)), !name.hasPrefix("sqlite_") || name.hasPrefix("sqlite_stat")
            else {
                continue
            }
            try? handle.runInternally("DROP \(type) IF EXISTS temp.\(name.quotedName)")
        }
        for (setting, value) in settings { try? setting.restore(value, handle) }
    }

    private static func names(_ handle: Handle, _ sql: String, column: Int) throws -> Set<ObjectName> {
        // SQLite lists the database of temporary objects once it is used.
        Set(try handle.rowsInternally(sql).map { ObjectName(text($0.values[column])) }).union([.temp])
    }
}

private func text(_ value: SQLValue) -> String {
    switch value {
    case .text(let text): text
    case .integer(let number): String(number)
    default: ""
    }
}
