import SQLDatabase

/// The savepoints that borrowers opened on a connection, as a pure value, in the order in which SQLite has them.
///
/// The driver's scopes have savepoints of their own below and between these. A statement that released or rolled back to a
/// savepoint from outside of its scope would take the scope's own with it, and what the scope then undoes would stay. So
/// a borrower ends only savepoints that were opened since the innermost scope with a transaction or savepoint began.
struct SavepointStack {
    /// A statement of a borrower's about a savepoint.
    struct Command: Equatable, Sendable {
        enum Action: Sendable {
            case begin, release, rollBack
        }

        let action: Action
        let name: ObjectName

        /// - Parameters:
        ///   - action: The word that SQLite gives the authorizer.
        ///   - name: The savepoint's name.
        init?(_ action: String, _ name: String) {
            switch action {
            case "BEGIN": self.action = .begin
            case "RELEASE": self.action = .release
            case "ROLLBACK": self.action = .rollBack
            default: return nil
            }
            self.name = ObjectName(name)
        }
    }

    /// The name of the driver's savepoint at a depth.
    static func name(atDepth depth: Int) -> String { prefix + String(depth) }

    private static let prefix = "vitals_"

    static var reserved: SQLiteError {
        SQLiteError(
            .misuse,
            "savepoints named \(prefix)1, \(prefix)2 and so on are the driver's own; choose another name, or use withSavepoint"
        )
    }

    private var names: [ObjectName] = []
    /// The scopes that own a transaction or savepoint, and the number of names at their beginning.
    private var scopes: [(number: UInt64, floor: Int)] = []

    /// The number of scopes of the driver's that own a transaction or savepoint.
    var depth: Int { scopes.count }

    /// - Throws: ``SQLiteError/Code/misuse`` when the statement would reach out of the innermost scope.
    func require(_ command: Command) throws(SQLiteError) {
        guard !Self.isReserved(command.name) else {
            throw Self.reserved
        }
        guard command.action != .begin, let floor = scopes.last?.floor else { return }
        guard index(command.name, from: floor) == nil else { return }
        throw SQLiteError(
            .misuse,
            "no savepoint \(command.name.text) was opened inside the closure of this withTransaction, write or withSavepoint, and "
                + "one from outside cannot be released or rolled back to in it: the closure's own work would be kept or "
                + "undone with it; use withSavepoint for the part that may be undone")
    }

    /// Notes a statement that has run.
    mutating func apply(_ command: Command) {
        if command.action == .begin { return names.append(command.name) }
        guard let index = index(command.name, from: 0) else { return }
        names.removeSubrange((command.action == .release ? index : index + 1)...)
    }

    /// A scope that owns a transaction or savepoint begins.
    mutating func open(_ scope: UInt64) { scopes.append((scope, names.count)) }

    /// A scope ends, and with it all that was opened since it began.
    mutating func close(_ scope: UInt64) {
        guard let index = scopes.firstIndex(where: { $0.number == scope }) else { return }
        names.removeSubrange(min(scopes[index].floor, names.count)...)
        scopes.removeSubrange(index...)
    }

    /// SQLite has no transaction open, so that there is no savepoint either.
    mutating func transactionEnded() {
        names = []
        for index in scopes.indices { scopes[index].floor = 0 }
    }

    private static func isReserved(_ name: ObjectName) -> Bool {
        guard let rest = name.folded.suffix(after: prefix) else { return false }
        return !rest.isEmpty && rest.utf8.allSatisfy { (48...57).contains($0) }
    }

    private func index(_ name: ObjectName, from floor: Int) -> Int? {
        names.indices.last { $0 >= floor && names[$0] == name }
    }
}
