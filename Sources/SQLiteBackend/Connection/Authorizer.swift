import CVitalsSQLite

/// Sees every statement as SQLite compiles it, and notes which ones change the session: settings, attached files,
/// temporary objects. SQLite itself reports them, so no spelling can hide one.
// Accessed only while holding the handle's lock; SQLite calls it from within a call made under that lock.
final class Authorizer {
    /// What a statement does besides reading and writing the database.
    struct Effects: OptionSet {
        let rawValue: UInt8
        /// Changes what the next borrower of the connection would meet.
        static let session = Effects(rawValue: 1)
        /// Takes effect when it is compiled, so that a compiled one must not be used again.
        static let compiledOnce = Effects(rawValue: 2)
        /// `BEGIN`, `COMMIT`, `END` or `ROLLBACK`.
        static let transaction = Effects(rawValue: 4)
        /// Only asks for a setting, although SQLite counts it among the statements that write.
        static let inquiry = Effects(rawValue: 8)
    }

    private let isInMemory: Bool
    private var database: OpaquePointer?
    private var isPreparing = false
    private var effects: Effects = []
    private var refusal: SQLiteError?

    init(isInMemory: Bool) { self.isInMemory = isInMemory }

    /// Has SQLite ask. The authorizer must outlive the connection.
    func install(on database: OpaquePointer) {
        self.database = database
        sqlite3_set_authorizer(
            database,
            { context, action, first, second, schema, _ in
                guard let context else { return SQLITE_OK }
                return Unmanaged<Authorizer>.fromOpaque(context).takeUnretainedValue()
                    .judge(action, first, second, schema)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Compiles a statement and returns what it does besides reading and writing.
    /// - Throws: What the closure throws; the reason when the statement was refused.
    func watch(_ prepare: () throws -> Void) throws -> Effects {
        effects = []
        refusal = nil
        isPreparing = true
        defer { isPreparing = false }
        do { try prepare() } catch { throw refusal ?? error }
        return effects
    }

    // MARK: Decisions

    private func judge(
        _ action: Int32, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?,
        _ schema: UnsafePointer<CChar>?
    ) -> Int32 {
        // What SQLite compiles while a statement runs is its own: VACUUM attaches a file and detaches it again.
        guard isPreparing else { return SQLITE_OK }
        switch action {
        case SQLITE_READ, SQLITE_SELECT: break
        case SQLITE_PRAGMA: return judgePragma(first, second)
        case SQLITE_ATTACH, SQLITE_DETACH, SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_TEMP_INDEX,
            SQLITE_CREATE_TEMP_TRIGGER, SQLITE_CREATE_TEMP_VIEW, SQLITE_DROP_TEMP_TABLE, SQLITE_DROP_TEMP_INDEX,
            SQLITE_DROP_TEMP_TRIGGER, SQLITE_DROP_TEMP_VIEW:
            effects.insert(.session)
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE, SQLITE_CREATE_VTABLE, SQLITE_DROP_VTABLE:
            if let schema, String(cString: schema) == "temp" { effects.insert(.session) }
        case SQLITE_TRANSACTION: effects.insert(.transaction)
        default: break
        }
        return SQLITE_OK
    }

    private func judgePragma(_ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?) -> Int32 {
        effects.insert(.compiledOnce)
        guard let first else { return SQLITE_OK }
        let name = String(cString: first).lowercased()
        guard let second else {
            if name == "journal_mode" { effects.insert(.inquiry) }
            return SQLITE_OK
        }
        let value = String(cString: second).lowercased()
        switch name {
        case "journal_mode":
            guard isInMemory || value == "wal" else {
                return refuse(
                    "PRAGMA journal_mode: the driver needs the write-ahead log, so the mode cannot be changed; "
                        + "change it with another program while the database is closed, and open it with mode: .readOnly"
                )
            }
        case "foreign_keys":
            if let database, sqlite3_get_autocommit(database) == 0, Self.truth(value) != enforcesForeignKeys(database) {
                return refuse(
                    "PRAGMA foreign_keys: SQLite ignores it inside a transaction; run it on withWriter before the "
                        + "transaction begins, or use withSchemaChange")
            }
            effects.insert(.session)
        default:
            if !Self.reading.contains(name) { effects.insert(.session) }
        }
        return SQLITE_OK
    }

    private func refuse(_ message: String) -> Int32 {
        refusal = SQLiteError(.misuse, message)
        return SQLITE_DENY
    }

    private func enforcesForeignKeys(_ database: OpaquePointer) -> Bool { vitals_sqlite_foreign_keys(database) == 1 }

    /// The value of a boolean setting, as SQLite reads it.
    private static func truth(_ value: String) -> Bool {
        switch value {
        case "on", "yes", "true": true
        default: (Int(value) ?? 0) != 0
        }
    }

    /// Pragmas whose argument chooses what is read, or whose value belongs to the file and not to the session.
    private static let reading: Set<String> = [
        "table_info", "table_xinfo", "table_list", "index_info", "index_xinfo", "index_list", "foreign_key_list",
        "foreign_key_check", "integrity_check", "quick_check", "optimize", "wal_checkpoint", "incremental_vacuum",
        "user_version", "application_id", "auto_vacuum", "encoding", "page_size", "schema_version", "stats",
    ]
}
