/// Why a schema could not be brought up to date.
public struct MigrationError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The kind's name.
        public let rawValue: String

        /// Creates a code from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The list of migrations or a setting of the migrator is invalid.
        public static let invalidList = Code(rawValue: "invalidList")
        /// The database contains migrations that this program does not know.
        public static let newerSchema = Code(rawValue: "newerSchema")
        /// A migration was changed after it had been applied.
        public static let changed = Code(rawValue: "changed")
        /// A migration with a lower number than one already applied was added.
        public static let outOfOrder = Code(rawValue: "outOfOrder")
        /// Another program has been migrating for too long.
        public static let lockTimeout = Code(rawValue: "lockTimeout")
        /// A statement waited too long for a lock, in every attempt.
        public static let lockNotAvailable = Code(rawValue: "lockNotAvailable")
        /// The migration failed; ``MigrationError/underlying`` is the cause.
        public static let failed = Code(rawValue: "failed")
        /// The migration would leave rows that refer to no row.
        public static let foreignKeyViolation = Code(rawValue: "foreignKeyViolation")
        /// A migration without a transaction was interrupted, and the effect of its last statement has to be decided.
        public static let unfinished = Code(rawValue: "unfinished")
        /// The answer to `COMMIT` was lost and the database could not be asked again. The next run finds out.
        public static let outcomeUnknown = Code(rawValue: "outcomeUnknown")
        /// The role may not read, write or create the tables of the migrator.
        public static let permissionDenied = Code(rawValue: "permissionDenied")
        /// No schema exists that could hold the table of applied migrations.
        public static let noSchema = Code(rawValue: "noSchema")
    }

    /// The kind of failure.
    public let code: Code
    /// What happened and what to do about it. Contains no parameter and no literal of a statement; what the engine says
    /// is in ``underlying``.
    public let message: String
    /// The number of the migration that the error is about.
    public let migrationID: Int?
    /// The statement that failed, counted from 1.
    public let statement: Int?
    /// The line of the migration's text on which the statement failed, counted from 1.
    public let line: Int?
    /// The engine's own code of the failure: PostgreSQL's SQLSTATE or SQLite's extended result code.
    public let engineCode: String?
    /// The error that caused this one.
    public let underlying: (any Error)?
    /// Whether nothing of the failed attempt can have been kept, so that the migration may run again at once.
    let mayRunAgain: Bool

    init(
        _ code: Code, _ message: String, migration: Int? = nil, statement: Int? = nil, line: Int? = nil,
        underlying: (any Error)? = nil, mayRunAgain: Bool = true
    ) {
        self.mayRunAgain = mayRunAgain
        self.code = code
        self.message = message
        self.underlying = underlying
        self.statement = statement
        self.line = line
        migrationID = migration
        engineCode = (underlying as? any SQLClassifiedError)?.statusCode
    }

    /// One line for a log.
    public var description: String {
        "migration: \(message)" + (underlying.map { " (\($0))" } ?? "")
    }
}
