/// What a statement may leave behind in its session for the next borrower.
enum SessionEffect: UInt8, Sendable, Comparable {
    /// Nothing.
    case none
    /// State of sequences: what `lastval()` and `currval()` return.
    case sequences
    /// Settings, roles, locks, cursors, subscriptions, prepared statements, temporary objects: what `DISCARD ALL` undoes.
    case session
    /// What only the end of the session undoes.
    case discard

    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

/// What the driver needs to know of a statement before it runs, read from its text.
///
/// An effect on the session is assumed unless the statement is of a kind that has none. A function of the user's own
/// that changes the session when called is not recognized.
final class StatementTraits: Sendable {
    let effect: SessionEffect
    /// The same of the commands that are known.
    let knownEffect: SessionEffect
    /// Whether the statement has a plan, so that the server itself refuses a change of its result's columns. Utility
    /// statements such as `FETCH` and `SHOW` have none.
    let isPlanned: Bool
    let isCopy: Bool
    /// Whether it begins with a word that no command of PostgreSQL up to ``lastKnownVersion`` begins with.
    let isUnknown: Bool
    /// Whether the text holds a backslash, which ends no string unless the session's strings have escapes.
    let hasBackslash: Bool
    /// Whether the statement itself may change data; functions that it calls are not looked into.
    let mayWrite: Bool
    /// Whether it ends the transaction that it runs in.
    let endsTransaction: Bool
    /// Whether it begins or ends a transaction, or runs code that may: `CALL` and `DO`.
    let controlsTransaction: Bool
    /// Whether it ends its transaction, or is of a kind that is not known not to.
    let mayEndTransaction: Bool
    /// Whether it may change what prepared statements mean, or discard them, or begins a transaction, in which one that is
    /// invalid cannot be run again.
    let mayInvalidate: Bool
    /// Whether it may create, rename or drop something, after which a name may stand for another object: the server
    /// prepares a statement anew when what it uses goes, not when something comes in front of it.
    let mayChangeNames: Bool
    /// Whether it may put `transaction_read_only` back, in a function's body or a string as well.
    let liftsReadOnly: Bool
    /// For each statement of the text whether it commits.
    let commits: [Bool]
    private let nullTests: [Int]

    /// The latest version of the server all of whose commands are known here.
    static let lastKnownVersion: Int32 = 189_999

    /// Whether a parameter, by its index from 0, is only tested for NULL, for which its type does not matter.
    func isNullTest(_ index: Int) -> Bool { !nullTests.isEmpty && nullTests.contains(index) }

    init(_ sql: String) {
        var reader = Reader()
        var sql = sql
        var hasBackslash = false
        sql.withUTF8 { bytes in
            hasBackslash = bytes.contains(UInt8(ascii: "\\"))
            var scanner = SQLScanner(bytes)
            while true {
                let token = scanner.next()
                reader.take(token)
                if token == .end { break }
            }
        }
        self.hasBackslash = hasBackslash
        liftsReadOnly = Self.liftsReadOnly(sql)
        knownEffect = reader.effect
        effect = reader.isUnknown ? max(reader.effect, .session) : reader.effect
        isPlanned = reader.isPlanned
        isCopy = reader.isCopy
        isUnknown = reader.isUnknown
        mayWrite = reader.mayWrite
        endsTransaction = reader.endsTransaction
        controlsTransaction = reader.controlsTransaction || reader.endsTransaction
        mayEndTransaction = reader.mayEndTransaction
        mayInvalidate = reader.mayInvalidate || reader.mayChangeNames
        mayChangeNames = reader.mayChangeNames
        commits = reader.commits
        nullTests = reader.nullTests
    }

    private static func liftsReadOnly(_ sql: String) -> Bool {
        // Hardly any statement names it, so that is asked first, without a copy of the text.
        guard containsOnly(sql) else { return false }
        let text = sql.lowercased()
        guard text.contains("transaction_read_only") else { return false }
        return text.contains("set_config")
            || text.split { !$0.isLetter && $0 != "_" }.contains { $0 == "set" || $0 == "reset" }
    }

    /// Whether a text contains `_only`.
    private static func containsOnly(_ sql: String) -> Bool {
        var rest = sql.utf8[...]
        while let place = rest.firstIndex(of: UInt8(ascii: "_")) {
            rest = rest[rest.index(after: place)...]
            if rest.prefix(4).map({ $0 | 0x20 }) == Array("only".utf8) { return true }
        }
        return false
    }

