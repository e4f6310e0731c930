import CVitalsSQLite
import SQLDatabase

/// What the closure that prepares a connection made beside the database itself: temporary objects and attached databases.
///
/// A connection in memory cannot be opened anew, so that a borrower's change of them could not be undone for the next one:
/// it is refused.
struct PreparedObjects: Sendable {
    /// The names of the tables, indexes, views and triggers in `temp`.
    var temporary: Set<ObjectName> = []
    /// The names of the databases that were attached.
    var attached: Set<ObjectName> = []

    var isEmpty: Bool { temporary.isEmpty && attached.isEmpty }

    /// The reason to refuse what SQLite reports to the authorizer; `nil` to allow it.
    func refusal(_ action: Int32, _ first: String?, _ second: String?, schema: String?) -> String? {
        switch action {
        case SQLITE_DETACH:
            // SQLite gives no name where the statement computes it.
            guard !attached.isEmpty, first.map({ attached.contains(ObjectName($0)) }) ?? true else { return nil }
            return "DETACH \(first ?? "of a computed name"): " + Self.reason
        case SQLITE_DROP_TEMP_TABLE, SQLITE_DROP_TEMP_INDEX, SQLITE_DROP_TEMP_TRIGGER, SQLITE_DROP_TEMP_VIEW:
            return refusal(first)
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE, SQLITE_DROP_VTABLE:
            return schema?.lowercased() == "temp" ? refusal(first) : nil
        case SQLITE_ALTER_TABLE:
            return first?.lowercased() == "temp" ? refusal(second) : nil
        default: return nil
        }
    }

    /// The reason to refuse a setting; `nil` to allow it.
    /// - Parameter setting: Its name in lower case.
    func refusal(ofSetting setting: String) -> String? {
        // SQLite drops everything in `temp` when the setting changes.
        guard setting == "temp_store", !temporary.isEmpty else { return nil }
        return "PRAGMA temp_store, which drops all temporary objects: " + Self.reason
    }

    private func refusal(_ name: String?) -> String? {
        guard let name, temporary.contains(ObjectName(name)) else { return nil }
        return "a change of temp.\(name): " + Self.reason
    }

    private static let reason =
        "the closure that prepares the connection made it, and it cannot be made anew for the next borrower of a database in "
        + "memory, which has one connection; use a name of your own, or a table of the database"
}
