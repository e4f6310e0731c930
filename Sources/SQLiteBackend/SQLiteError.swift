import SQLDatabase

/// Why a database file could not be opened, or a statement did not do what it was asked.
///
/// ```swift
/// do { try await connection.execute("INSERT INTO wards (name) VALUES (\(name))") }
/// catch let error as SQLiteError where error.code == .uniqueViolation { … error.constraint … }
/// ```
///
/// Never holds a parameter's value.
public struct SQLiteError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public let code: Code
    /// What happened and what to do about it.
    public let message: String
    /// SQLite's extended result code, such as 2067; 0 when SQLite was not asked.
    public let resultCode: Int32
    /// What a violated constraint is about, as SQLite says it: `wards.name`.
    public let constraint: String?
    /// What lies beneath.
    public let underlying: (any Error)?

    init(
        _ code: Code, _ message: String, resultCode: Int32 = 0, constraint: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.resultCode = resultCode
        self.constraint = constraint
        self.underlying = underlying
    }

    /// One line for a log.
    public var description: String {
        var text = "SQLite: \(message)"
        if resultCode != 0 { text += " [\(resultCode)]" }
        if let underlying { text += " (\(underlying))" }
        return text
    }

    /// The kinds of failure.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        // Of the file.
        case invalidConfiguration, cannotOpen, permissionDenied, notADatabase, corrupt, diskFull, ioError, readOnly,
            connectionClosed
        // Of a statement or transaction.
        case locked, timeout, interrupted, transactionAborted, uniqueViolation, foreignKeyViolation,
            notNullViolation, checkViolation, constraintViolation, syntax, undefinedObject, tooBig, outOfMemory,
            typeMismatch, misuse, other
    }

    /// Whether the connection is of no more use.
    public var closesConnection: Bool {
        switch code {
        case .connectionClosed, .corrupt, .notADatabase, .ioError: true
        default: false
        }
    }

    /// Whether the same transaction, run again from its start, may succeed.
    public var isRetryable: Bool { code == .locked }
}

extension SQLiteError: SQLClassifiedError {
    package var errorType: String { code.rawValue }
    package var statusCode: String? { resultCode == 0 ? nil : String(resultCode) }
}