    private struct Reader {
        private(set) var effect = SessionEffect.none
        private(set) var isPlanned = true
        private(set) var isCopy = false
        private(set) var isUnknown = false
        private(set) var mayWrite = false
        private(set) var endsTransaction = false
        private(set) var controlsTransaction = false
        private(set) var mayEndTransaction = false
        private(set) var mayInvalidate = false
        private(set) var mayChangeNames = false
        private(set) var commits: [Bool] = []
        /// How many parentheses are open: a semicolon within ends no statement.
        private var parentheses = 0
        /// Whether a function's body is open, `BEGIN ATOMIC …; END`. The first `END` behind a semicolon is its own: that of
        /// `CASE`, and a name, stand elsewhere.
        private var isInBody = false
        private var ending = Ending.none

        /// Whether the statement ends its transaction.
        private enum Ending { case none, possible, rollback, commit }
        /// For each parameter how often it occurs, and whether `IS` follows it.
        private var uses: [Int: (count: Int, isTested: Bool)] = [:]
        /// The parameter that `IS`, or `IS NOT`, follows.
        private var tested: Int?
        private var first = ""
        private var second = ""
        private var creates = false
        private var updates = false
        private var expectsName = false
        private var configCall = ConfigCall.none
        private var lastTokens: [SQLScanner.Token] = []

        private enum ConfigCall: Equatable {
            case none, named
            case open(depth: Int)
        }
        private var previous = SQLScanner.Token.semicolon
        private var statements = 0

        var nullTests: [Int] { uses.filter { $0.value == (1, true) }.map { $0.key - 1 }.sorted() }

        mutating func take(_ token: SQLScanner.Token) {
            if case .parameter(let number) = token { uses[number, default: (0, false)].count += 1 }
            switch (token, previous) {
            case (.word("is"), .parameter(let number)): tested = number
            case (.word("not"), .word("is")): break
            case (.word("null"), .word("is")), (.word("null"), .word("not")):
                if let tested { uses[tested]?.isTested = true }
                tested = nil
            default: tested = nil
            }
            follow(token)
            if expectsName {
                // `SET local.name = …` is a setting whose name only begins so.
                if case .word = token {} else if case .quoted = token {} else { raise(.session) }
                expectsName = false
            }
            switch token {
            case .word(let word): take(word: word)
            case .quoted(let name): check(name)
            case .escaped: raise(.session)
            case .semicolon: if parentheses == 0, !isInBody { endStatement() }
            case .end: endStatement()
            case .symbol(UInt8(ascii: "(")):
                parentheses += 1
                if first.isEmpty { first = "(" }
            case .symbol(UInt8(ascii: ")")): parentheses = max(0, parentheses - 1)
            default: if first.isEmpty { first = "(" }
            }
            previous = token
        }

        private mutating func take(word: String) {
            follow(block: word)
            if first.isEmpty || first == "(" {
                first = word
                begin(word)
            } else if second.isEmpty {
                second = word
                continueStatement(word)
            }
            switch word {
            case "create":
                creates = true
                mayChangeNames = true
            case "into":
                creates = true
                mayWrite = true
                // `SELECT … INTO` creates a table.
                if previous != .word("insert"), previous != .word("merge") { mayChangeNames = true }
            case "prepared": if first == "commit" || first == "rollback" { mayChangeNames = true }
            case "update":
                updates = true
                mayWrite = true
            case "insert", "delete", "merge": mayWrite = true
            case "temp", "temporary": if creates { raise(.session) }
            case "hold": if first == "declare" { raise(.session) }
            default: check(word)
            }
        }

        /// `BEGIN ATOMIC … END` in CREATE FUNCTION.
        private mutating func follow(block word: String) {
            switch word {
            case "atomic": if creates, previous == .word("begin") { isInBody = true }
            case "end": if previous == .semicolon || previous == .word("atomic") { isInBody = false }
            case "to": if ending == .rollback { ending = .none }
            case "transaction": if first == "prepare", previous == .word("prepare") { ending = .rollback }
            default: break
            }
        }

