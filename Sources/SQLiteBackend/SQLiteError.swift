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

    /// The error of a statement on a connection that is being closed.
    static var closing: SQLiteError {
        SQLiteError(.connectionClosed, "the database was shut down, and with it the connection and its statement")
    }

    /// The error with the position of the list of parameters whose run failed.
    /// - Parameter keepsOthers: Whether the runs before it are kept.
    func ofList(_ index: Int, keepsOthers: Bool) -> SQLiteError {
        let others = index == 0 ? "" : keepsOthers ? ", and those before it are kept" : ", and those before it have run"
        return SQLiteError(
            code, "\(message); it was the list of parameters at index \(index)\(others)", resultCode: resultCode,
            constraint: constraint, underlying: underlying)
    }

    /// The error with the place of a script's statement that failed.
    func ofStatement(onLine line: Int) -> SQLiteError {
        SQLiteError(
            code, "\(message); it was the statement on line \(line) of the script", resultCode: resultCode,
            constraint: constraint, underlying: underlying)
    }

    /// The error of a call that comes after the database was shut down.
    static var closed: SQLiteError {
        SQLiteError(.connectionClosed, "the database was shut down; make a new SQLiteDatabase to use the file again")
    }

    /// One line for a log.
    public var description: String {
        var text = "SQLite: \(message)"
        if resultCode != 0 { text += " [\(resultCode)]" }
        if let underlying { text += " (\(underlying))" }
        return text
    }

    /// The kind of a failure.
    ///
    /// A later version may add kinds, so a `switch` needs a `default`.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The name, as in the source.
        public let rawValue: String
        /// Creates a kind by its name.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// The name.
        public var description: String { rawValue }
        private init(_ name: String) { rawValue = name }

        /// A setting is out of its range.
        public static let invalidConfiguration = Code("invalidConfiguration")
        /// The file cannot be opened.
        public static let cannotOpen = Code("cannotOpen")
        /// The file's owner and mode refuse it.
        public static let permissionDenied = Code("permissionDenied")
        /// The file is no SQLite database, or is encrypted.
        public static let notADatabase = Code("notADatabase")
        /// The file is damaged.
        public static let corrupt = Code("corrupt")
        /// The disk, a quota or `max_page_count` leaves no space.
        public static let diskFull = Code("diskFull")
        /// The disk fails, or the file went away.
        public static let ioError = Code("ioError")
        /// The file or its log was removed or replaced while it was open, or a link in its path leads elsewhere.
        public static let fileReplaced = Code("fileReplaced")
        /// The file or the connection cannot be written.
        public static let readOnly = Code("readOnly")
        /// The connection was closed.
        public static let connectionClosed = Code("connectionClosed")
        /// Another process or connection held the lock for too long.
        public static let locked = Code("locked")
        /// A transaction, cursor or session of another task kept the connection for too long.
        public static let connectionInUse = Code("connectionInUse")
        /// The statement ran past its deadline.
        public static let timeout = Code("timeout")
        /// The statement was interrupted from outside.
        public static let interrupted = Code("interrupted")
        /// SQLite rolled the transaction back, and a further statement or the closure's return came all the same.
        public static let transactionAborted = Code("transactionAborted")
        /// The disk failed during COMMIT; whether the transaction is kept is unknown.
        public static let commitUnknown = Code("commitUnknown")
        /// Two rows would have equal keys.
        public static let uniqueViolation = Code("uniqueViolation")
        /// A row would refer to nothing.
        public static let foreignKeyViolation = Code("foreignKeyViolation")
        /// A column that needs a value would have none.
        public static let notNullViolation = Code("notNullViolation")
        /// A CHECK constraint does not hold.
        public static let checkViolation = Code("checkViolation")
        /// Another constraint, or a trigger's RAISE.
        public static let constraintViolation = Code("constraintViolation")
        /// The statement cannot be parsed.
        public static let syntax = Code("syntax")
        /// A table, column, function or the like does not exist.
        public static let undefinedObject = Code("undefinedObject")
        /// A function of the program's own threw.
        public static let functionFailed = Code("functionFailed")
        /// A text, a number of bytes or a statement is too long.
        public static let tooBig = Code("tooBig")
        /// There is no memory left.
        public static let outOfMemory = Code("outOfMemory")
        /// A value has no form that SQLite, or Swift, keeps exactly.
        public static let typeMismatch = Code("typeMismatch")
        /// A call that cannot be right, such as a wrong number of parameters.
        public static let misuse = Code("misuse")
        /// Anything else.
        public static let other = Code("other")
    }

    /// Whether the connection cannot be used any more.
    public var closesConnection: Bool {
        switch code {
        case .connectionClosed, .corrupt, .notADatabase, .ioError, .fileReplaced, .commitUnknown: true
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
