/// What a completed statement of a migration without a transaction left behind in its session, which is gone when the
/// migration is resumed.
enum SessionEffect: Equatable {
    /// Nothing, provided that the functions it calls leave nothing behind, and that no trigger does on the relations it
    /// names.
    case none(calls: Set<String>, relations: Set<String>)
    /// A change of the session and nothing else, which is made again by running the statement again.
    case repeatable
    /// Something that cannot be told or made again, with the reason.
    case unknown(String)

    private static let nothing = SessionEffect.none(calls: [], relations: [])

    /// The effect of a statement. Only kinds that are known not to change a session are taken for such.
    init(_ statement: MigrationStatement, dialect: SQLDialect) {
        let words = statement.words
        let first = words.first ?? ""
        guard dialect == .postgres else {
            // Others are refused without a transaction.
            self = ["PRAGMA", "ATTACH", "DETACH"].contains(first) ? .repeatable : Self.nothing
            return
        }
        let tokens = Tokens(statement.text)
        if ["SET", "RESET", "LISTEN", "UNLISTEN", "LOAD", "PREPARE", "DEALLOCATE"].contains(first) {
            self = .repeatable
        } else if tokens.namesTemporaryObject {
            self = .unknown("may have created a temporary object, which is gone")
        } else if first == "SELECT", tokens.onlySetsConfiguration {
            self = .repeatable
        } else if Self.definitions.contains(first), !Self.runsExpressions(words, tokens) {
            self = Self.nothing
        } else if Self.definitions.contains(first) || Self.queries.contains(first), !tokens.names.contains("execute") {
            self = .none(calls: tokens.calls, relations: Self.changes(words) ? tokens.names : [])
        } else {
            self = .unknown("may have changed the session in a way that cannot be repeated")
        }
    }

    /// Statements that run nothing of the user's own, or, as index builds do, undo what it changes in the session.
    private static let definitions: Set<String> = [
        "CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE", "SECURITY", "REASSIGN", "IMPORT", "VACUUM", "ANALYZE",
        "ANALYSE", "REINDEX", "CLUSTER", "REFRESH", "CHECKPOINT", "NOTIFY", "SHOW",
    ]

    /// Statements that may call functions.
    private static let queries: Set<String> = [
        "SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY",
    ]

    private static func changes(_ words: [String]) -> Bool { !["SELECT", "VALUES", "TABLE"].contains(words[0]) }

    /// Whether a definition evaluates expressions: those of a query, of a default or of `USING`.
    private static func runsExpressions(_ words: [String], _ tokens: Tokens) -> Bool {
        guard words.count > 1 else { return false }
        if words[0] == "ALTER" { return ["TABLE", "DOMAIN", "FOREIGN", "MATERIALIZED"].contains(words[1]) }
        guard words[0] == "CREATE" else { return false }
        return ["TABLE", "UNLOGGED", "FOREIGN", "MATERIALIZED", "SCHEMA"].contains(words[1]) && tokens.hasQuery
    }

    /// The names in a statement's text.
    private struct Tokens {
        /// Words and quoted names as the catalogs have them, with the byte after them.
        private let all: [(name: String, isCalled: Bool)]
        let names: Set<String>

        init(_ text: String) {
            var lexer = SQLLexer(Array(text.utf8), dialect: .postgres)
            var all: [(name: String, isCalled: Bool)] = []
            var previous: String?
            while true {
                let token = lexer.next()
                if token.kind == .end { break }
                let isOpening = token.kind == .symbol && lexer.bytes[token.range.lowerBound] == UInt8(ascii: "(")
                if let previous { all.append((previous, isOpening)) }
                previous = nil
                let text = String(decoding: lexer.bytes[token.range], as: UTF8.self)
                if token.kind == .word { previous = text.lowercased() }
                if token.kind == .quotedName {
                    previous = String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")
                }
            }
            if let previous { all.append((previous, false)) }
            self.all = all
            names = Set(all.map(\.name))
        }

        var calls: Set<String> { Set(all.filter(\.isCalled).map(\.name)) }
        var hasQuery: Bool { !names.isDisjoint(with: ["as", "select", "execute"]) }

