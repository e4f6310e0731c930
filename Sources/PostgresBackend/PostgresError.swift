import SQLDatabase

/// Why a connection could not be made, or a statement did not do what it was asked.
///
/// ```swift
/// do { try await connection.execute("INSERT INTO wards (name) VALUES (\(name))") }
/// catch let error as PostgresError where error.code == .uniqueViolation { … error.constraint … }
/// ```
///
/// ``message`` and ``description`` never hold a password, a parameter or a value of a row, except where a function or
/// constraint of the database's own raises a message that does. The server's own ``serverMessage`` and ``detail`` may
/// quote values (`Key (id)=(7) already exists.`) and are left out of ``description``.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public var code: Code { details.code }
    /// One line that says what happened and, where that is known, what to do.
    public var message: String { details.message }
    /// The server's own message. Messages about data quote the values that they are about: think before you log it.
    public var serverMessage: String? { details.serverMessage }
    /// The server's five-letter code, when the server spoke.
    public var sqlState: SQLState? { details.sqlState }
    /// The server's detail. May quote values of rows: think before you log it.
    public var detail: String? { details.detail }
    /// The server's hint.
    public var hint: String? { details.hint }
    /// The schema that the failure is about.
    public var schema: String? { details.schema }
    /// The table that the failure is about.
    public var table: String? { details.table }
    /// The column that the failure is about.
    public var column: String? { details.column }
    /// The constraint that the failure is about.
    public var constraint: String? { details.constraint }
    /// The position in the statement, in characters from 1.
    public var position: Int? { details.position }
    /// The error beneath this one.
    public var underlying: (any Error)? { details.underlying }
    /// What is known of the failed statement's effects, or of the transaction's where a commit failed.
    public internal(set) var outcome: Outcome
    /// The server's routine that reported the error: the same in every language.
    var routine: String? { details.routine }

    /// All that never changes. Behind a reference, so that an optional error costs a word where there is none.
    private let details: Details

    private final class Details: Sendable {
        let code: Code
        let message: String
        let serverMessage: String?
        let sqlState: SQLState?
        let detail: String?, hint: String?
        let schema: String?, table: String?, column: String?, constraint: String?
        let position: Int?
        let underlying: (any Error)?
        let routine: String?

        init(
            code: Code, message: String, serverMessage: String?, sqlState: SQLState?, detail: String?, hint: String?,
            schema: String?, table: String?, column: String?, constraint: String?, position: Int?,
            underlying: (any Error)?, routine: String?
        ) {
            self.code = code
            self.message = message
            self.serverMessage = serverMessage
            self.sqlState = sqlState
            self.detail = detail
            self.hint = hint
            self.schema = schema
            self.table = table
            self.column = column
            self.constraint = constraint
            self.position = position
            self.underlying = underlying
            self.routine = routine
        }
    }

    /// Why a statement was refused with the code ``Code/readOnly``.
    enum ReadOnlyReason {
        /// The transaction was asked to be read-only.
        case requested
        /// The server, or the session's default, is read-only: after a failover, for one.
        case server
        /// The transaction was opened by a statement of the user's own.
        case notKnown
    }

    var readOnlyReason = ReadOnlyReason.notKnown

    /// Whether a statement that had been prepared earlier did not run because the schema is another now, as far as can be
    /// told: prepared again it runs, or fails with an error that is about the statement.
    var isStale = false

    /// What is known of a statement's effects after an error.
    public enum Outcome: Sendable, Hashable {
        /// The statement changed nothing.
        case notApplied
        /// The statement took effect; only its result could not be read. Inside a transaction the effect is undone with it
        /// when the error leaves `withTransaction`.
        case applied
        /// The answer was lost: the statement may have taken effect.
        case unknown
    }

    init(
        _ code: Code, _ message: String, serverMessage: String? = nil, sqlState: SQLState? = nil, detail: String? = nil,
        hint: String? = nil,
        schema: String? = nil, table: String? = nil, column: String? = nil, constraint: String? = nil,
        position: Int? = nil, routine: String? = nil, outcome: Outcome? = nil,
        underlying: (any Error)? = nil
    ) {
        self.outcome = outcome ?? (sqlState == nil && code.leavesOutcomeOpen ? .unknown : .notApplied)
        details = Details(
            code: code, message: message, serverMessage: serverMessage, sqlState: sqlState, detail: detail, hint: hint,
            schema: schema, table: table, column: column, constraint: constraint, position: position,
            underlying: underlying, routine: routine)
    }

    /// The same error at another place of the text, or of another kind.
    func with(position: Int? = nil, code: Code? = nil) -> PostgresError {
        var error = PostgresError(
            code ?? self.code, message, serverMessage: serverMessage, sqlState: sqlState, detail: detail, hint: hint,
            schema: schema,
            table: table, column: column, constraint: constraint, position: position ?? self.position,
            routine: routine, outcome: outcome, underlying: underlying)
        error.readOnlyReason = readOnlyReason
        error.isStale = isStale
        return error
    }

    /// One line for a log.
    public var description: String {
        var text = "PostgreSQL: \(message)"
        if let sqlState { text += " [\(sqlState)]" }
        switch outcome {
        case .unknown where code != .commitUnknown: text += " (it is not known whether the statement took effect)"
        case .applied: text += " (the statement took effect)"
        case .unknown, .notApplied: break
        }
        if let hint {
            text += " (\(hint))"
        } else if isStaleStatement {
            text += " (it was prepared before the schema changed; run the transaction again)"
        }
        return text
    }

    /// The kinds of failure.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        // Before there is a connection.
        case invalidConfiguration, unreachable, connectTimeout, authenticationFailed, unknownDatabase, tlsFailed,
            serverTooOld, wrongServerRole, tooManyConnections, serverNotReady
        // Of a connection.
        case connectionLost, connectionClosed, cancelled, timeout, serverShutdown, protocolViolation,
            commitUnknown, busy, notSupported
        // Of a statement.
        case readOnly, serializationFailure, deadlock, lockNotAvailable, uniqueViolation, foreignKeyViolation,
            notNullViolation, checkViolation, exclusionViolation, syntax, undefinedObject, permissionDenied, dataError,
            transactionAborted, outOfResources, server
        // Of a value.
        case decoding

        /// Whether an error found by the client says nothing of the statement's effects by itself.
        var leavesOutcomeOpen: Bool {
            switch self {
            case .connectionLost, .protocolViolation, .commitUnknown, .timeout, .cancelled, .decoding: true
            default: false
            }
        }
    }

    /// Whether the connection is of no more use.
    public var closesConnection: Bool {
        switch code {
        case .connectionLost, .connectionClosed, .serverShutdown, .protocolViolation, .commitUnknown: true
        default: false
        }
    }

    /// Whether the same transaction, run again from its start, may succeed.
    public var isRetryable: Bool {
        code == .serializationFailure || code == .deadlock || isStaleStatement || isPreparedAlready || isStale
    }

    /// Whether the server no longer knows a statement as it was prepared: the schema changed, or the session's statements
    /// were discarded. The message depends on the server's language, the name of its routine does not.
    var isStaleStatement: Bool {
        sqlState == "26000" || sqlState == "0A000" && routine == "RevalidateCachedQuery"
    }

    /// Whether a name is another prepared statement's already: behind a pooler, that of another client.
    var isPreparedAlready: Bool { sqlState == "42P05" }

    /// Whether it may be about what the statement meant when it was prepared: of the classes "access rule violation or
    /// syntax error" and "internal error", which a type has that is gone.
    var mayBeOfTheSchema: Bool { sqlState?.category == "42" || sqlState == "XX000" }

    /// Whether the server says that it canceled the statement.
    var isCancellation: Bool { sqlState == "57014" }

    /// COMMIT was answered by ROLLBACK.
    static let rolledBackInstead = PostgresError(
        .transactionAborted, "a statement failed, so the transaction was rolled back instead of committed")

    static func nulInText(_ what: String) -> PostgresError {
        PostgresError(.dataError, "\(what) contains a NUL character, at which the server would cut it off: remove it")
    }
}

