import SQLDatabase

/// A statement in front of a request that must not write: it makes the request's own transaction read-only.
///
/// It travels in the same write and its effect ends with that transaction. So it costs no round trip, leaves nothing in
/// the session, and behind a pooler of transactions takes hold of the server session that runs the request.
struct ReadOnlyGuard {
    static var sql: String { query.sql }
    private static let query: SQLQuery = "SELECT pg_catalog.set_config('transaction_read_only', 'on', true)"

    /// Where it is kept prepared, if it may be.
    private let cache: StatementCache?
    private var kept: PreparedStatement?
    /// Whether the next message answers it.
    private(set) var isAwaited = false

    init(_ session: SessionView) { cache = session.isPooled ? nil : session.statements }

    /// Appends it to a request of the extended protocol.
    /// - Parameter mayUseName: Whether nothing before it in the request may have discarded prepared statements.
    mutating func encode(_ output: OutputBuffer, mayUseName: Bool) {
        var name = ""
        if mayUseName, let cache, cache.accepts(Self.query.sql) {
            let known = cache.find(Self.query)
            let statement =
                known ?? PreparedStatement(sql: Self.query.sql, types: [], traits: StatementTraits(Self.query.sql))
            name = statement.name
            if known == nil {
                _ = output.parse(statement.sql, name: name, types: [])
                cache.insert(statement)
            }
            kept = statement
        } else {
            _ = output.parse(Self.query.sql, name: name, types: [])
        }
        // Without parameters there is nothing to refuse.
        try? ParameterEncoding.bind([], to: name, formats: [], output)
        output.execute()
    }

    /// The answer to one that has been sent comes next.
    mutating func awaitAnswer() { isAwaited = true }

    /// Takes a message of its answer.
    mutating func receive(_ type: UInt8) {
        if type == UInt8(ascii: "1") { kept?.isConfirmed = true }
        if type == UInt8(ascii: "C") { isAwaited = false }
    }

    /// It failed, and with it all up to the next synchronization was skipped. Returns whether the request may be sent
    /// again because the server no longer had the statement, or had it already.
    mutating func fail(_ error: PostgresError) -> Bool {
        isAwaited = false
        guard let kept else { return false }
        if error.isStaleStatement {
            cache?.forget(kept)
            return true
        }
        if error.sqlState == "42P05" {
            kept.isConfirmed = true
            return true
        }
        return false
    }

    /// The request is over.
    func end() {
        if let kept, !kept.isConfirmed { cache?.drop(kept) }
    }
}

/// A text of the simple query protocol, behind a ``ReadOnlyGuard`` where it must not write.
struct GuardedText {
    private static let prefix = ReadOnlyGuard.sql + ";\n"

    private let isGuarded: Bool
    /// Whether the next command tag is the guard's.
    private var isAwaited: Bool
    /// What is sent.
    let sql: String

    init(_ sql: String, isGuarded: Bool) {
        self.isGuarded = isGuarded
        isAwaited = isGuarded
        self.sql = isGuarded ? Self.prefix + sql : sql
    }

    /// Takes a command tag. Returns whether it is the guard's.
    mutating func takeTag() -> Bool {
        defer { isAwaited = false }
        return isAwaited
    }

    /// An error in what was sent, with its position in the text alone.
    func corrected(_ error: PostgresError) -> PostgresError {
        guard isGuarded, let position = error.position else { return error }
        return error.with(position: max(1, position - Self.prefix.unicodeScalars.count))
    }
}
