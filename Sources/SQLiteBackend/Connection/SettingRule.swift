/// What a `PRAGMA` with an argument does to a connection, and so whether it may run. The one place that decides it.
///
/// A setting may change where the way back is known. A connection to a file is opened anew after any change, so there
/// every setting of the connection itself may change. A database in memory is its connection, so there only those may
/// that ``SessionSettings`` reads after the connection was prepared and restores.
enum SettingRule: Equatable {
    /// Its argument chooses what is read, or the value belongs to the file and not to the session.
    case harmless
    /// Changes what the next borrower would meet, until a reset.
    case session
    /// For a reason that says what to do instead.
    case refused(String)

    /// - Parameters:
    ///   - name: The name in lower case.
    ///   - value: The argument in lower case.
    ///   - isInMemory: Whether the database is in memory.
    ///   - isInternal: Whether the driver or the closure that prepares a connection runs it: what it leaves is the clean
    ///     state.
    static func of(_ name: String, _ value: String, isInMemory: Bool, isInternal: Bool) -> SettingRule {
        if name == "journal_mode" { return journal(value, isInMemory: isInMemory) }
        if let reason = always[name] { return .refused(reason) }
        if name == "locking_mode", value == "exclusive", !isInMemory, !isInternal { return .refused(exclusive) }
        if reading.contains(name) { return .harmless }
        if isInternal || !isInMemory || SessionSettings.isRestorable(name) { return .session }
        return .refused(
            "it cannot be undone for the next borrower of a database in memory, which has one connection; set it in the "
                + "closure that prepares the connection")
    }

    private static func journal(_ value: String, isInMemory: Bool) -> SettingRule {
        if value == (isInMemory ? "memory" : "wal") { return .harmless }
        return .refused(
            isInMemory
                ? "the driver needs the journal in memory, without which a transaction cannot be rolled back; leave it"
                : "the driver needs the write-ahead log, so the mode cannot be changed; change it with another program "
                    + "while the database is closed, and open it with mode: .readOnly")
    }

    /// The value of a boolean setting, as SQLite reads it.
    static func truth(_ value: String) -> Bool {
        switch value {
        case "on", "yes", "true": true
        default: (Int(value) ?? 0) != 0
        }
    }

    private static let ofTheProcess =
        "it would change every database of the process, also after this connection is closed; set it once at the start of "
        + "the process, through SQLite's C interface"

    /// Settings that nobody may change through a statement.
    private static let always = [
        "soft_heap_limit": ofTheProcess, "hard_heap_limit": ofTheProcess,
        "temp_store_directory": ofTheProcess + " or the environment variable SQLITE_TMPDIR",
        "data_store_directory": ofTheProcess,
        "busy_timeout": "the driver waits for locks itself, so that a wait ends with its task and its time limit; set "
            + "busyTimeout of SQLiteConfiguration",
    ]

    private static let exclusive =
        "the other connections of this database, and its own hold on the log, would be kept from the file; set it in the closure "
        + "that prepares the connections"

    private static let reading: Set<String> = [
        "table_info", "table_xinfo", "table_list", "index_info", "index_xinfo", "index_list", "foreign_key_list",
        "foreign_key_check", "integrity_check", "quick_check", "optimize", "wal_checkpoint", "incremental_vacuum",
        "user_version", "application_id", "schema_version", "stats",
    ]
}
