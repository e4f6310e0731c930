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

    /// Settings that a connection in memory keeps when it is created, and that a reset restores.
    static let restorable = [
        "analysis_limit", "automatic_index", "cache_size", "cache_spill", "cell_size_check", "checkpoint_fullfsync",
        "foreign_keys", "full_column_names", "fullfsync", "ignore_check_constraints", "journal_mode",
        "legacy_alter_table", "locking_mode", "max_page_count", "mmap_size", "query_only", "read_uncommitted",
        "recursive_triggers", "reverse_unordered_selects", "secure_delete", "short_column_names", "synchronous",
        "temp_store", "threads", "trusted_schema", "wal_autocheckpoint", "writable_schema",
    ]
}

/// The state of a connection in memory after it was prepared. Its data are its own, so it cannot be opened anew.
struct CleanSession: Sendable {
    private let settings: [(name: String, value: String)]
    private let attached: Set<String>
    private let temporary: Set<String>

    /// Reads the state of a connection.
    init(of handle: Handle) throws {
        settings = try SessionSettings.restorable.compactMap { name in
            try handle.rowsInternally("PRAGMA \(name)").first?.values.first.map { (name, Self.text($0)) }
        }
        attached = try Self.names(handle, "PRAGMA database_list", column: 1)
        temporary = try Self.names(handle, "SELECT name FROM sqlite_temp_schema", column: 0)
    }

    /// Restores the settings, detaches what was attached and drops temporary objects. What the closure that prepared
    /// the connection had attached or created, and a borrower removed, is not brought back.
    func restore(_ handle: Handle) {
        for name in (try? Self.names(handle, "PRAGMA database_list", column: 1)) ?? [] where !attached.contains(name) {
            try? handle.runInternally("DETACH \(Self.quoted(name))")
        }
        let objects =
            (try? handle.rowsInternally("SELECT type, name FROM sqlite_temp_schema ORDER BY type = 'table'")) ?? []
        for object in objects {
            let (type, name) = (Self.text(object.values[0]), Self.text(object.values[1]))
            guard !temporary.contains(name), !name.hasPrefix("sqlite_") else { continue }
            try? handle.runInternally("DROP \(type) IF EXISTS temp.\(Self.quoted(name))")
        }
        try? handle.runInternally(
            (settings.map { "PRAGMA \($0.name) = \($0.value);" } + ["PRAGMA case_sensitive_like = OFF;"]).joined())
        try? handle.withDatabase { database, state in state.core.watch.install(on: database) }
    }

    private static func names(_ handle: Handle, _ sql: String, column: Int) throws -> Set<String> {
        // SQLite lists the database of temporary objects once it is used.
        Set(try handle.rowsInternally(sql).map { text($0.values[column]) }).union(["temp"])
    }

    private static func text(_ value: SQLValue) -> String {
        switch value {
        case .text(let text): text
        case .integer(let number): String(number)
        default: ""
        }
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
