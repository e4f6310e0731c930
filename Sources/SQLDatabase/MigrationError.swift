/// Why a schema could not be brought up to date.
public struct MigrationError: Error, Sendable, CustomStringConvertible {
    /// The kinds of trouble.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The list of migrations itself is wrong.
        case invalidList
        /// The database holds migrations that this program does not know.
        case newerSchema
        /// A migration's statements were changed after it had been applied.
        case changed
        /// A migration with a lower number than one already applied was added.
        case outOfOrder
        /// Another program has been migrating for too long.
        case lockTimeout
        /// A migration's statements failed; ``MigrationError/underlying`` says why.
        case failed
    }

    /// The kind of trouble.
    public let code: Code
    /// What happened and what to do about it.
    public let message: String
    /// What lies beneath.
    public let underlying: (any Error)?

    init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// One line for a log.
    public var description: String {
        "migration: \(message)" + (underlying.map { " (\($0))" } ?? "")
    }
}
