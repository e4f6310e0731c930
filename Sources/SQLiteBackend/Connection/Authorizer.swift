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
        /// `SAVEPOINT`, `RELEASE` or `ROLLBACK TO`.
        static let savepoint = Effects(rawValue: 16)
        /// `ATTACH`, whose errors are about another file than the database's.
        static let attach = Effects(rawValue: 32)
    }

    private let isInMemory: Bool
    /// What a borrower must not change, because no reset brings it back. Nothing for a connection to a file.
    var prepared = PreparedObjects()
    private var database: OpaquePointer?
    private var isPreparing = false
    private var isInternal = false
    private var effects: Effects = []
    private var refusal: SQLiteError?
    /// What the statement that was compiled last does to a savepoint.
    private(set) var savepoint: SavepointStack.Command?

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
    /// - Parameters:
    ///   - isInternal: Whether the driver, or the closure that prepares a connection, runs it.
    ///   - prepare: Compiles it.
    /// - Throws: What the closure throws; the reason when the statement was refused.
    func watch(isInternal: Bool, _ prepare: () throws -> Void) throws -> Effects {
        self.isInternal = isInternal
        effects = []
        savepoint = nil
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
        if action == SQLITE_READ || action == SQLITE_SELECT { return SQLITE_OK }
        if !isInternal, !prepared.isEmpty,
            let reason = prepared.refusal(
                action, first.map { String(cString: $0) }, second.map { String(cString: $0) },
                schema: schema.map { String(cString: $0) })
        {
            return refuse(reason)
        }
        switch action {
        case SQLITE_PRAGMA: return judgePragma(first, second)
        case SQLITE_ATTACH: effects.formUnion([.session, .attach])
        case SQLITE_DETACH, SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_TEMP_INDEX,
            SQLITE_CREATE_TEMP_TRIGGER, SQLITE_CREATE_TEMP_VIEW, SQLITE_DROP_TEMP_TABLE, SQLITE_DROP_TEMP_INDEX,
            SQLITE_DROP_TEMP_TRIGGER, SQLITE_DROP_TEMP_VIEW:
            effects.insert(.session)
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE, SQLITE_CREATE_VTABLE, SQLITE_DROP_VTABLE:
            if let schema, String(cString: schema) == "temp" { effects.insert(.session) }
        case SQLITE_TRANSACTION: effects.insert(.transaction)
        case SQLITE_SAVEPOINT:
            effects.insert(.savepoint)
            if let first, let second {
                savepoint = SavepointStack.Command(String(cString: first), String(cString: second))
            }
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
        if name == "foreign_keys", let database, sqlite3_get_autocommit(database) == 0,
            SettingRule.truth(value) != enforcesForeignKeys(database)
        {
            return refuse(
                "PRAGMA foreign_keys: SQLite ignores it inside a transaction; run it on withWriter before the "
                    + "transaction begins, or use withSchemaChange")
        }
        if !isInternal, let reason = prepared.refusal(ofSetting: name) { return refuse(reason) }
        switch SettingRule.of(name, value, isInMemory: isInMemory, isInternal: isInternal) {
        case .harmless: break
        case .session: effects.insert(.session)
        case .refused(let reason): return refuse("PRAGMA \(name): \(reason)")
        }
        return SQLITE_OK
    }

    private func refuse(_ message: String) -> Int32 {
        refusal = SQLiteError(.misuse, message)
        return SQLITE_DENY
    }

    private func enforcesForeignKeys(_ database: OpaquePointer) -> Bool { vitals_sqlite_foreign_keys(database) == 1 }
}