        private mutating func begin(_ word: String) {
            switch word {
            case "select", "with", "values", "table": break
            case "insert", "update", "delete", "merge": mayWrite = true
            case "show", "explain", "fetch", "move", "close", "declare": isPlanned = false
            case "begin", "start":
                isPlanned = false
                controlsTransaction = true
                mayInvalidate = true
            case "savepoint", "release", "analyze", "vacuum", "truncate", "lock", "notify", "checkpoint":
                isPlanned = false
                mayWrite = true
            case "create", "alter", "drop", "import":
                isPlanned = false
                mayWrite = true
                mayChangeNames = true
            case "grant", "revoke", "comment", "reindex", "cluster", "refresh", "reassign", "security":
                isPlanned = false
                mayWrite = true
                mayInvalidate = true
            case "commit", "end", "rollback", "abort":
                isPlanned = false
                mayWrite = true
                mayInvalidate = true
                ending = word == "commit" || word == "end" ? .commit : .rollback
            case "copy":
                isPlanned = false
                isCopy = true
            case "set":
                isPlanned = false
                mayInvalidate = true
            case "load":
                isPlanned = false
                raise(.discard)
            case "call", "do":
                controlsTransaction = true
                raise(.session)
                mayDoAnything()
            case "execute", "prepare", "deallocate", "listen", "unlisten", "discard", "reset", "analyse":
                raise(.session)
                mayDoAnything()
            default:
                isUnknown = true
                mayDoAnything()
            }
        }

        private mutating func mayDoAnything() {
            isPlanned = false
            mayWrite = true
            mayChangeNames = true
            ending = .possible
        }

        private mutating func continueStatement(_ word: String) {
            switch (first, word) {
            case ("set", "local"), ("set", "transaction"), ("set", "constraints"): expectsName = true
            case ("set", _): raise(.session)
            default: break
            }
        }

        /// Follows a call of `set_config`: one that ends in `, true)` is undone with its transaction.
        private mutating func follow(_ token: SQLScanner.Token) {
            switch (configCall, token) {
            case (.none, _): return
            case (.named, .symbol(UInt8(ascii: "("))): configCall = .open(depth: 1)
            case (.open(let depth), .symbol(UInt8(ascii: "("))): configCall = .open(depth: depth + 1)
            case (.open(1), .symbol(UInt8(ascii: ")"))):
                if lastTokens != [.symbol(UInt8(ascii: ",")), .word("true")] { raise(.session) }
                configCall = .none
            case (.open(let depth), .symbol(UInt8(ascii: ")"))): configCall = .open(depth: depth - 1)
            case (.open, .semicolon), (.open, .end), (.named, _):
                raise(.session)
                configCall = .none
            case (.open, _): break
            }
            lastTokens = [lastTokens.last ?? .end, token]
        }

        private mutating func endStatement() {
            // `SET "name" = …`: a quoted name is no key word.
            if first == "set", second.isEmpty { raise(.session) }
            if !first.isEmpty {
                statements += 1
                commits.append(ending == .commit)
            }
            if statements > 1 { isPlanned = false }
            if ending != .none { mayEndTransaction = true }
            if ending == .commit || ending == .rollback { endsTransaction = true }
            ending = .none
            isInBody = false
            parentheses = 0
            first = ""
            second = ""
            creates = false
            updates = false
        }

        /// Functions and tables whose use changes the session.
        private mutating func check(_ name: String) {
            switch name {
            case "nextval", "setval": raise(.sequences)
            case "set_config":
                if configCall != .none { raise(.session) }
                configCall = .named
            case "set_limit", "pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock",
                "pg_try_advisory_lock_shared", "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema",
                "ts_stat", "ts_rewrite", "crosstab", "connectby", "dblink_exec", "pg_temp", "set_curcfg":
                raise(.session)
            case "pg_backup_start", "pg_start_backup", "setseed", "dblink_connect", "dblink_connect_u",
                "pg_create_physical_replication_slot",
                "pg_create_logical_replication_slot", "pg_copy_logical_replication_slot",
                "pg_copy_physical_replication_slot", "pg_replication_origin_session_setup":
                raise(.discard)
            case "pg_settings": if updates { raise(.session) }
            default: if name.hasPrefix("pg_temp_") { raise(.session) }
            }
        }

        private mutating func raise(_ effect: SessionEffect) {
            if effect > self.effect { self.effect = effect }
        }
    }
}