extension PostgresError: SQLClassifiedError {
    package var errorType: String { code.rawValue }
    package var statusCode: String? { sqlState?.rawValue }
}

/// The server's code of an error or notice: two letters of a class and three of the condition.
public struct SQLState: RawRepresentable, Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The five letters.
    public let rawValue: String
    /// A code by its letters.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// A code by its letters.
    public init(stringLiteral value: String) { rawValue = value }
    /// The first two letters.
    public var category: Substring { rawValue.prefix(2) }
    /// The five letters.
    public var description: String { rawValue }

    var code: PostgresError.Code {
        switch rawValue {
        // Of a statement: other numbers of parameters than it has. When the session ends over it, it is lost.
        case "08P01": return .dataError
        case "23505": return .uniqueViolation
        case "23503": return .foreignKeyViolation
        case "23502": return .notNullViolation
        case "23514": return .checkViolation
        case "23P01": return .exclusionViolation
        case "25006": return .readOnly
        case "25P02": return .transactionAborted
        case "40001": return .serializationFailure
        case "40P01": return .deadlock
        case "55P03": return .lockNotAvailable
        case "57014": return .cancelled
        case "57P01", "57P02": return .serverShutdown
        case "57P03": return .serverNotReady
        case "57P05", "25P03": return .serverShutdown
        case "53300": return .tooManyConnections
        case "3D000": return .unknownDatabase
        case "42501": return .permissionDenied
        case "42601": return .syntax
        // Of the session's state: the statement's text is right.
        case "42P05": return .server
        case "42P01", "42703", "42883", "42704", "3F000", "42P02": return .undefinedObject
        default: break
        }
        switch category {
        case "08": return .connectionLost
        case "22": return .dataError
        case "28": return .authenticationFailed
        case "42": return .syntax
        case "53", "54": return .outOfResources
        default: return .server
        }
    }
}