        var namesTemporaryObject: Bool {
            let introductions: Set = ["create", "replace", "local", "global", "into"]
            return names.contains { $0 == "pg_temp" || $0.hasPrefix("pg_temp_") }
                || zip(all, all.dropFirst()).contains { before, word in
                    ["temp", "temporary"].contains(word.name) && introductions.contains(before.name)
                }
        }

        /// Whether the statement is a `SELECT` of `set_config` alone.
        var onlySetsConfiguration: Bool {
            let calls = calls
            return calls.contains("set_config") && calls.isSubset(of: ["set_config", "current_setting"])
                && names.isDisjoint(with: ["from", "into", "union", "with"])
        }
    }
}

/// Restores the session that the completed statements of a migration left, before the remaining ones run.
struct SessionReplay {
    /// Why a migration is not resumed.
    struct Refusal: Error {
        let statement: MigrationStatement
        let reason: String
    }

    let completed: ArraySlice<MigrationStatement>

    /// The functions of PostgreSQL that are volatile and leave nothing behind in the session.
    private static let harmless: [String] = [
        "nextval", "setval", "random", "clock_timestamp", "timeofday", "gen_random_uuid", "pg_sleep", "pg_sleep_for",
        "pg_sleep_until", "pg_notify", "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "txid_current",
    ]

    private static let holdersOfFunctions: Set = ["FUNCTION", "PROCEDURE", "ROUTINE", "SCHEMA", "EXTENSION", "OWNED"]

    /// Returns the completed statements to run again, in their order.
    /// - Throws: ``Refusal`` where a completed statement may have changed the session in a way that is not repeated.
    func statements(on connection: some SQLConnection) async throws -> [MigrationStatement] {
        var again: [MigrationStatement] = []
        var calling: [(MigrationStatement, Set<String>)] = []
        var changing: [(MigrationStatement, Set<String>)] = []
        for statement in completed {
            switch SessionEffect(statement, dialect: connection.dialect) {
            case .repeatable: again.append(statement)
            case .unknown(let reason): throw Refusal(statement: statement, reason: reason)
            case .none(let calls, let relations):
                if !calls.isEmpty { calling.append((statement, calls)) }
                if !relations.isEmpty { changing.append((statement, relations)) }
            }
        }
        if !calling.isEmpty { try await checkCalls(calling, connection) }
        if !changing.isEmpty { try await checkTriggers(changing, connection) }
        return again
    }

    /// Refuses calls of functions that are not PostgreSQL's own, or that may change the session.
    private func checkCalls(
        _ calling: [(MigrationStatement, Set<String>)], _ connection: some SQLConnection
    ) async throws {
        let names = calling.reduce(into: Set<String>()) { $0.formUnion($1.1) }.sorted()
        let harmless = Self.harmless
        let suspicious = Set(
            try await connection.query(
                """
                SELECT DISTINCT p.proname::text FROM pg_catalog.pg_proc p
                JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                WHERE p.proname::text = ANY(\(names))
                    AND NOT (n.nspname = 'pg_catalog'
                        AND (p.provolatile <> 'v' OR p.proname::text = ANY(\(harmless))))
                """, timeout: .unlimited
            ).decode(String.self))
        // What was called may have been dropped since.
        let drops = completed.contains { statement in
            statement.words.first == "DROP" && !Self.holdersOfFunctions.isDisjoint(with: statement.words)
        }
        for (statement, calls) in calling where drops || !calls.isDisjoint(with: suspicious) {
            throw Refusal(statement: statement, reason: "calls a function that may have changed the session")
        }
    }

    /// Refuses changes of relations that have triggers.
    private func checkTriggers(
        _ changing: [(MigrationStatement, Set<String>)], _ connection: some SQLConnection
    ) async throws {
        let names = changing.reduce(into: Set<String>()) { $0.formUnion($1.1) }.sorted()
        let triggered = Set(
            try await connection.query(
                """
                SELECT DISTINCT c.relname::text FROM pg_catalog.pg_trigger t
                JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
                WHERE NOT t.tgisinternal AND c.relname::text = ANY(\(names))
                """, timeout: .unlimited
            ).decode(String.self))
        for (statement, relations) in changing where !relations.isDisjoint(with: triggered) {
            throw Refusal(
                statement: statement, reason: "changes a relation whose triggers may have changed the session")
        }
    }
}
